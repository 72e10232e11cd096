"""Starting a task's process, and waiting until its folder tells how it is."""

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from autoencoder.runs import Task
from autoencoder.runs.state import TRAIN, timestamp
from autoencoder.system import spawn

TIMEOUT = 15.0  # seconds to wait for a started process to take its lock
MAX_LOG = 20 << 20  # bytes; a longer log is started anew


def launch(task: Task, arguments: Sequence[str]) -> None:
    """Start `python -m autoencoder` with these arguments and wait until it holds the task's lock,
    or has ended.

    A process that cannot start leaves the task failed, with the reason.
    """
    log = task.folder / ("log.txt" if task.name == TRAIN else f"{task.name}.log.txt")
    if log.exists() and log.stat().st_size > MAX_LOG:
        log.unlink()
    try:
        child = spawn([sys.executable, "-m", "autoencoder", *arguments], log, _environment())
    except OSError as error:
        task.update(
            state="failed",
            error=f"its process could not start: {error.strerror}",
            ended=timestamp(),
        )
        return
    deadline = time.monotonic() + TIMEOUT
    while task.glance() == "queued" and not task.is_held() and time.monotonic() < deadline:
        if child.poll() is not None and task.glance() == "queued":
            task.update(
                state="failed",
                error=f"its process could not start: {_last_line(log)}",
                ended=timestamp(),
            )
        time.sleep(0.01)


def _environment() -> dict[str, str]:
    """The child finds this package wherever it is started, and its threads sleep while they wait
    for each other.
    """
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "OMP_WAIT_POLICY": "passive", "PYTHONUNBUFFERED": "1"}


def _last_line(log: Path) -> str:
    with contextlib.suppress(OSError):
        if not log.is_file():
            return "its log cannot be read"
        lines = log.read_text(errors="replace")[-2_000:].strip().splitlines()
        return lines[-1][:200] if lines else "its log is empty"
    return "its log cannot be read"
