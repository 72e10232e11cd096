"""Where a task stands: its state file, its lock and its stop flag.

A task is one slow thing done to a run in a process of its own. The training is the task "train", in
state.json, lock and stop; any other has its name in front (projection-umap-n15-d2-s0.state.json and
so on).
"""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autoencoder.runs.files import read_json, write_json
from autoencoder.system import FileLock, is_locked
from autoencoder.training.progress import Progress

TRAIN = "train"
STATES = ("queued", "running", "finished", "stopped", "failed")


@dataclass(frozen=True)
class TaskState:
    """What a state file says.

    Attributes:
        state: One of STATES. "running" with nobody holding the lock means interrupted: see
            `Task.state`.
        place: Its number in the queue while it is queued; lower comes first.
        step: What it is doing, in words; progress: how far, for a training; share: how far, for any
            other task, from 0 to 1.
        error: Why it failed, in one sentence; note: what happened on the way that was not asked for
            each time.
        threads, precision, layout, device: What the training used first, and uses again when it
            goes on.
        predicted, took: Seconds from start to end, as predicted and as they were; 0 where either is
            unknown.
    """

    state: str
    place: int = 0
    pid: int = 0
    device: str = ""
    threads: int = 0
    precision: str = ""
    layout: str = ""
    step: str = ""
    share: float = 0.0
    progress: dict[str, Any] | None = None
    error: str = ""
    note: str = ""
    weights_sha256: str = ""
    predicted: float = 0.0
    took: float = 0.0
    created: str = ""
    started: str = ""
    ended: str = ""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "TaskState":
        """What this version knows of `data`. Raises ValueError if a value has the wrong type."""
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        state = cls(**{"state": "", **known})
        for f in fields(cls):
            value = getattr(state, f.name)
            wanted: Any = (
                (dict, type(None))
                if f.name == "progress"
                else (
                    int
                    if f.name in ("place", "pid", "threads")
                    else (float, int)
                    if f.name in ("share", "predicted", "took")
                    else str
                )
            )
            if not isinstance(value, wanted):
                raise ValueError(f"{f.name} in a state file must not be {str(value)[:40]!r}")
        if state.state not in STATES:
            raise ValueError(f"state must be one of {', '.join(STATES)}; got {state.state[:40]!r}")
        if not 0 <= state.share <= 1:
            raise ValueError(f"share in a state file must be from 0 to 1; got {state.share}")
        if state.progress is not None:
            try:
                Progress.from_dict(state.progress)
            except (TypeError, KeyError) as error:
                raise ValueError(f"progress in a state file is damaged: {error}") from error
        return state

    @property
    def at(self) -> Progress | None:
        """How far a training is, if it has said so."""
        return None if self.progress is None else Progress.from_dict(self.progress)


@dataclass(frozen=True)
class Task:
    """The files of one task of the run in `folder`."""

    folder: Path
    name: str = TRAIN

    @property
    def _prefix(self) -> str:
        return "" if self.name == TRAIN else f"{self.name}."

    @property
    def state_file(self) -> Path:
        """JSON of a TaskState."""
        return self.folder / f"{self._prefix}state.json"

    @property
    def lock_file(self) -> Path:
        """Held while a process works on the task."""
        return self.folder / f"{self._prefix}lock"

    @property
    def stop_file(self) -> Path:
        """Exists when the process is asked to stop."""
        return self.folder / f"{self._prefix}stop"

    def lock(self) -> FileLock:
        """The lock that whoever works on the task must hold."""
        return FileLock(self.lock_file)

    def is_held(self) -> bool:
        """Whether a living process works on it."""
        return is_locked(self.lock_file)

    def read(self) -> TaskState:
        """The state file as it is. Raises OSError or ValueError."""
        return TaskState.from_dict(read_json(self.state_file))

    def write(self, state: TaskState) -> None:
        """Replace the state file.

        Only for whoever holds the lock, or the queue's lock while this one is free.
        """
        write_json(self.state_file, asdict(state))

    def update(self, **changes: Any) -> TaskState:
        """Read, change, write."""
        state = replace(self.read(), **changes)
        self.write(state)
        return state

    def now(self) -> str:
        """The state in one word: one of STATES, or "interrupted". Raises OSError or ValueError."""
        state = self.read().state
        if state != "running" or self.is_held():
            return state
        state = self.read().state  # it may have ended between the two looks
        return "interrupted" if state == "running" else state

    def glance(self) -> str:
        """`now`, or nothing if there is no state that can be read."""
        try:
            return self.now()
        except (OSError, ValueError):
            return ""


def timestamp() -> str:
    """Now, in UTC, for people to read; nothing is ever decided by it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
