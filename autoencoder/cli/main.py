"""The command line: everything the pages can do to runs, one subcommand each."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from autoencoder.cli import datasets, exports
from autoencoder.cli.arguments import parser
from autoencoder.cli.console import Report, evaluation_lines, summary
from autoencoder.config import presets
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import OPTIONS, RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data.added import dataset_options
from autoencoder.errors import AutoencoderError, ConfigError, CorruptRunError
from autoencoder.jobs import CLUSTERING, MIXTURE, Queue, torchrun
from autoencoder.jobs.failures import explain, is_disk_full, is_expected
from autoencoder.jobs.neighbour_graph import needs_graph
from autoencoder.jobs.teacher import require_teacher
from autoencoder.progress import ProgressCallback, ignore, print_words
from autoencoder.runs import DamagedRun, Run, Task, TaskState
from autoencoder.runs.labels import read_label

FAILED, REFUSED, STOPPED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 failed, 2 refused, 130 stopped on
    request.
    """
    arguments = parser(COMMANDS).parse_args(argv)
    try:
        queue = Queue(Settings.from_environment(arguments.models, arguments.data))
        status: int = arguments.command(queue, arguments)
    except KeyboardInterrupt:
        return STOPPED
    except Exception as error:
        if not is_expected(error):
            raise
        print(f"autoencoder: {explain(error)}", file=sys.stderr)
        is_refusal = isinstance(error, AutoencoderError) and not is_disk_full(error)
        return REFUSED if is_refusal else FAILED
    return status


def train(queue: Queue, arguments: argparse.Namespace) -> int:
    """Train a new run or go on with one, here and now; the last line printed is its key."""
    if arguments.precompute is not None:
        queue = Queue(replace(queue.settings, precompute=arguments.precompute))
    return train_one(queue, arguments, _claimed(queue, arguments))


def train_one(queue: Queue, arguments: argparse.Namespace, key: str) -> int:
    """Train one run that has been claimed, and print its key."""
    worker, run = torchrun.this_worker(), queue.store.get(key)
    if run.state != "finished" and not worker.is_torchruns:
        processes = torchrun.processes_of(run, arguments.processes)
        if processes > 1:
            return _train_with_torchrun(queue, arguments, run, processes)
    if run.state != "finished":
        run = _train_here(queue, arguments, key, tells=worker.rank == 0)
    if worker.rank:
        return 0  # the first of several processes tells how it ended
    _print(key)
    return _status_of(run)


def _train_here(queue: Queue, arguments: argparse.Namespace, key: str, *, tells: bool) -> Run:
    """Train in this process; `tells` says whether to print how that ended."""
    from autoencoder.jobs.training import train_run

    with Report(sys.stderr) as report:
        run = train_run(
            queue,
            key,
            threads=arguments.threads,
            precision=arguments.precision,
            device=arguments.device,
            notify=print_words,
            on_progress=report.show,
        )
    if tells and run.state == "finished":
        _print(summary(run, report))
    elif tells:
        _complain(run)
    return run


def _complain(run: Run) -> None:
    reason = run.record.error or f"continue it with train --run {run.key}"
    print(f"autoencoder: {run.key} {run.state}: {reason}", file=sys.stderr)


def _status_of(run: Run) -> int:
    return {"finished": 0, "stopped": STOPPED}.get(run.state, FAILED)


def _train_with_torchrun(
    queue: Queue, arguments: argparse.Namespace, run: Run, processes: int
) -> int:
    """The same on several processes, of which the first does the printing."""
    device = arguments.device or run.record.device
    torchrun.require_processes(processes, run.config, device)
    settings = queue.settings
    options = {
        "run": run.key,
        "models": settings.models,
        "data": settings.data,
        "threads": arguments.threads,
        "precision": arguments.precision,
        "device": arguments.device,
    }
    argv = [f"--{name}={value}" for name, value in options.items() if value]
    argv.append("--precompute" if settings.precompute else "--no-precompute")
    torchrun.become_torchrun(["train", *argv], processes)
    run = queue.store.get(run.key)
    if run.state == "interrupted":  # by what left the first process no time to say so
        _complain(run)
    return _status_of(run)


