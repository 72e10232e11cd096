"""What a job is: one entry of the registry, and what its work is given while it runs."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import JobError
from autoencoder.jobs.stopping import StopWatch
from autoencoder.progress import ProgressCallback
from autoencoder.runs import Run, Task

INTERVAL = 0.5  # seconds between two writes of the state file that differ in the fraction alone


class RunningJob(StopWatch):
    """A job at work in this process: its task, where things are, and how it says how far it is.

    Attributes:
        settings: The folders of the runs and of the data sets.
        began: The `perf_counter` when the process took the job up.
    """

    def __init__(self, settings: Settings, task: Task, notify: ProgressCallback) -> None:
        super().__init__(task)
        self.settings, self.began = settings, perf_counter()
        self._listener, self._words, self._fraction, self._written = notify, "", 0.0, 0.0

    @property
    def run(self) -> Run:
        """The run that the task belongs to. Raises CorruptRunError."""
        return Run.read(self.task.folder)

    def notify(self, words: str, fraction: float | None = None) -> None:
        """Say what is being done, a ProgressCallback: new words at once, a new fraction now and
        then.

        Words go into the state file and to whoever listens; None leaves the fraction as it was.
        """
        is_new, self._words = words != self._words, words
        if fraction is not None:
            self._fraction = min(max(fraction, 0.0), 1.0)
        if is_new or time.monotonic() - self._written > INTERVAL:
            self._written = time.monotonic()
            self.update(step=words, share=self._fraction)
        if is_new:
            self.log(words, self._fraction)

    def log(self, words: str, fraction: float | None = None) -> None:
        """Tell whoever listens, and not the state file; one that cannot hear does no harm."""
        with contextlib.suppress(OSError):
            self._listener(words, fraction)


def count_test_images(config: RunConfig, name: str = "") -> int:
    """About how many test images a run keeps: classes are nearly equally large."""
    chosen = len(config.classes) / len(config.info.class_names) if config.classes else 1.0
    return min(config.info.evaluated, round(config.info.test * chosen))


@dataclass(frozen=True)
class JobKind:
    """One kind of job, with all that the queue and the runner must know of it.

    Attributes:
        title: What a page calls it, as in "waits for another projection to end".
        matches: Whether a task of that name is of this kind. Reads no file.
        is_done: Whether the result is there already, so that there is nothing to do.
        work: What a process does when it runs the job by `python -m autoencoder job`; None if the
            kind has a command of its own.
        arguments: Task -> the command line after `python -m autoencoder`; raises JobError if the
            task's files do not say what to do.
        check: Raises JobError if there is nothing to work on yet, or ConfigError if this machine
            cannot do it.
        folder: Where its tasks lie, under the models folder; "" means in the run's own folder.
        at_once: How many may run at the same time.
        beside_trainings: Whether it may start while a training runs.
        points: A run's config and a task's name -> about how many points it works on: what its
            duration depends on.
        series: A task's name -> what it must have in common with another to take about as long.
    """

    title: str
    matches: Callable[[str], bool]
    is_done: Callable[[Task], bool]
    work: Callable[[RunningJob], object] | None = None
    arguments: Callable[[Task], list[str]] = lambda task: ["job", task.folder.name, task.name]
    check: Callable[[Task], object] = lambda task: None
    folder: str = ""
    at_once: Callable[[Settings], int] = lambda settings: 1
    beside_trainings: bool = True
    points: Callable[[RunConfig, str], int] = count_test_images
    series: Callable[[str], str] = lambda name: ""

    def require_ready(self, task: Task) -> None:
        """Raises JobError if there is nothing to work on yet, or nothing may be added there; or
        ConfigError if this machine cannot do it.
        """
        self.check(task)
        if not self.folder and not self.is_done(task):
            require_writable(task)


def require_writable(task: Task) -> None:
    """Raises JobError for a run that an earlier version made: nothing is added to its folder."""
    if Run.read(task.folder).is_read_only:
        raise JobError(
            f"{task.folder.name} was made by an earlier version and is read-only: train"
            " it again, under a new key"
        )


def require_weights(task: Task) -> None:
    """Raises JobError for a task of a run that has no weights yet."""
    if not Run.read(task.folder).is_trained:
        raise JobError(f"{task.folder.name} has no latents before its first epoch is done")
