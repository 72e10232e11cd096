"""Processes of this machine: starting one for a task, and waiting until its folder tells how it is.

They need none of an engine's questions: the task's lock says whether a process is alive, its stop
flag stops it, and its log is in its folder.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoencoder.jobs.torchrun import outside
from autoencoder.runs import Task
from autoencoder.runs.state import timestamp
from autoencoder.system import spawn

PATIENCE = 15.0  # seconds for which somebody who started a process waits to see it at work
MAX_LOG = 20 << 20  # bytes; a longer log is started anew


@dataclass(frozen=True)
class Launch:
    """A process that was started for a task."""

    task: Task
    process: "subprocess.Popen[bytes]"

    def wait(self) -> None:
        """Wait until it holds the task's lock, for 15 seconds at most. One that ends before that
        leaves the task failed, with the reason.
        """
        deadline = time.monotonic() + PATIENCE
        while self.task.glance() == "queued" and not self.task.is_held():
            if self.process.poll() is not None and self.task.glance() == "queued":
                _fail(self.task, _last_line(self.task.log_file))
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)


def launch(task: Task, arguments: Sequence[str]) -> Launch | None:
    """Start `python -m autoencoder` with these arguments for a task that is queued, and return at
    once. None if it could not be started: then the task has failed, with the reason.

    Raises OSError if the task's state cannot be written.
    """
    log = bound_log(task)
    task.update(launched=time.time(), engine="", engine_job="")
    variables = {**outside(os.environ), **environment()}
    try:
        return Launch(
            task, spawn([sys.executable, "-m", "autoencoder", *arguments], log, variables)
        )
    except OSError as error:
        _fail(task, str(error.strerror))
        return None


def _fail(task: Task, reason: str) -> None:
    task.update(state="failed", error=f"its process could not start: {reason}", ended=timestamp())


def bound_log(task: Task) -> Path:
    """The task's log, removed if it has become too long. Raises OSError."""
    log = task.log_file
    if log.exists() and log.stat().st_size > MAX_LOG:
        log.unlink()
    return log


def environment() -> dict[str, str]:
    """What every process of ours is started with: it finds this package wherever that is, its
    threads sleep while they wait for each other, and its log is written line by line.
    """
    root = str(Path(__file__).parents[3])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PYTHONPATH": path, "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"}


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        if not log.is_file():
            return "its log cannot be read"
        lines = log.read_text(errors="replace")[-2_000:].strip().splitlines()
        return lines[-1][:200] if lines else "its log is empty"
    return "its log cannot be read"
