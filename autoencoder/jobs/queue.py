"""The queue: submit, stop, and a `tick` that moves everything on.

Nothing is remembered between two calls and no daemon runs: `tick` looks at the tasks that wait or
run, starts what may start, and is called by pages and by every process as it ends. All writing
happens under one lock, so that any number of callers may tick. The lock is held for no longer than
it takes to write: what a started process does is waited for afterwards, and an engine is told and
asked in a thread (`reconciliation.py`).
"""

import contextlib
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from autoencoder.config.options import RUN_KEY
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import added
from autoencoder.errors import AutoencoderError, DatasetError, RunBusyError, RunError
from autoencoder.jobs import registry
from autoencoder.jobs.engines.local import Launch, launch
from autoencoder.jobs.job import JobKind, require_writable
from autoencoder.jobs.reconciliation import is_job_of, rounds_of
from autoencoder.jobs.stopping import GRACE, POLL
from autoencoder.jobs.teacher import require_teacher
from autoencoder.runs import Run, RunStore, Task, TaskState, TimingStore
from autoencoder.runs.state import ACTIVE, START, TRAIN, timestamp
from autoencoder.system import FileLock

TIMEOUT = 5.0  # seconds to wait for the queue's lock
BUSY = "another process is still changing the queue: try again in a moment"
_threads = threading.Lock()  # file locks are per process: this one is for the threads of one


