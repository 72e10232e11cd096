"""The queue: submit, stop, and a `tick` that moves everything on.

Nothing is remembered between two calls and no daemon runs: `tick` looks at the folders, starts what
may start, and is called by pages and by every process as it ends. All writing happens under one
lock, so that any number of callers may tick.
"""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError, RunBusyError, RunError
from autoencoder.jobs import registry
from autoencoder.jobs.job import JobKind, require_writable
from autoencoder.jobs.processes import launch
from autoencoder.runs import Run, RunStore, Task, TaskState, TimingStore
from autoencoder.runs.state import TRAIN, timestamp
from autoencoder.system import FileLock

TIMEOUT = 15.0  # seconds to wait for the queue's lock
BUSY = "another process is still changing the queue: try again in a moment"
_threads = threading.Lock()  # file locks are per process: this one is for the threads of one


class Queue:
    """All jobs on the runs under `settings.models`: at most `max_trainings` trainings at once, and
    one of every other kind.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = RunStore(settings.models)
        self.timings = TimingStore(settings.models)

    def submit(self, config: RunConfig) -> Run:
        """Ask for a training. A run that exists is taken up: finished, waiting and running ones as
        they are, others go on.

        Raises:
            RunError: The models folder cannot be written.
            CorruptRunError: There is a damaged run of that key.
            ConfigError: This machine has not the memory to train it.
        """
        with self._alone():
            if not self.store.claim(config, "queued", self._next_place()):
                run = self.store.get(config.key)
                if run.state in ("stopped", "interrupted", "failed"):
                    self._requeue(Task(run.folder))
            self._start_what_may()
        return self.store.get(config.key)

    def resume(self, key: str) -> Run:
        """`submit` for a run that exists.

        Raises UnknownRunError too, and JobError for a run of an earlier version.
        """
        run = self.store.get(key)
        require_writable(Task(run.folder))
        return self.submit(run.config)

    def task(self, place: str, name: str) -> Task:
        """The task of that name of a run, by its key, or in one of the registry's FOLDERS.

        Raises UnknownRunError or CorruptRunError.
        """
        if place in registry.FOLDERS:
            return Task(self.settings.models / place, name)
        return Task(self.store.get(place).folder, name)

    def submit_task(self, key: str, name: str) -> None:
        """`submit_job` for the task of a run. Raises UnknownRunError and CorruptRunError too."""
        self.submit_job(self.task(key, name))

    def submit_job(self, task: Task) -> None:
        """Ask for a job of any kind; one that is waiting, running or done is left as it is.

        Raises:
            JobError: There is no such job, or there is nothing to work on yet.
            RunError: The models folder cannot be written.
        """
        kind = registry.kind_of(task)
        kind.require_ready(task)
        with self._alone():
            self._enqueue(kind, task)

    def submit_calibration(self, config: RunConfig) -> None:
        """Ask how long a training will take: `timings.get` knows some seconds later. Takes the
        place of others that wait.

        Raises:
            RunError: The models folder cannot be written.
        """
        wanted = self.timings.ask(config)
        with self._alone():
            for task in _tasks_in(wanted.folder):
                if task != wanted and task.glance() == "queued":
                    task.update(state="stopped", ended=timestamp())
            self._enqueue(registry.kind_of(wanted), wanted)

    def is_calibrating(self) -> bool:
        """Whether a calibration waits or runs."""
        return any(
            task.glance() in ("queued", "running") for task in _tasks_in(self.timings.folder)
        )

    def _enqueue(self, kind: JobKind, task: Task) -> None:
        if kind.folder:
            task.folder.mkdir(parents=True, exist_ok=True)
        if not kind.is_done(task) and task.glance() not in ("queued", "running"):
            self._requeue(task)
        self._start_what_may()

    def stop(self, key: str, task_name: str = TRAIN) -> None:
        """`stop_job` for the task of a run. Raises UnknownRunError."""
        self.stop_job(self.task(key, task_name))

    def stop_job(self, task: Task) -> None:
        """Ask a job to stop, which it does after its step, or take it out of the queue.

        Harmless if it has ended.
        """
        with self._alone():
            if task.is_held():  # looked at first: a task that is just starting still says "queued"
                task.stop_file.touch()
            elif task.glance() == "queued":
                task.update(state="stopped", ended=timestamp())

    def delete(self, key: str) -> None:
        """Remove a run. Raises UnknownRunError, RunBusyError or RunError."""
        with self._alone():
            self.store.delete(key)

    def places(self) -> dict[str, int]:
        """Key -> place in the queue, from 1, of every training that waits."""
        waiting = [
            task for task in self._tasks() if task.name == TRAIN and task.glance() == "queued"
        ]
        return {
            task.folder.name: number
            for number, task in enumerate(sorted(waiting, key=_place), start=1)
        }

    def tick(self, *, timeout: float = TIMEOUT) -> None:
        """Start what may start now.

        Does nothing where nothing can be written: such a place has no queue. Nor where another
        process is at the queue for `timeout` seconds. A page waits 0 seconds: whoever is at the
        queue starts what may start.
        """
        with contextlib.suppress(RunError), self._alone(timeout):
            self._start_what_may()

    def _start_what_may(self) -> None:
        by_kind: dict[JobKind, list[Task]] = {kind: [] for kind in registry.JOBS.values()}
        for task in self._tasks():
            by_kind[registry.kind_of(task)].append(task)
        for kind, tasks in by_kind.items():
            waiting = [task for task in tasks if task.glance() == "queued" and not task.is_held()]
            if not waiting or not (kind.beside_trainings or self._is_idle(by_kind)):
                continue
            free = kind.at_once(self.settings) - sum(task.is_held() for task in tasks)
            for task in sorted(waiting, key=_place)[: max(0, free)]:
                self._start(kind, task)

    def _is_idle(self, by_kind: Mapping[JobKind, Sequence[Task]]) -> bool:
        """Whether no training runs."""
        return not any(task.is_held() for task in by_kind[registry.TRAINING])

    def _start(self, kind: JobKind, task: Task) -> None:
        """Start the process of a task, unless its result came from elsewhere while it waited."""
        places = ["--models", str(self.settings.models), "--data", str(self.settings.data)]
        try:
            kind.require_ready(task)
            if kind.is_done(task):
                task.update(state="finished", ended=timestamp())
            else:
                launch(task, [*kind.arguments(task), *places])
        except AutoencoderError as error:
            task.update(state="failed", error=str(error), ended=timestamp())

    def _requeue(self, task: Task) -> None:
        """Put a task at the end of the queue; as a training computed before, it computes again."""
        task.stop_file.unlink(missing_ok=True)
        record = TaskState("queued", created=timestamp())
        with contextlib.suppress(OSError, ValueError):
            record = task.read()
        waiting: dict[str, Any] = {"state": "queued", "place": self._next_place(), "pid": 0}
        waiting |= {"step": "", "share": 0.0, "error": "", "started": "", "ended": ""}
        task.write(replace(record, **waiting))

    def _next_place(self) -> int:
        return 1 + max(
            (_place(task) for task in self._tasks() if task.glance() == "queued"), default=0
        )

    def _tasks(self) -> Iterator[Task]:
        """Every task of a known kind that has a state file."""
        for key in self.store.keys():
            yield Task(self.store.folder / key)
            yield from _tasks_in(self.store.folder / key)
        for folder in registry.FOLDERS:
            yield from _tasks_in(self.settings.models / folder)

    @contextlib.contextmanager
    def _alone(self, timeout: float = TIMEOUT) -> Iterator[None]:
        """The only one to change the queue, among all threads and processes.

        Raises:
            RunBusyError: Others are at it for `timeout` seconds.
            RunError: Nothing can be written.
        """
        lock, deadline = FileLock(self.settings.models / ".queue.lock"), monotonic() + timeout
        with _only_thread(timeout):
            try:
                self.settings.models.mkdir(parents=True, exist_ok=True)
                if not lock.acquire(deadline - monotonic()):
                    raise RunBusyError(BUSY)
                yield
            except OSError as error:
                raise RunError(
                    f"cannot write to the models folder {self.settings.models}: {error.strerror}"
                ) from error
            finally:
                lock.release()


@contextlib.contextmanager
def _only_thread(timeout: float) -> Iterator[None]:
    """The only thread of this process at any queue. Raises RunBusyError after `timeout` seconds."""
    if not _threads.acquire(timeout=timeout):
        raise RunBusyError(BUSY)
    try:
        yield
    finally:
        _threads.release()


def _tasks_in(folder: Path) -> Iterator[Task]:
    """Every task of a folder but the training, which has other names for its files."""
    for path in folder.glob("*.state.json"):
        task = Task(folder, path.name.removesuffix(".state.json"))
        if task.name != TRAIN and registry.is_known(task):
            yield task


def _place(task: Task) -> int:
    try:
        return task.read().place
    except (OSError, ValueError):
        return 0
