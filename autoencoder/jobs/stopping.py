"""How a task's process notices that it should stop, and ends in time even where it cannot look up
from its work.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

from autoencoder.jobs.torchrun import this_worker
from autoencoder.runs import Task
from autoencoder.runs.state import timestamp
from autoencoder.system import kill_own_group, signals_as_bytes

GRACE = 3.0  # seconds between being asked to stop and being ended
POLL = 0.1


class StopWatch:
    """Watches the stop flag of a task while it is worked on, and sees to it that the task has one
    final state.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._requested = threading.Event()
        self._ended = threading.Event()
        self._final = threading.Lock()
        self._signals: BinaryIO | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody asked the task to stop: by the flag, by SIGTERM or by Ctrl-C."""
        return self._requested.is_set()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """While the task is worked on."""
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            if this_worker().is_torchruns:
                self._signals = signals_as_bytes()
            before = {
                number: signal.signal(number, self._on_signal)
                for number in (signal.SIGTERM, signal.SIGINT)
            }
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            self._ended.set()
            for number, handler in before.items():
                signal.signal(number, handler)

    def update(self, **details: Any) -> None:
        """Change the state file, unless the final state has been written."""
        with self._final:
            if not self._ended.is_set():
                self.task.update(**details)

    def finish(self, state: str, **details: Any) -> None:
        """Write the final state, unless it has been written. Nothing follows it."""
        with self._final:
            if not self._ended.is_set():
                self.task.update(state=state, ended=timestamp(), step="", pid=0, **details)
                self.task.stop_file.unlink(missing_ok=True)
                self._ended.set()

    def _on_signal(self, number: int, frame: object) -> None:
        self._requested.set()

    def _has_signal(self) -> bool:
        """Whether a signal came while the main thread waits for other processes: the handler runs
        only afterwards.
        """
        return self._signals is not None and bool(self._signals.read())

    def _watch(self) -> None:
        while not self._ended.wait(POLL) and not self.requested:
            if self.task.stop_file.exists() or self._has_signal():
                self._requested.set()
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline:
            if self._ended.wait(POLL):
                return
        if not self._ended.is_set():
            # Among several processes a signal may mean that another one has died: then the run is
            # interrupted, as it is where a full disk takes no state.
            if self.task.stop_file.exists() or not this_worker().is_torchruns:
                with contextlib.suppress(OSError, ValueError):
                    self.finish("stopped")
            kill_own_group()
