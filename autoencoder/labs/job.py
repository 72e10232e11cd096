"""A lab as a process of its own: started once, seen through its state file, stopped by a flag, as
any
other task.

Its task lies beside its report: labs/E1-digits-quick.state.json and so on. One lab is done at a
time.
"""

import os
import time
from pathlib import Path

from autoencoder.errors import AutoencoderError, LabError, RunBusyError
from autoencoder.jobs import Queue
from autoencoder.jobs.processes import launch
from autoencoder.jobs.stopping import StopWatch
from autoencoder.labs.lab import Lab, Scale
from autoencoder.labs.report import FOLDER
from autoencoder.labs.work import Say, run_lab
from autoencoder.runs import Task, TaskState
from autoencoder.runs.state import timestamp
from autoencoder.system import FileLock

LOCK_TIMEOUT = 2.0
START_TIMEOUT = 20.0  # seconds to wait for another visitor who is starting a lab
PAUSE = 0.5  # seconds between two state files that differ in the share alone
BUSY = "another lab is being done; one at a time, so that its seconds can be compared"


def task_of(models: Path, lab: Lab, scale: Scale) -> Task:
    """The task whose state tells how far the lab is."""
    return Task(models / FOLDER, lab.report_name(scale))


def submit(queue: Queue, lab: Lab, scale: Scale) -> None:
    """Start the lab in a process of its own, unless it is under way.

    Raises:
        LabError: Another lab is under way, or the models folder cannot be written.
    """
    task, settings = task_of(queue.settings.models, lab, scale), queue.settings
    guard = FileLock(task.folder / ".lock")
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
        if not guard.acquire(START_TIMEOUT):
            raise LabError(BUSY)
        if task.is_held():
            return
        if any(
            Task(task.folder, lock.name.removesuffix(".lock")).is_held()
            for lock in task.folder.glob("E*.lock")
        ):
            raise LabError(BUSY)
        task.stop_file.unlink(missing_ok=True)
        task.write(TaskState("queued", created=timestamp()))
        where = ["--models", str(settings.models), "--data", str(settings.data)]
        launch(task, ["lab", lab.name, *flags(scale), *where])
    except OSError as error:
        raise LabError(
            f"cannot write to the models folder {settings.models}: {error.strerror}"
        ) from error
    finally:
        guard.release()


def stop(queue: Queue, lab: Lab, scale: Scale) -> None:
    """Ask the lab to stop; its finished trainings stay, and the one in work can be gone on with.

    Harmless if it has ended.
    """
    task = task_of(queue.settings.models, lab, scale)
    if task.is_held():
        task.stop_file.touch()


def flags(scale: Scale) -> list[str]:
    """The arguments of the command line that name this scale."""
    epochs = ["--epochs", str(scale.epochs)] if scale.epochs else []
    return ["--dataset", scale.dataset, *(["--quick"] if scale.quick else []), *epochs]


def do(queue: Queue, lab: Lab, scale: Scale, say: Say) -> TaskState:
    """Do the lab in this process; returns its final state. `say` hears as for `run_lab`.

    Raises:
        RunBusyError: Another process is at it.
        LabError: The models folder cannot be written.
    """
    task = task_of(queue.settings.models, lab, scale)
    lock = task.lock()
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
        if not task.is_held():
            task.stop_file.unlink(
                missing_ok=True
            )  # left by a process that was killed: it was not meant for this one
        if not lock.acquire(LOCK_TIMEOUT):
            raise RunBusyError(f"{task.name} is already being done by another process")
        task.write(TaskState("running", pid=os.getpid(), step="starting", started=timestamp()))
        _guarded(queue, lab, scale, StopWatch(task), say)
        return task.read()
    except OSError as error:
        raise LabError(
            f"cannot write to the models folder {queue.settings.models}: {error.strerror}"
        ) from error
    finally:
        lock.release()


def _guarded(queue: Queue, lab: Lab, scale: Scale, stopping: StopWatch, say: Say) -> None:
    """Work until done; whatever goes wrong becomes the final state, in words."""
    began = time.monotonic()
    with stopping.watching():
        try:
            report = run_lab(queue, lab, scale, _Telling(stopping, say), lambda: stopping.requested)
            if report is None:
                stopping.finish("stopped")
            else:
                stopping.finish("finished", share=1.0, took=time.monotonic() - began)
        except AutoencoderError as error:
            stopping.finish("failed", error=str(error))
        except Exception as error:
            stopping.finish(
                "failed", error=f"unexpected {type(error).__name__}: {str(error)[:300]}"
            )
            raise


class _Telling:
    """Tells the state file what is being done: new words at once, a new share now and then.

    And whoever else listens.
    """

    def __init__(self, stopping: StopWatch, say: Say) -> None:
        self.stopping, self.say, self.words, self.told = stopping, say, "", 0.0

    def __call__(self, words: str, share: float) -> None:
        new, self.words = words != self.words, words
        if new or time.monotonic() - self.told > PAUSE:
            self.told = time.monotonic()
            self.stopping.update(step=words, share=min(max(share, 0.0), 1.0))
        if new:
            self.say(words, share)
