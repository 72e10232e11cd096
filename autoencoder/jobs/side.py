"""The process of a side task: takes the task's lock, works the result out, keeps the task's state; the run's stays as it is."""

import os
from collections.abc import Callable

from autoencoder.errors import AutoencoderError, JobError, RunBusyError
from autoencoder.jobs.kinds import is_done
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import StopWatch
from autoencoder.runs import Run, Task, TaskState
from autoencoder.runs.state import timestamp

Say = Callable[[str], None]
LOCK_PATIENCE = 2.0


def run_side_task(queue: Queue, key: str, name: str, work: Callable[[Run, Say], object], say: Say = print) -> str:
    """Do one side task in this process, unless its result is there; returns its final state.

    `work` puts the result into the run's folder, and tells what it is doing through what it is given.

    Raises:
        UnknownRunError, CorruptRunError: There is no such run.
        JobError: The run has no weights yet.
        RunBusyError: Another process is at it.
    """
    run = queue.store.get(key)
    if not run.is_trained:
        raise JobError(f"{key} has no codes before its first epoch is done")
    task = Task(run.folder, name)
    lock = task.lock()
    if not task.is_held():
        task.stop_file.unlink(missing_ok=True)  # left by a process that was killed: it was not meant for this one
    if not lock.acquire(LOCK_PATIENCE):
        raise RunBusyError(f"{name} of {key} is already being computed by another process")
    try:
        task.write(TaskState("running", pid=os.getpid(), step="starting", started=timestamp()))
        _guarded(run, StopWatch(task), work, say)
        return task.read().state
    finally:
        lock.release()
        queue.tick()


def _guarded(run: Run, stop: StopWatch, work: Callable[[Run, Say], object], say: Say) -> None:
    """Work until done; whatever goes wrong becomes the task's final state, in words."""

    def step(words: str) -> None:
        stop.update(step=words)
        say(words)

    if is_done(run, stop.task.name):
        stop.finish("finished")
        return
    with stop.watching():
        try:
            work(run, step)
            stop.finish("finished")
        except AutoencoderError as error:
            stop.finish("failed", error=str(error))
        except Exception as error:
            stop.finish("failed", error=f"unexpected {type(error).__name__}: {str(error)[:300]}")
            raise