def _claimed(queue: Queue, arguments: argparse.Namespace) -> str:
    """The key of the run to train: the one named, or that of the options, made if there is none
    yet.
    """
    if arguments.run is not None:
        if _given(arguments) or arguments.preset:
            raise ConfigError(
                "--run continues a run that already has its options: give no other options"
            )
        return queue.store.get(arguments.run).key
    config = RunConfig(**_options(queue, arguments))
    torchrun.require_processes(arguments.processes or 1, config, arguments.device)
    require_teacher(queue.settings, config)
    queue.store.claim(config, "stopped")
    return config.key


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in OPTIONS if hasattr(arguments, name)}


def _options(queue: Queue, arguments: argparse.Namespace) -> dict[str, Any]:
    """Arguments of RunConfig: the options that were given, over those of the preset, if one was."""
    given = _given(arguments)
    given |= dataset_options(given.get("dataset", RunConfig().dataset), queue.settings.data)
    return presets.preset_values(arguments.preset, **given) if arguments.preset else given


def sweep(queue: Queue, arguments: argparse.Namespace) -> int:
    """Train the same run with several bottlenecks (and seeds), one after the other; prints the
    keys.
    """
    from autoencoder.jobs import sweeps

    options: dict[str, Any] = {
        "latent_dim": arguments.latent_dims[0] if arguments.latent_dims else 1
    } | _options(queue, arguments)
    configs = sweeps.plan(RunConfig(**options), arguments.latent_dims, arguments.seeds)
    name = arguments.name or sweeps.name_of(configs)
    print(f"sweep {name}: {len(configs)} runs", file=sys.stderr)
    worst = 0
    for config in configs:
        require_teacher(queue.settings, config)
    for config in configs:
        created = queue.store.claim(config, "stopped")
        queue.store.join(config.key, sweeps.membership(config, "sweep", name, created))
        status = train_one(queue, arguments, config.key)
        if status == STOPPED:
            return STOPPED
        worst = max(worst, status)
    return worst


def calibrate(queue: Queue, arguments: argparse.Namespace) -> int:
    """How long a training with these options takes on this machine, by trial; kept for the next
    time.
    """
    config = RunConfig(**_options(queue, arguments))
    record = _run(queue, queue.timings.ask(config))
    if (timing := queue.timings.get(config)) is None:
        return _report_end("calibration", record)
    how = f"{timing.threads} thread(s), {timing.precision}, {timing.layout}"
    graph = needs_graph(config, queue.settings.data)
    seconds, margin = timing.predict(config, graph), timing.margin(config, graph)
    _print(f"about {seconds:.0f} s ± {margin:.0f} s; {how}")
    return 0


def project(queue: Queue, arguments: argparse.Namespace) -> int:
    """Lay a run's test latents, or the images themselves, out by UMAP or t-SNE."""
    names = [field.name for field in fields(ProjectionSettings)]
    settings = ProjectionSettings(**{name: getattr(arguments, name) for name in names})
    status = _run_task(queue, arguments.key, settings.name)
    projection = queue.store.get(arguments.key).projection(settings) if status == 0 else None
    if projection is not None and projection.trustworthiness is not None:
        print(
            f"trustworthiness {projection.trustworthiness:.3f},"
            f" continuity {projection.continuity:.3f}",
            file=sys.stderr,
        )
    return status


def mixture(queue: Queue, arguments: argparse.Namespace) -> int:
    """Fit a Gaussian mixture to a run's training latents, to draw samples from."""
    return _run_task(queue, arguments.key, MIXTURE)


def job(queue: Queue, arguments: argparse.Namespace) -> int:
    """Do a job of the queue here and now, by its run's key and its name, such as "mixture"."""
    return _run_task(queue, arguments.key, arguments.name)


def _run_task(queue: Queue, place: str, name: str) -> int:
    """Do a job here and now, saying what it does; returns the exit status."""
    return _report_end(name, _run(queue, queue.task(place, name), print_words))


def _run(queue: Queue, task: Task, notify: ProgressCallback = ignore) -> TaskState:
    from autoencoder.jobs.runner import run_job

    return run_job(queue, task, notify)


def _report_end(name: str, record: TaskState) -> int:
    """The exit status of a job that has ended; prints its name last, or why there is no result."""
    if record.state == "finished":
        _print(name)
        return 0
    print(f"autoencoder: {name} {record.state}: {record.error}".rstrip(": "), file=sys.stderr)
    return STOPPED if record.state == "stopped" else FAILED


