"""The queue: submit, stop, and a `tick` that moves everything on.

Nothing is remembered between two calls and no daemon runs: `tick` looks at the folders, starts what
may start, and is called by pages and by every process as it ends. All writing happens under one
lock, so that any number of callers may tick.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import JobError, RunBusyError, RunError
from autoencoder.jobs import kinds
from autoencoder.jobs.processes import launch
from autoencoder.runs import Run, RunStore, Task, TaskState, TimingStore
from autoencoder.runs.state import TRAIN, timestamp
from autoencoder.system import FileLock

TIMEOUT = 15.0  # seconds to wait for the queue's lock
_threads = threading.Lock()  # file locks are per process: this one is for the threads of one


class Queue:
    """The tasks of all runs under `settings.models`: at most `max_trainings` trainings at once, and
    one of everything else.
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
        """
        with self._alone():
            if not self.store.claim(config, "queued", self._next_place()):
                run = self.store.get(config.key)
                if run.state in ("stopped", "interrupted", "failed"):
                    self._requeue(Task(run.folder))
            self._move_on()
        return self.store.get(config.key)

    def resume(self, key: str) -> Run:
        """`submit` for a run that exists. Raises UnknownRunError too."""
        return self.submit(self.store.get(key).config)

    def submit_side(self, key: str, name: str) -> None:
        """Ask for a side task of a run (see `kinds`); one that is waiting, running or done is left
        as
        it is.

        Raises:
            UnknownRunError, CorruptRunError, RunError: As for `submit`.
            JobError, ProjectionError: There is no such task, or the run has nothing to work on yet.
        """
        run = self.store.get(key)
        kinds.arguments(name, key)
        if not run.is_trained:
            raise JobError(f"{key} has no latents before its first epoch is done")
        task = Task(run.folder, name)
        with self._alone():
            if not kinds.is_done(run, name) and task.glance() not in ("queued", "running"):
                self._requeue(task)
            self._move_on()

    def submit_calibration(self, config: RunConfig) -> None:
        """Ask how long a training will take: `timings.get` knows some seconds later. Takes the
        place
        of others that wait.

        Raises:
            RunError: The models folder cannot be written.
        """
        with self._alone():
            wanted = self.timings.ask(config)
            for task in self._tasks():
                if task.folder == wanted.folder and task != wanted and task.glance() == "queued":
                    task.update(state="stopped", ended=timestamp())
            if self.timings.get(config) is None and wanted.glance() not in ("queued", "running"):
                self._requeue(wanted)
            self._move_on()

    def stop(self, key: str, task_name: str = TRAIN) -> None:
        """Ask a task to stop after its batch, or take it out of the queue.

        Harmless if it has ended. Raises UnknownRunError.
        """
        task = Task(self.store.get(key).folder, task_name)
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

    def tick(self) -> None:
        """Start what may start now.

        Does nothing where nothing can be written: such a place has no queue.
        """
        with contextlib.suppress(RunError), self._alone():
            self._move_on()

    def _move_on(self) -> None:
        self._drop_known_timings()
        states = {task: task.glance() for task in self._tasks()}
        busy = any(task.name == TRAIN and task.is_held() for task in states)
        at_once = {TRAIN: self.settings.max_trainings, **dict.fromkeys(kinds.KINDS, 1)}
        at_once["timing"] = 0 if busy else 1  # beside others it mismeasures
        for kind, most in at_once.items():
            own = {
                task: state for task, state in states.items() if kinds.kind_of(task.name) == kind
            }
            free = most - sum(task.is_held() for task in own)
            waiting = sorted(
                (task for task, state in own.items() if state == "queued" and not task.is_held()),
                key=_place,
            )
            for task in waiting[: max(0, free)]:
                launch(task, self._arguments(task))

    def _drop_known_timings(self) -> None:
        """A training that ran meanwhile may have measured what waits to be measured; or nobody
        knows any more what that was.
        """
        for task in _named(self.timings.folder, "timing-*.state.json"):
            if task.glance() == "queued":
                config = self.timings.config_of(task)
                if config is None or self.timings.get(config) is not None:
                    task.update(state="failed" if config is None else "finished", ended=timestamp())

    def _arguments(self, task: Task) -> list[str]:
        """Command line of a task, from its name and nothing else that a folder says."""
        where = ["--models", str(self.settings.models), "--data", str(self.settings.data)]
        if task.folder == self.timings.folder:
            config = self.timings.config_of(task)
            return ["calibrate", *(config.flags() if config else []), *where]
        if task.name == TRAIN:
            return ["train", "--run", task.folder.name, *where]
        return [*kinds.arguments(task.name, task.folder.name), *where]

    def _requeue(self, task: Task) -> None:
        task.stop_file.unlink(missing_ok=True)
        state = TaskState("queued", place=self._next_place(), created=timestamp())
        with contextlib.suppress(
            OSError, ValueError
        ):  # how the training computed before, it computes again
            state = replace(
                task.read(),
                state="queued",
                place=state.place,
                pid=0,
                step="",
                share=0.0,
                error="",
                started="",
                ended="",
            )
        task.write(state)

    def _next_place(self) -> int:
        return 1 + max(
            (_place(task) for task in self._tasks() if task.glance() == "queued"), default=0
        )

    def _tasks(self) -> Iterator[Task]:
        """Every task that has a state file, of every run."""
        for key in self.store.keys():
            folder = self.store.folder / key
            yield Task(folder)
            yield from (
                task for task in _named(folder, "*.state.json") if kinds.is_side_task(task.name)
            )
        yield from _named(self.timings.folder, "timing-*.state.json")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """The only one to change the queue, among all threads and processes.

        Raises RunError where nothing can be written.
        """
        lock = FileLock(self.settings.models / ".queue.lock")
        with _threads:
            try:
                self.settings.models.mkdir(parents=True, exist_ok=True)
                if not lock.acquire(TIMEOUT):
                    raise RunBusyError(
                        "another process has been changing the queue for long; try again in a"
                        " moment"
                    )
                yield
            except OSError as error:
                raise RunError(
                    f"cannot write to the models folder {self.settings.models}: {error.strerror}"
                ) from error
            finally:
                lock.release()


def _named(folder: Path, pattern: str) -> Iterator[Task]:
    for path in folder.glob(pattern):
        yield Task(folder, path.name.removesuffix(".state.json"))


def _place(task: Task) -> int:
    try:
        return task.read().place
    except (OSError, ValueError):
        return 0
