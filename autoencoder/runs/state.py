"""The state of a task: its state file, its lock and its stop flag.

A task is something slow that a process of its own does to a run. The training is the task "train",
with the files state.json, lock and stop; the files of any other task begin with its name
(projection-umap-n15-d2-s0.state.json and so on).
"""

import re
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from autoencoder.runs.active import ActiveTasks
from autoencoder.runs.files import read_json, write_json
from autoencoder.system import FileLock, is_locked
from autoencoder.training.progress import Progress
from autoencoder.validation import Finite, Seconds, Share, matching, one_of

TRAIN = "train"
STATES = ("queued", "running", "finished", "stopped", "failed")
ACTIVE = ("queued", "running")
REQUESTED = (*ACTIVE, "finished")  # of a task that did not end badly
# Seconds that a process which was started has to take its task's lock: on a busy machine, torchrun
# and PyTorch need many. One that dies earlier is seen by whoever started it.
START = 60.0
MOST_PLACE = 10**9
MOST_PROCESSES = 128  # of one training
MOST_LETTERS = 4_000  # of a text
SHA256 = re.compile(r"(?:[0-9a-f]{64})?")
Words = Annotated[str, Meta(max_length=MOST_LETTERS)]
Name = Annotated[str, Meta(max_length=40)]
Address = Annotated[str, Meta(max_length=300)]


@dataclass(frozen=True)
class TaskState:
    """What a state file says.

    Attributes:
        state: One of STATES. "running" while nobody holds the lock means interrupted: see
            `Task.now`.
        place: Its number in the queue while it is queued; lower comes first.
        launched: When its process was started, in seconds since 1970; 0 if none was since it was
            queued.
        engine: Where it was handed to, as in AUTOENCODER_ENGINE; empty for a process of a machine
            that shares this folder.
        engine_job: What the engine calls it; empty if it was not handed over since it was queued.
        attempt: How often it was handed to an engine.
        node: The machine whose process works on it or was the last to do so.
        step: What it is doing, in words.
        share: How much is done, from 0 to 1; for a training, see progress.
        progress: How far a training is; None until it has said so.
        error: Why it failed, in one sentence.
        note: What happened that a visitor might not expect, such as stopping early.
        threads, precision, layout, device: What the training computed with first, and computes with
            again when it goes on.
        processes: On how many processes it trains, each with so many threads.
        predicted, took: Seconds from start to end, as predicted and as measured; 0 if unknown.
        created, started, ended: When, as `timestamp` writes it; empty if it has not happened.
    """

    state: Annotated[str, one_of(STATES)]
    place: Annotated[int, Meta(ge=0, le=MOST_PLACE)] = 0
    launched: Finite = 0.0
    pid: Annotated[int, Meta(ge=0, le=2**31 - 1)] = 0
    engine: Address = ""
    engine_job: Address = ""
    attempt: Annotated[int, Meta(ge=0, le=MOST_PLACE)] = 0
    node: Address = ""
    device: Name = ""
    threads: Annotated[int, Meta(ge=0, le=1024)] = 0
    precision: Name = ""
    layout: Name = ""
    processes: Annotated[int, Meta(ge=1, le=MOST_PROCESSES)] = 1
    step: Words = ""
    share: Share = 0.0
    progress: Progress | None = None
    error: Words = ""
    note: Words = ""
    weights_sha256: Annotated[str, matching(SHA256)] = ""
    predicted: Seconds = 0.0
    took: Seconds = 0.0
    created: Name = ""
    started: Name = ""
    ended: Name = ""

    def __post_init__(self) -> None:
        for when in (self.created, self.started, self.ended):
            if when and datetime.fromisoformat(when).tzinfo is None:
                raise ValueError("a time must say its time zone")


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

    @property
    def log_file(self) -> Path:
        """What the processes that worked on it have written, one after the other."""
        return self.folder / f"{self._prefix}log.txt"

    @property
    def precompute_file(self) -> Path:
        """Exists while a training that has ended, and no person, has asked for the task, until it
        is finished.
        """
        return self.folder / f"{self._prefix}precompute"

    def lock(self) -> FileLock:
        """The lock that whoever works on the task must hold."""
        return FileLock(self.lock_file)

    def is_held(self) -> bool:
        """Whether a living process works on it."""
        return is_locked(self.lock_file)

    def read(self) -> TaskState:
        """The state file as it is. Raises OSError or ValueError."""
        return read_json(self.state_file, TaskState)

    def write(self, state: TaskState) -> None:
        """Replace the state file; a task that waits or runs enters the index of those.

        Only for whoever holds the lock, or the queue's lock while this one is free.
        """
        if state.state in ACTIVE:
            ActiveTasks(self.folder.parent).add(self.folder.name, self.name)
        write_state(self.state_file, state)

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

    def is_starting(self) -> bool:
        """Whether it waits for nothing but the start of its process, which was started just now.

        The clock only keeps a second process from being started for nothing: of two, the one that
        gets the task's lock works on it.
        """
        try:
            state = self.read()
        except (OSError, ValueError):
            return False
        return state.state == "queued" and 0 <= time.time() - state.launched < START

    def is_precomputation(self) -> bool:
        """Whether a training that has ended, and no person, has asked for it."""
        return self.precompute_file.exists()

    def glance(self) -> str:
        """`now`, or "" if there is no state that can be read. A precomputation that ended without a
        result is as one that was never asked for.
        """
        try:
            state = self.now()
        except (OSError, ValueError):
            return ""
        return "" if state not in REQUESTED and self.is_precomputation() else state


def write_state(path: Path, state: TaskState) -> None:
    """Replace a state file, by what can be read again. Raises OSError."""
    place, attempt = min(state.place, MOST_PLACE), min(state.attempt, MOST_PLACE)
    bounded = replace(state, place=place, attempt=attempt)
    write_json(path, {k: _printable(v) for k, v in asdict(bounded).items()})


def _printable(value: Any) -> Any:
    """Text that is not too long, without lone surrogates, which Python has for file names that are
    not UTF-8.
    """
    if not isinstance(value, str):
        return value
    return value.encode(errors="backslashreplace").decode()[:MOST_LETTERS]


def timestamp() -> str:
    """Now, in UTC, for people to read; the program never depends on it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
