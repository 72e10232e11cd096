"""The one way a job runs in a process: from taking the task's lock to moving the queue on."""

import contextlib
import os
import platform
import traceback
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

from autoencoder.config.settings import Settings
from autoencoder.errors import JobError, RunBusyError, RunError
from autoencoder.jobs import registry
from autoencoder.jobs.engines.local import bound_log
from autoencoder.jobs.failures import DISK_FULL, explain, is_disk_full, is_expected
from autoencoder.jobs.job import JobKind, RunningJob
from autoencoder.jobs.queue import Queue
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Task, TaskState
from autoencoder.runs.state import timestamp
from autoencoder.system import FileLock, write_output_to
from autoencoder.training.timing import INTERPRETER

LOCK_TIMEOUT = 2.0  # seconds; a reader's look holds the lock for an instant
PRECOMPUTATION_TIMEOUT = 600.0  # seconds for another process to end what this one was asked for

Work = Callable[[RunningJob], object]


def run_job(
    queue: Queue,
    task: Task,
    notify: ProgressCallback = ignore,
    work: Work | None = None,
    **details: Any,
) -> TaskState:
    """Do a job in this process, unless its result is there; returns its final state.

    Args:
        queue: Moved on in the end, so that what waits for this job can start.
        task: Which job.
        notify: Hears what is being done, whenever that changes.
        work: Does it, and may say how it ended (`RunningJob.finish`); without a word of that, and
            without an error, it has finished. Left out, it is the work of the task's kind.
        **details: More fields for the state file, such as threads=2.

    Raises:
        JobError: There is no such job, there is nothing to work on yet, its run is read-only, or
            an engine has started this process and the task does not wait for it.
        RunBusyError: Another process is at it.
        RunError: Its state file cannot be written.
    """
    kind = registry.kind_of(task)
    kind.require_ready(task)
    work = work or kind.work
    if work is None:
        raise JobError(f"a {kind.title} has a command of its own")
    if _has_ended(kind, task):
        return TaskState("finished")
    lock = _take_lock(kind, task)
    try:
        if _has_ended(kind, task):  # meanwhile, by another process
            return TaskState("finished")
        is_done = kind.is_done(task)
        if queue.settings.engine_job:
            _require_current(task, queue.settings.engine_job)
            write_output_to(bound_log(task))
        _write_running(queue.settings, task, details)
        job = RunningJob(queue.settings, task, notify)
        problem = _guard(job, _nothing if is_done else work)
        record = task.read()
        if problem and record.state == "running":  # there was no room to write down how it ended
            record = replace(record, state="failed", error=problem)
        if record.state == "finished":
            task.precompute_file.unlink(missing_ok=True)
    finally:
        lock.release()
    queue.tick()  # not after an error: where this process cannot write, the next could not either
    return record


def _has_ended(kind: JobKind, task: Task) -> bool:
    """Whether there is nothing to do, and nothing to write down either."""
    return kind.is_done(task) and task.glance() in ("", "finished")


def _nothing(job: RunningJob) -> None:
    """The work of a job whose result came from elsewhere."""


def _take_lock(kind: JobKind, task: Task) -> FileLock:
    """The task's lock, without the flags that a killed process may have left.

    The flags of a task from the queue are those that the queue has put there: they are meant for
    this process, which was still starting. A precomputation at work is waited for.
    """
    lock, timeout = task.lock(), LOCK_TIMEOUT
    try:
        if kind.folder:
            task.folder.mkdir(parents=True, exist_ok=True)
        if not task.is_held() and task.glance() != "queued":
            task.stop_file.unlink(missing_ok=True)
            task.precompute_file.unlink(missing_ok=True)
        if task.is_held() and task.is_precomputation():
            task.precompute_file.unlink(missing_ok=True)
            timeout = PRECOMPUTATION_TIMEOUT
        acquired = lock.acquire(timeout)
    except OSError as error:
        raise _unwritable(task, error) from error
    if not acquired:
        raise RunBusyError(f"another process is already working on {_name(task)}")
    return lock


def _require_current(task: Task, engine_job: str) -> None:
    """Raises JobError in a process of an engine's job that the run does not wait for any more: it
    was taken out of the queue, or handed over anew as another job.
    """
    record = TaskState("failed")
    with contextlib.suppress(OSError, ValueError):
        record = task.read()
    if (record.state, record.engine_job) != ("queued", engine_job):
        raise JobError(f"{_name(task)} does not wait for the job {engine_job[:300]} any more")


def _write_running(settings: Settings, task: Task, details: dict[str, Any]) -> None:
    """Say in the state file that this process is at it; what an earlier one found out stays."""
    record = TaskState("running", created=timestamp())
    with contextlib.suppress(OSError, ValueError):
        record = task.read()
    begun: dict[str, Any] = {
        "state": "running",
        "pid": os.getpid(),
        "node": platform.node(),
        "step": "starting",
        "share": 0.0,
    }
    if not settings.engine_job:
        begun |= {"engine": "", "engine_job": ""}
    begun |= {"error": "", "started": timestamp(), "ended": ""}
    try:
        task.write(replace(record, **begun, **details))
    except OSError as error:
        raise _unwritable(task, error) from error


def _guard(job: RunningJob, work: Work) -> str:
    """Work until done; whatever goes wrong becomes the task's final state, in words, which are
    returned.
    """
    with job.watching():
        try:
            work(job)
            # Nothing is learned from a job whose result was there.
            took = 0.0 if work is _nothing else INTERPRETER + perf_counter() - job.began
            job.finish("finished", took=took)
        except Exception as error:
            _fail(job, error)
            return explain(error)
    return ""


def _fail(job: RunningJob, error: Exception) -> None:
    with contextlib.suppress(OSError):
        if not is_expected(error):
            traceback.print_exception(error)
        # A disk that is really full takes no state either: then the task reads as interrupted.
        job.finish("failed", error=explain(error))


def _unwritable(task: Task, error: OSError) -> RunError:
    if is_disk_full(error):
        return RunError(DISK_FULL)
    return RunError(f"cannot write to {_name(task)}: {error.strerror}")


def _name(task: Task) -> str:
    """What an error calls the task: a training has the name of its run."""
    return task.folder.name if task == Task(task.folder) else f"{task.name} of {task.folder.name}"
