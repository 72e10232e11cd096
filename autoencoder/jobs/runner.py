"""The process of a side task: takes the task's lock, works the result out, keeps the task's state;
the run's stays as it is.
"""

import os
import time
from collections.abc import Callable
from typing import Protocol

from autoencoder.errors import AutoencoderError, JobError, RunBusyError
from autoencoder.jobs.kinds import is_done
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import StopWatch
from autoencoder.runs import Run, Task, TaskState
from autoencoder.runs.state import timestamp

Say = Callable[[str], None]
LOCK_TIMEOUT = 2.0
PAUSE = 1.0  # seconds between two state files that differ in the share alone


class Tell(Protocol):
    """How the work of a side task tells what it is doing."""

    def __call__(self, words: str, share: float | None = None) -> None:
        """`share` is how much of the whole is done, from 0 to 1; None leaves what was told
        before.
        """


Work = Callable[[Run, Tell], object]


def run_side_task(queue: Queue, key: str, name: str, work: Work, say: Say = print) -> str:
    """Do one side task in this process, unless its result is there; returns its final state.

    `work` puts the result into the run's folder, and tells what it is doing, and how far it is,
    through what it is given. `say` hears the words whenever they change.

    Raises:
        UnknownRunError, CorruptRunError: There is no such run.
        JobError: The run has no weights yet.
        RunBusyError: Another process is at it.
    """
    run = queue.store.get(key)
    if not run.is_trained:
        raise JobError(f"{key} has no latents before its first epoch is done")
    task = Task(run.folder, name)
    lock = task.lock()
    if not task.is_held():
        task.stop_file.unlink(
            missing_ok=True
        )  # left by a process that was killed: it was not meant for this one
    if not lock.acquire(LOCK_TIMEOUT):
        raise RunBusyError(f"{name} of {key} is already being computed by another process")
    try:
        task.write(TaskState("running", pid=os.getpid(), step="starting", started=timestamp()))
        _guarded(run, StopWatch(task), work, say)
        return task.read().state
    finally:
        lock.release()
        queue.tick()


def _guarded(run: Run, stop: StopWatch, work: Work, say: Say) -> None:
    """Work until done; whatever goes wrong becomes the task's final state, in words."""

    if is_done(run, stop.task.name):
        stop.finish("finished")
        return
    with stop.watching():
        try:
            work(run, _Telling(stop, say))
            stop.finish("finished")
        except AutoencoderError as error:
            stop.finish("failed", error=str(error))
        except Exception as error:
            stop.finish("failed", error=f"unexpected {type(error).__name__}: {str(error)[:300]}")
            raise


class _Telling:
    """Tells the state file what is being done: new words at once, a new share now and then."""

    def __init__(self, stop: StopWatch, say: Say) -> None:
        self.stop, self.say = stop, say
        self.words, self.share, self.told = "", 0.0, 0.0

    def __call__(self, words: str, share: float | None = None) -> None:
        """As `Tell` says."""
        new, self.words = words != self.words, words
        if share is not None:
            self.share = min(max(share, 0.0), 1.0)
        if new or time.monotonic() - self.told > PAUSE:
            self.told = time.monotonic()
            self.stop.update(step=words, share=self.share)
        if new:
            self.say(words)