def evaluate(queue: Queue, arguments: argparse.Namespace) -> int:
    """How well a finished run reconstructs, and how its classes cluster, beside pixels and PCA;
    measured once and kept.
    """
    from autoencoder.jobs import clustering, evaluation

    run = queue.store.get(arguments.key)
    clustering.require_finished(run)
    if note := clustering.too_few(len(run.evaluation().labels)):
        print(f"autoencoder: {note}", file=sys.stderr)
        record = None
    else:
        record = _run(queue, queue.task(run.key, CLUSTERING), _print_fraction)
    if record and record.state == "finished" and arguments.full:
        evaluation.add_neighbour_errors(run, queue.settings.data, _print_fraction)
    table = evaluation.summed_up(run, full=arguments.full)
    for line in [json.dumps(table)] if arguments.json else evaluation_lines(run.config, table):
        _print(line)
    return _report_end(CLUSTERING, record) if record and record.state != "finished" else 0


def lab(queue: Queue, arguments: argparse.Namespace) -> int:
    """Do a lab: train what it needs, measure its claims, write its report; what does not hold is no
    failure.
    """
    from autoencoder import labs
    from autoencoder.labs.job import do

    if arguments.name not in labs.LABS:
        raise ConfigError(f"lab must be one of {', '.join(labs.LABS)}; got {arguments.name[:40]}")
    chosen, scale = (
        labs.LABS[arguments.name],
        labs.Scale(
            **dataset_options(arguments.dataset, queue.settings.data),
            quick=arguments.quick,
            epochs=arguments.epochs,
        ),
    )
    ended = do(queue, chosen, scale, _print_fraction)
    report = (
        labs.read(queue.settings.models, chosen.report_name(scale))
        if ended.state == "finished"
        else None
    )
    if report is None:
        return _report_end(arguments.name, ended)
    for claim in report.claims:
        _print(f"{claim.verdict}: {claim.statement}\n  {claim.measured}")
    _print(chosen.report_name(scale))
    return 0


def label(queue: Queue, arguments: argparse.Namespace) -> int:
    """Say what a run is: its title, a note, and whether it is pinned before the others; without an
    option, print what is said of it.
    """
    said = queue.store.label(arguments.key)
    changes = {name: getattr(arguments, name) for name in ("title", "note", "pinned")}
    if any(value is not None for value in changes.values()):
        said = queue.store.relabel(arguments.key, **changes)
    _print(f"title   {said.title}".rstrip())
    _print(f"note    {said.note}".rstrip())
    _print(f"pinned  {'yes' if said.pinned else 'no'}")
    return 0


def runs(queue: Queue, arguments: argparse.Namespace) -> int:
    """The runs there are, newest first."""
    rows = [_row(entry) for entry in queue.store.entries(most=100_000)]
    if arguments.json:
        _print(json.dumps(rows))
    for row in () if arguments.json else rows:
        mse = row.get("metrics", {}).get("mse", {}).get("run")
        _print(
            f"{row['key']:44} {row['state']:12}"
            + (f" test MSE {mse:.4g}" if mse is not None else "")
            + (f"  {row['title']}" if row.get("title") else "")
        )
    return 0


def _row(entry: Run | DamagedRun) -> dict[str, Any]:
    if isinstance(entry, DamagedRun):
        return {"key": entry.key, "state": "damaged", "problem": entry.problem}
    row = {"key": entry.key, "state": entry.state, "config": entry.config.to_dict()}
    row |= vars(read_label(entry.folder))
    try:
        return {**row, "metrics": entry.metrics}
    except CorruptRunError as error:
        return {**row, "metrics": {}, "problem": str(error)}


def _print(words: str) -> None:
    print(words, flush=True)


def _print_fraction(words: str, fraction: float | None = None) -> None:
    print(f"{fraction or 0.0:4.0%} {words}", file=sys.stderr, flush=True)


COMMANDS = {
    "train": train,
    "sweep": sweep,
    "calibrate": calibrate,
    "project": project,
    "mixture": mixture,
    "evaluate": evaluate,
    "lab": lab,
    "job": job,
    "label": label,
    "runs": runs,
    "export": exports.take_away,
    "import": exports.bring_back,
    "data add": datasets.add,
    "data list": datasets.list_all,
    "data show": datasets.show,
    "data remove": datasets.remove,
}
