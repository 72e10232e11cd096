"""How long a lab will take on this machine, before it is started: from the timings that the form of
a training uses too.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import RunBusyError
from autoencoder.jobs import Queue
from autoencoder.labs.lab import Lab, planned
from autoencoder.labs.scale import Scale
from autoencoder.labs.work import TRAINED
from autoencoder.runs import Task, TaskState
from autoencoder.training.timing import Timing, fingerprint


@dataclass(frozen=True)
class LabEstimate:
    """What a lab has to do, and how long that takes.

    Attributes:
        seconds: The rest of the trainings, the measuring and the drawing; None while the time of a
            training is unknown.
        trainings, left: How many it needs, and how many of these are not finished yet.
        shapes: How many shapes of networks `left` has: the time is known for each by itself.
        unmeasured: A config of each shape whose time is unknown and can be measured.
        failed: Shapes whose time could not be measured.
    """

    seconds: float | None
    trainings: int
    left: int
    shapes: int
    unmeasured: tuple[RunConfig, ...] = ()
    failed: int = 0


def estimate(queue: Queue, lab: Lab, scale: Scale) -> LabEstimate:
    """How long the lab takes from here. Runs that are finished are used as they are."""
    configs = [config for _, config in planned(lab.plan(scale))]
    finished = dict(_finished(queue, configs))
    left = [config for config in configs if config.key not in finished]
    shapes = {fingerprint(config): config for config in left}
    timings = {shape: queue.timings.get(config) for shape, config in shapes.items()}
    known = {shape: timing for shape, timing in timings.items() if timing is not None}
    unknown = [config for shape, config in shapes.items() if shape not in known]
    unmeasured = tuple(config for config in unknown if not _has_failed(queue, config))
    seconds = None if unknown else _seconds(left, known, finished)
    failed = len(unknown) - len(unmeasured)
    return LabEstimate(seconds, len(configs), len(left), len(shapes), unmeasured, failed)


def _seconds(
    left: list[RunConfig], timings: Mapping[str, Timing], finished: Mapping[str, TaskState]
) -> float:
    """Of the trainings that are left, and of what follows them: the latter goes by the time of all
    trainings, also of those that are finished.
    """
    trainings = sum(timings[fingerprint(config)].in_a_row(config) for config in left)
    once = max((timing.once for timing in timings.values()), default=0.0)
    everything = trainings + sum(record.took for record in finished.values())
    return once + trainings + (1 / TRAINED - 1) * everything


def _finished(queue: Queue, configs: list[RunConfig]) -> Iterator[tuple[str, TaskState]]:
    """Key and record of each run that is finished."""
    known = set(queue.store.keys())
    for config in configs:
        task = Task(queue.store.folder / config.key)
        if config.key in known and task.glance() == "finished":
            yield config.key, task.read()


def _has_failed(queue: Queue, config: RunConfig) -> bool:
    """Whether the calibration of its shape failed, as it would again."""
    return queue.timings.task(config).glance() == "failed"


def measure_next(queue: Queue, estimate: LabEstimate) -> None:
    """Ask for the next calibration, unless one waits or runs: a new one would take its place. Does
    nothing while others are at the queue.

    Raises RunError if the models folder cannot be written.
    """
    if estimate.unmeasured and not queue.is_calibrating():
        with contextlib.suppress(RunBusyError):
            queue.submit_calibration(estimate.unmeasured[0], timeout=0)