class Queue:
    """All jobs on the runs under `settings.models`: at most `max_trainings` trainings at once, here
    or with the engine of the settings, and one of every other kind, here.

    Raises ConfigError if there is no such engine.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = RunStore(settings.models)
        self.timings = TimingStore(settings.models)
        self.rounds = rounds_of(settings)

    def submit(self, config: RunConfig) -> Run:
        """Ask for a training. A run that exists is taken up: finished, waiting and running ones as
        they are, others go on.

        Raises:
            RunError: The models folder cannot be written.
            CorruptRunError: There is a damaged run of that key.
            ConfigError: It is to be trained on this machine, which has not the memory; or it would
                be new and its teacher cannot teach.
        """
        require_teacher(self.settings, config)
        with self._alone():
            place = self._next_place()
            if not self.store.claim(config, "queued", place, check_memory=self.rounds is None):
                run = self.store.get(config.key)
                if run.state in ("stopped", "interrupted", "failed"):
                    self._cancel(Task(run.folder))  # one that only lost touch with this folder
                    self._requeue(Task(run.folder))
            launched = self._start_what_may()
        _wait(launched)
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

    def submit_task(self, key: str, name: str, *, timeout: float = TIMEOUT) -> None:
        """`submit_job` for the task of a run. Raises UnknownRunError and CorruptRunError too."""
        self.submit_job(self.task(key, name), timeout=timeout)

    def submit_job(self, task: Task, *, timeout: float = TIMEOUT) -> None:
        """Ask for a job of any kind; one that is waiting, running or done is left as it is.

        Waits `timeout` seconds while others are at the queue, and then until its process has begun,
        if it may. With 0 it waits for neither: for pages that ask without being told to.

        Raises:
            JobError: There is no such job, or there is nothing to work on yet.
            RunBusyError: Others are at the queue.
            RunError: The models folder cannot be written.
        """
        kind = registry.kind_of(task)
        kind.require_ready(task)
        with self._alone(timeout):
            self._enqueue(kind, task)
            launched = self._start_what_may()
        _wait(launched, timeout)

    def precompute(self, key: str, names: Sequence[str]) -> None:
        """Ask for jobs on a run that no person has asked for. The next `tick` starts them, while no
        training runs; the next training cancels them.

        Raises as `submit_task`.
        """
        tasks = [self.task(key, name) for name in names]
        for task in tasks:
            registry.kind_of(task).require_ready(task)
        with self._alone():
            for task in tasks:
                self._enqueue(registry.kind_of(task), task, precompute=True)

    def cancel_precomputations(self, key: str = "") -> list[Task]:
        """Ask the precomputations of all runs, or of one, to stop, or take them out of the queue;
        returns them.

        Raises:
            RunBusyError: Others are at the queue.
            RunError: The models folder cannot be written.
        """
        with self._alone():
            tasks = [task for task in self._active() if key in ("", task.folder.name)]
            precomputations = [task for task in tasks if task.is_precomputation()]
            for task in precomputations:
                _stop(task)
        return precomputations

    def submit_calibration(self, config: RunConfig, *, timeout: float = TIMEOUT) -> None:
        """Ask how long a training will take: `timings.get` knows some seconds later. Takes the
        place of others that wait. `timeout` as in `submit_job`.

        Raises:
            RunBusyError: Others are at the queue.
            RunError: The models folder cannot be written.
        """
        wanted = self.timings.ask(config)
        with self._alone(timeout):
            for task in _tasks_in(wanted.folder):
                if task != wanted and task.glance() == "queued":
                    task.update(state="stopped", ended=timestamp())
            self._enqueue(registry.kind_of(wanted), wanted)
            launched = self._start_what_may()
        _wait(launched, timeout)

    def is_calibrating(self) -> bool:
        """Whether a calibration waits or runs."""
        return any(
            task.glance() in ("queued", "running") for task in _tasks_in(self.timings.folder)
        )

    def _enqueue(self, kind: JobKind, task: Task, *, precompute: bool = False) -> None:
        if kind.folder:
            task.folder.mkdir(parents=True, exist_ok=True)
        if not precompute:
            task.precompute_file.unlink(missing_ok=True)
        if not kind.is_done(task) and task.glance() not in ACTIVE:
            self._requeue(task)
            if precompute:
                task.precompute_file.touch()

    def stop(self, key: str, task_name: str = TRAIN) -> None:
        """`stop_job` for the task of a run. Raises UnknownRunError."""
        self.stop_job(self.task(key, task_name))

    def stop_job(self, task: Task) -> None:
        """Ask a job to stop, which it does after its step, or take it out of the queue.

        Harmless if it has ended.
        """
        with self._alone():
            task.precompute_file.unlink(missing_ok=True)
            _stop(task)
        self._cancel(task)
        self._tell_engine()

    def delete(self, key: str) -> None:
        """Remove a run, whose precomputations are stopped first. Raises UnknownRunError,
        RunBusyError or RunError.
        """
        stopping, deadline = self.cancel_precomputations(key), monotonic() + START + GRACE
        while any(_is_running(task) for task in stopping) and monotonic() < deadline:
            sleep(POLL)
        with self._alone():
            if RUN_KEY.fullmatch(key):
                self._cancel(Task(self.settings.models / key))
            self.store.delete(key)
        self._tell_engine()

    def remove_dataset(self, name: str) -> None:
        """Delete an added data set; its runs stay, and say that its images are gone.

        Raises:
            DatasetError: There is none of that name, or a training that waits or runs uses it.
            RunBusyError: Others are at the queue.
            RunError: The models folder cannot be written.
        """
        with self._alone():
            users = [run.key for run in self.live_runs() if run.config.dataset == name]
            if users:
                raise DatasetError(
                    f"{name} cannot be removed while runs train on it: stop {', '.join(users[:3])}"
                    " first, or wait until they have finished"
                )
            added.remove(name, self.settings.data)

    def places(self) -> dict[str, int]:
        """Key -> place in the queue, from 1, of every training that waits."""
        waiting = [
            task
            for task in self._active()
            if task.name == TRAIN and task.glance() == "queued" and not task.is_starting()
        ]
        return {
            task.folder.name: number
            for number, task in enumerate(sorted(waiting, key=_place), start=1)
        }

    def live_runs(self) -> list[Run]:
        """The runs whose training waits or runs, in the order of their keys; damaged ones are left
        out.
        """
        entries = [
            self.store.entry(task.folder.name) for task in self._active() if task.name == TRAIN
        ]
        return [entry for entry in entries if isinstance(entry, Run) and entry.is_live]

    def tick(self, *, timeout: float = TIMEOUT) -> None:
        """Start what may start now.

        Does nothing where nothing can be written: such a place has no queue. Nor where another
        process is at the queue for `timeout` seconds. A page waits 0 seconds: whoever is at the
        queue starts what may start.
        """
        launched: list[Launch] = []
        with contextlib.suppress(RunError), self._alone(timeout):
            launched = self._start_what_may()
        if self.rounds is not None:
            self.rounds.start(self)
        _wait(launched, timeout)

    def _start_what_may(self) -> list[Launch]:
        by_kind: dict[JobKind, list[Task]] = {kind: [] for kind in registry.JOBS.values()}
        for task in self._updated_index():
            by_kind[registry.kind_of(task)].append(task)
        launched = []
        for kind, tasks in by_kind.items():
            if kind is registry.TRAINING and self.rounds is not None:
                self._hand_over(tasks)
                continue
            if self.settings.engine_job:  # an engine's machine does what the engine asked it for
                continue
            running = [task for task in tasks if _is_running(task)]
            waiting = [task for task in tasks if task.glance() == "queued" and task not in running]
            if waiting and not _is_idle(by_kind):
                waiting = [task for task in waiting if _may_run_beside_trainings(kind, task)]
            free = kind.at_once(self.settings) - len(running)
            for task in sorted(waiting, key=_order)[: max(0, free)]:
                launched += self._start(kind, task)
        return launched

    def _hand_over(self, tasks: Sequence[Task]) -> None:
        """Write into the folders of trainings that wait that they are the engine's now, and as what
        job; a round then tells it.
        """
        jobs = {task for task in tasks if self._has_job(task) or _is_running(task)}
        waiting = [task for task in tasks if task not in jobs and task.glance() == "queued"]
        free = max(0, self.settings.max_trainings - len(jobs))
        chosen = sorted(waiting, key=_order)[:free]
        for task in chosen:
            try:
                require_writable(task)
                attempt = task.read().attempt + 1
                job_id = f"{task.folder.name}-{attempt}-{uuid.uuid4().hex[:6]}"
                task.update(engine=self.settings.engine, engine_job=job_id, attempt=attempt)
            except (AutoencoderError, ValueError) as error:
                task.write(TaskState("failed", error=str(error), ended=timestamp()))
        if chosen:
            self._tell_engine()

    def handed_over(self) -> list[tuple[Task, TaskState]]:
        """Trainings that wait and are a job of the engine, in the order of the queue."""
        tasks = [task for task in self._active() if task.name == TRAIN]
        waiting = [task for task in tasks if self._has_job(task) and not task.is_held()]
        records = [(task, record) for task in waiting if (record := _record(task)) is not None]
        return sorted(records, key=lambda entry: entry[1].place)

    def take_back(self, task: Task, job_id: str, *, state: str, error: str = "") -> bool:
        """Give a training that waits as that job another state; "queued" hands it over anew. False
        if something else has happened to it meanwhile.

        Raises RunBusyError or RunError.
        """
        with self._alone():
            record = _record(task)
            if not record or (record.state, record.engine_job) != ("queued", job_id):
                return False
            if task.is_held():
                return False
            if state == "queued":
                task.update(engine_job="")
            else:
                task.update(state=state, error=error, ended=timestamp())
        return True

    def _has_job(self, task: Task) -> bool:
        """Whether it waits as a job of the engine."""
        record = _record(task)
        return (
            record is not None
            and record.state == "queued"
            and is_job_of(task, record, self.settings.engine)
        )

    def _cancel(self, task: Task) -> None:
        """Let the next round cancel the job that a training has or had."""
        record = _record(task)
        if self.rounds and record and is_job_of(task, record, self.settings.engine):
            self.rounds.cancel(record.engine_job)

    def _tell_engine(self) -> None:
        """Make a round as soon as can be, in a thread."""
        if self.rounds is not None:
            self.rounds.start(self, now=True)

    def _start(self, kind: JobKind, task: Task) -> list[Launch]:
        """Start the process of a task, unless its result came from elsewhere while it waited."""
        places = ["--models", str(self.settings.models), "--data", str(self.settings.data)]
        try:
            kind.require_ready(task)
            if kind.is_done(task):
                task.update(state="finished", ended=timestamp())
                return []
            launched = launch(task, [*kind.arguments(task), *places])
            return [launched] if launched else []
        except AutoencoderError as error:
            task.update(state="failed", error=str(error), ended=timestamp())
            return []

    def _requeue(self, task: Task) -> None:
        """Put a task at the end of the queue; as a training computed before, it computes again."""
        task.stop_file.unlink(missing_ok=True)
        record = TaskState("queued", created=timestamp())
        with contextlib.suppress(OSError, ValueError):
            record = task.read()
        waiting: dict[str, Any] = {"state": "queued", "place": self._next_place(), "pid": 0}
        waiting |= {"engine": "", "engine_job": "", "node": ""}
        waiting |= {"launched": 0.0, "step": "", "share": 0.0, "error": "", "started": ""}
        waiting |= {"ended": ""}
        task.write(replace(record, **waiting))

    def _next_place(self) -> int:
        return 1 + max(
            (_place(task) for task in self._active() if task.glance() == "queued"), default=0
        )

    def _active(self) -> list[Task]:
        """Every task that may be waiting or running, by the index if that is complete."""
        if not self.store.active.is_complete:
            return [task for task in self._tasks() if _is_active(task)]
        tasks = (
            Task(self.settings.models / folder, name)
            for folder, name in self.store.active
            if folder in registry.FOLDERS or RUN_KEY.fullmatch(folder)
        )
        return [task for task in tasks if registry.is_known(task)]

    def _updated_index(self) -> list[Task]:
        """`_active`, after the index was made complete, or rid of tasks that have ended."""
        index, tasks = self.store.active, self._active()
        active = [task for task in tasks if _is_active(task)]
        if index.is_complete:
            kept = {(task.folder.name, task.name) for task in active}
            for folder, name in index:
                if (folder, name) not in kept:
                    index.remove(folder, name)
        else:
            for task in tasks:
                index.add(task.folder.name, task.name)
            index.set_complete()
        return active

    def _tasks(self) -> Iterator[Task]:
        """Every task of a known kind that has a state file: looks into every folder."""
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


def _is_active(task: Task) -> bool:
    """Whether it waits or runs, or a process holds it."""
    return task.glance() in ACTIVE or task.is_held()


def _is_running(task: Task) -> bool:
    """Whether a process works on it, or was started for it just now."""
    return task.is_held() or task.is_starting()


def _may_run_beside_trainings(kind: JobKind, task: Task) -> bool:
    return kind.beside_trainings and not task.is_precomputation()


def _stop(task: Task) -> None:
    """Ask a task to stop, or take it out of the queue. Only for whoever holds the queue's lock."""
    # Looked at first: a task whose process is just starting still says "queued".
    if _is_running(task):
        task.stop_file.touch()
    elif task.glance() == "queued":
        task.update(state="stopped", ended=timestamp())


def _is_idle(by_kind: Mapping[JobKind, Sequence[Task]]) -> bool:
    """Whether no training runs on this machine, or on one that shares its folder without engine."""
    running = [task for task in by_kind[registry.TRAINING] if _is_running(task)]
    return all((record := _record(task)) and record.engine_job for task in running)


def _wait(launched: Sequence[Launch], timeout: float = TIMEOUT) -> None:
    """Wait until started processes are at work; with a timeout of 0 a thread does."""
    for each in launched:
        if timeout:
            each.wait()
        else:
            threading.Thread(target=each.wait).start()


def _order(task: Task) -> tuple[bool, int]:
    """What waits starts in this order: what persons asked for before precomputations."""
    return task.is_precomputation(), _place(task)


def _place(task: Task) -> int:
    record = _record(task)
    return record.place if record else 0


def _record(task: Task) -> TaskState | None:
    """What its state file says; None if that cannot be read."""
    try:
        return task.read()
    except (OSError, ValueError):
        return None
