"""Doing a lab in this process: its trainings one after the other, its claims, its pictures, its
report.
"""

import platform
from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import TYPE_CHECKING

from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Split
from autoencoder.errors import LabError
from autoencoder.jobs import Queue
from autoencoder.jobs.failures import reason
from autoencoder.jobs.training import train_run
from autoencoder.labs import report as reports
from autoencoder.labs.claims import Claim
from autoencoder.labs.lab import Lab, Plan, planned
from autoencoder.labs.report import Part, Report, Used
from autoencoder.labs.scale import Scale
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.progress import ProgressCallback, part_of
from autoencoder.runs import Membership, Run
from autoencoder.runs.state import timestamp
from autoencoder.system import cores, training_threads
from autoencoder.training.progress import Progress

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained

TRAINED = 0.8  # fraction of the work that the trainings are
PRECISION = "float32"  # and the same threads for all, so that their seconds can be compared


def run_lab(
    queue: Queue,
    lab: Lab,
    scale: Scale,
    notify: ProgressCallback,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Report | None:
    """Train what is not there yet, measure, and write the report; None if it was stopped.

    Args:
        queue: Where runs are kept; one that is finished there is used as it is.
        lab: Which one.
        scale: How large.
        notify: Hears before each step what comes next, and the fraction of the work that is done.
        is_stopping: Whether it should stop, asked at every step of a training.

    Raises:
        LabError: A training failed, or the report cannot be written.
        AutoencoderError: As the queue, the data sets and the measuring.
    """
    if scale.refusal:
        raise LabError(scale.refusal.rstrip("."))
    began, plan = perf_counter(), lab.plan(scale)
    to_train = planned(plan)
    runs: dict[str, Run] = {}
    for index, (role, config) in enumerate(to_train):
        words = f"training {index + 1} of {len(to_train)}: {role}, seed {config.seed}"
        start, end = (TRAINED * (index + each) / len(to_train) for each in (0, 1))
        created = queue.store.claim(config, "stopped")
        queue.store.join(config.key, Membership("lab", lab.report_name(scale), role, created))
        run = _trained(queue, config, words, part_of(notify, start, end), is_stopping)
        if run is None:
            return None
        runs[config.key] = run
    report = _measured(lab, _read(queue, scale, plan, runs, notify), notify)
    report = replace(report, runs=_used(plan, runs), seconds=perf_counter() - began)
    notify("writing the report", 1.0)
    reports.write(queue.settings.models, lab.report_name(scale), report)
    return report


def _read(
    queue: Queue, scale: Scale, plan: Plan, runs: dict[str, Run], notify: ProgressCallback
) -> "Trained":
    """What claims are measured on: the runs by role, and the images."""
    from autoencoder.labs.trained import Trained

    config = next(iter(runs.values())).config
    data = loading.load(config, queue.settings.data, part_of(notify, TRAINED, TRAINED))
    count = config.info.evaluated
    test = Split(data.test.images[:count], data.test.labels[:count])
    by_role = {role: [runs[config.key] for config in configs] for role, configs in plan.items()}
    return Trained(scale, by_role, replace(data, test=test))


def _trained(
    queue: Queue,
    config: RunConfig,
    words: str,
    notify: ProgressCallback,
    is_stopping: Callable[[], bool],
) -> Run | None:
    """The finished run of `config`, which has been claimed; None if it was stopped."""
    notify(words, 0.0)
    run = queue.store.get(config.key)
    if run.state == "finished":
        return run

    def watch(progress: Progress) -> None:
        notify(words, progress.done)
        if is_stopping():
            queue.stop(config.key)

    threads = training_threads()
    run = train_run(queue, config.key, threads=threads, precision=PRECISION, on_progress=watch)
    if run.state == "stopped" or is_stopping():
        return None
    if run.state != "finished":
        raise LabError(f"the training {config.key} {run.state}: {reason(run.record)}")
    return run


def _measured(lab: Lab, trained: "Trained", notify: ProgressCallback) -> Report:
    """The report but for its runs and seconds."""
    parts, steps = [], 2 * len(lab.sections)
    for index, section in enumerate(lab.sections):
        if section.needs_classes and (why := trained.scale.needs_classes):
            parts.append(Part(section.title, [Claim(section.title, None, why)], []))
            continue
        begun = TRAINED + (1 - TRAINED) * 2 * index / steps
        notify(f"measuring: {section.title}", begun)
        claims = section.measure(trained)
        notify(f"drawing: {section.title}", begun + (1 - TRAINED) / steps)
        parts.append(Part(section.title, claims, list(section.draw(trained))))
    scale, data = trained.scale, trained.data
    return Report(
        *(lab.name, lab.title, lab.question, scale.dataset, scale.quick),
        *(len(data.train), len(data.test), list(scale.seeds), 0.0),
        *(timestamp(), f"{platform.machine()}, {cores()} cores", [], parts),
    )


def _used(plan: Plan, runs: dict[str, Run]) -> list[Used]:
    return [_row(role, runs[config.key]) for role, configs in plan.items() for config in configs]


def _row(role: str, run: Run) -> Used:
    """What a report says of a run."""
    from autoencoder.labs.trained import convergence_of

    config, history = run.config, run.history
    units = sum(units_by_layer(blueprint_of(config)).values())
    dead = sum(run.metrics["dead_units"].values())
    gain = convergence_of(run).gain
    last = history[-1]
    return Used(
        *(role, run.key, config.seed, config.loss, len(history), last.seconds, dead, units),
        gain if isfinite(gain) else None,
    )
