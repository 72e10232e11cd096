"""The command line: everything the pages can do to runs, one subcommand each."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from time import perf_counter
from typing import Any

from autoencoder.cli.arguments import parser
from autoencoder.cli.console import Report, evaluation_lines, summary
from autoencoder.config import presets
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError, ConfigError, CorruptRunError
from autoencoder.jobs import CLUSTERING, MIXTURE, Queue
from autoencoder.runs import DamagedRun, Run, Task

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
    except AutoencoderError as error:
        print(f"autoencoder: {error}", file=sys.stderr)
        return REFUSED
    return status


def train(queue: Queue, arguments: argparse.Namespace) -> int:
    """Train a new run or go on with one, here and now; the last line printed is its key."""
    return train_one(queue, arguments, _claimed(queue, arguments))


def train_one(queue: Queue, arguments: argparse.Namespace, key: str) -> int:
    """Train one run that has been claimed, and print its key."""
    run = queue.store.get(key)
    if run.state != "finished":
        from autoencoder.jobs.training import train_run

        with Report(sys.stderr) as report:
            run = train_run(
                queue,
                key,
                threads=arguments.threads,
                precision=arguments.precision,
                device=arguments.device,
                say=_print,
                on_progress=report.show,
            )
        if run.state == "finished":
            _print(summary(run, report))
        else:
            print(
                f"autoencoder: {key} {run.state}:"
                f" {run.record.error or f'go on with train --run {key}'}",
                file=sys.stderr,
            )
    _print(key)
    return {"finished": 0, "stopped": STOPPED}.get(run.state, FAILED)


def _claimed(queue: Queue, arguments: argparse.Namespace) -> str:
    """The key of the run to train: the one named, or that of the options, made if there is none
    yet.
    """
    if arguments.run is not None:
        if _given(arguments) or arguments.preset:
            raise ConfigError(
                "--run names a run that has its options already: leave the others out"
            )
        return queue.store.get(arguments.run).key
    config = RunConfig(**_options(arguments))
    queue.store.claim(config, "stopped")
    return config.key


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        f.name: getattr(arguments, f.name) for f in fields(RunConfig) if hasattr(arguments, f.name)
    }


def _options(arguments: argparse.Namespace) -> dict[str, Any]:
    """The options of a run that were given, over those of the preset, if one was."""
    given = _given(arguments)
    if arguments.preset:
        return presets.preset_values(arguments.preset, **{"dataset": RunConfig().dataset, **given})
    return given


def sweep(queue: Queue, arguments: argparse.Namespace) -> int:
    """Train the same run with several bottlenecks (and seeds), one after the other; prints the
    keys.
    """
    from autoencoder.jobs import sweeps

    options: dict[str, Any] = {
        "latent_dim": arguments.latent_dims[0] if arguments.latent_dims else 1
    } | _options(arguments)
    configs = sweeps.plan(RunConfig(**options), arguments.latent_dims, arguments.seeds)
    kept = sweeps.keep(queue.settings.models, arguments.name or sweeps.name_of(configs), configs)
    print(f"sweep {kept.name}: {len(configs)} runs", file=sys.stderr)
    worst = 0
    for config in configs:
        queue.store.claim(config, "stopped")
        status = train_one(queue, arguments, config.key)
        if status == STOPPED:
            return STOPPED
        worst = max(worst, status)
    return worst


def calibrate(queue: Queue, arguments: argparse.Namespace) -> int:
    """How long a training with these options takes on this machine, by trial; kept for the next
    time.
    """
    began = perf_counter()
    from autoencoder.jobs.calibration import calibrate_for

    config = RunConfig(**_options(arguments))
    timing = calibrate_for(queue, config, began)
    how = f"{timing.threads} thread(s), {timing.precision}, {timing.layout}"
    _print(
        f"about {timing.predict(config):.0f} s, give or take {timing.margin(config):.0f} s; {how}"
    )
    return 0


def project(queue: Queue, arguments: argparse.Namespace) -> int:
    """Lay a run's test codes, or the images themselves, out by UMAP or t-SNE."""
    from autoencoder.jobs.projection import project_run

    names = [field.name for field in fields(ProjectionSettings)]
    settings = ProjectionSettings(**{name: getattr(arguments, name) for name in names})
    state = project_run(queue, arguments.key, settings, _print)
    status = _said(queue, arguments.key, settings.name, state)
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
    from autoencoder.jobs.mixture import fit_run

    return _said(queue, arguments.key, MIXTURE, fit_run(queue, arguments.key, _print))


def _said(queue: Queue, key: str, name: str, state: str) -> int:
    """The exit status of a side task that ended in `state`; prints its name last, or why there is
    no result.
    """
    if state == "finished":
        _print(name)
        return 0
    error = Task(queue.store.get(key).folder, name).read().error
    print(f"autoencoder: {name} {state}: {error}", file=sys.stderr)
    return STOPPED if state == "stopped" else FAILED


def evaluate(queue: Queue, arguments: argparse.Namespace) -> int:
    """How well a finished run reconstructs, and how its classes cluster, beside pixels and PCA;
    measured once and kept.
    """
    from autoencoder.jobs import clustering, evaluation

    key, state = arguments.key, "finished"
    run = queue.store.get(key)
    clustering.require_finished(run)
    if not run.has_clustering():
        state = clustering.cluster_run(queue, key, _step)
    if state == "finished" and arguments.full:
        evaluation.add_neighbour_errors(run, queue.settings.data, _step)
    table = evaluation.summed_up(run, full=arguments.full)
    for line in [json.dumps(table)] if arguments.json else evaluation_lines(run.config, table):
        _print(line)
    return 0 if state == "finished" else _said(queue, key, CLUSTERING, state)


def _step(words: str, share: float) -> None:
    print(f"{share:4.0%} {words}", file=sys.stderr, flush=True)


def lab(queue: Queue, arguments: argparse.Namespace) -> int:
    """Do a lab: train what it needs, measure its claims, write its report; what does not hold is no
    failure.
    """
    from autoencoder import labs
    from autoencoder.labs import job

    if arguments.name not in labs.LABS:
        raise ConfigError(f"lab must be one of {', '.join(labs.LABS)}; got {arguments.name[:40]}")
    chosen, scale = (
        labs.LABS[arguments.name],
        labs.Scale(arguments.dataset, arguments.quick, arguments.epochs),
    )
    ended = job.do(queue, chosen, scale, _step)
    report = (
        labs.read(queue.settings.models, chosen.report_name(scale))
        if ended.state == "finished"
        else None
    )
    if report is None:
        print(
            f"autoencoder: {arguments.name} {ended.state}: {ended.error}".rstrip(": "),
            file=sys.stderr,
        )
        return STOPPED if ended.state == "stopped" else FAILED
    for claim in report.claims:
        _print(f"{claim.verdict}: {claim.statement}\n  {claim.measured}")
    _print(chosen.report_name(scale))
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
        )
    return 0


def _row(entry: Run | DamagedRun) -> dict[str, Any]:
    if isinstance(entry, DamagedRun):
        return {"key": entry.key, "state": "damaged", "problem": entry.problem}
    row = {"key": entry.key, "state": entry.state, "config": entry.config.to_dict()}
    try:
        return {**row, "metrics": entry.metrics}
    except CorruptRunError as error:
        return {**row, "metrics": {}, "problem": str(error)}


def _print(words: str) -> None:
    print(words, flush=True)


COMMANDS = {
    "train": train,
    "sweep": sweep,
    "calibrate": calibrate,
    "project": project,
    "mixture": mixture,
    "evaluate": evaluate,
    "lab": lab,
    "runs": runs,
}
