"""Doing a lab in this process: its trainings one after the other, its claims, its pictures, its
report.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

from autoencoder.config.datasets import TEST_IMAGES
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.errors import LabError
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.labs import report as reports
from autoencoder.labs.claims import Claim
from autoencoder.labs.lab import Lab, Plan, Scale, planned
from autoencoder.labs.report import Report, Used
from autoencoder.runs import Run
from autoencoder.system import training_threads
from autoencoder.training.progress import Progress

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained

Say = Callable[[str, float], object]
TRAINED = 0.8  # share of the work that the trainings are
PRECISION = "float32"  # and the same threads for all, so that their seconds can be compared


def run_lab(
    queue: Queue, lab: Lab, scale: Scale, say: Say, stopping: Callable[[], bool] = lambda: False
) -> Report | None:
    """Train what is not there yet, measure, and write the report; None if it was stopped.

    Args:
        queue: Where runs are kept; one that is finished there is used as it is.
        lab: Which one.
        scale: How large.
        say: Hears before each step what comes next, and the share of the work that is done, from 0
            to 1.
        stopping: Whether it should stop, asked at every step of a training.

    Raises:
        LabError: A training failed, or the report cannot be written.
        AutoencoderError: As the queue, the data sets and the measuring.
    """
    began, plan = perf_counter(), lab.plan(scale)
    todo, runs = planned(plan), {}
    for index, (role, config) in enumerate(todo):
        words = f"training {index + 1} of {len(todo)}: {role}, seed {config.seed}"
        found = _trained(
            queue, config, _Telling(say, words, index / len(todo), 1 / len(todo)), stopping
        )
        if found is None:
            return None
        runs[config.key] = found
    from autoencoder.labs.trained import Trained

    def reading(words: str) -> None:
        say(words, TRAINED)

    data = loading.load(todo[0][1], queue.settings.data, reading)
    test = loading.Split(data.test.images[:TEST_IMAGES], data.test.labels[:TEST_IMAGES])
    trained = Trained(
        scale,
        {role: [runs[config.key] for config in configs] for role, configs in plan.items()},
        replace(data, test=test),
    )
    report = _measured(lab, trained, say)
    report = replace(report, runs=_used(plan, runs), seconds=perf_counter() - began)
    say("writing the report", 1.0)
    reports.write(queue.settings.models, lab.report_name(scale), report)
    return report


class _Telling:
    """Tells the progress of one training as a part of the whole lab's."""

    def __init__(self, say: Say, words: str, start: float, part: float) -> None:
        self.say, self.words, self.start, self.part = say, words, start, part

    def __call__(self, done: float) -> None:
        self.say(self.words, TRAINED * (self.start + self.part * done))


def _trained(
    queue: Queue, config: RunConfig, tell: Callable[[float], object], stopping: Callable[[], bool]
) -> Run | None:
    """The finished run of `config`, trained now if it is not there; None if it was stopped."""
    tell(0.0)
    queue.store.claim(config, "stopped")
    run = queue.store.get(config.key)
    if run.state == "finished":
        return run

    def watch(progress: Progress) -> None:
        tell(progress.done)
        if stopping():
            queue.stop(config.key)

    run = train_run(
        queue,
        config.key,
        threads=training_threads(),
        precision=PRECISION,
        say=lambda words: None,
        on_progress=watch,
    )
    if run.state == "stopped" or stopping():
        return None
    if run.state != "finished":
        raise LabError(f"the training {config.key} {run.state}: {run.record.error}")
    return run


def _measured(lab: Lab, trained: "Trained", say: Say) -> Report:
    """The report but for its runs and seconds."""
    claims: list[Claim] = []
    steps = len(lab.claims) + len(lab.pictures)
    for index, measure in enumerate(lab.claims):
        say(
            f"measuring: {measure.__name__.replace('_', ' ')}",
            TRAINED + (1 - TRAINED) * index / steps,
        )
        found = measure(trained)
        claims += found if isinstance(found, list) else [found]
    pictures = []
    for index, draw in enumerate(lab.pictures, start=len(lab.claims)):
        say("drawing", TRAINED + (1 - TRAINED) * index / steps)
        pictures += list(draw(trained))
    scale, data = trained.scale, trained.data
    return Report(
        lab.name,
        lab.title,
        lab.question,
        scale.dataset,
        scale.quick,
        len(data.train),
        len(data.test),
        list(scale.seeds),
        0.0,
        [],
        claims,
        pictures,
    )


def _used(plan: Plan, runs: dict[str, Run]) -> list[Used]:
    found = []
    for role, configs in plan.items():
        for config in configs:
            history = runs[config.key].history
            seconds = history[-1].seconds if history else 0.0
            found.append(Used(role, config.key, config.seed, len(history), seconds))
    return found
