"""What the Runs page knows of each run: read from its folder when something has changed there.

It is kept by the folder's time of change and not, as all else that is read from a run, by the
version of its weights: labels, series and bytes change without those.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from autoencoder.runs import DamagedRun, Membership, Run, RunLabel, RunStore
from autoencoder.runs.disk_use import Change, disk_use, last_change
from autoencoder.runs.labels import read_label
from autoencoder.runs.series import read_series
from autoencoder.ui.shared.ranking import MAP, Rank, rank
from autoencoder.ui.shared.run_titles import distinct_names, errors_of
from autoencoder.ui.shared.shell import store

MOST = 20_000  # runs; older ones are left out
FIRST = 200  # runs that a page reads, however long that takes
READING = 0.3  # seconds that it spends on the others
LAST = (math.inf,)  # a rank behind all others
SETTLED = 2 * 10**9  # nanoseconds after a change, until which the folder is read each time


@dataclass(frozen=True)
class Entry:
    """A run, or a damaged one, with what cards, filters and sorting need.

    Attributes:
        age: Its place among all runs, the newest first.
        name: What it is, distinct among all, such as "Digits, conv, d = 2, seed 1"; of a damaged
            run the key.
        label: What a person says of it.
        series: What it belongs to; nothing for a run that a person asked for.
        errors: Mean squared test error of the "run" and of "pca"; empty until it is finished.
        size: Bytes on the disk.
    """

    run: Run | DamagedRun
    age: int
    name: str
    label: RunLabel
    series: Sequence[Membership]
    errors: Mapping[str, float]
    size: int

    @property
    def key(self) -> str:
        """The run's."""
        return self.run.key

    @property
    def title(self) -> str:
        """What it is called: as a person calls it, else by its name."""
        return self.label.title or self.name

    @property
    def mse(self) -> float:
        """Its test error; infinite where there is none yet."""
        return self.errors.get("run", float("inf"))

    @property
    def rank(self) -> Rank:
        """How good its map is to look at, the best first; a damaged run is the last."""
        return rank(self.run.config, self.mse, MAP) if isinstance(self.run, Run) else LAST

    @property
    def is_finished(self) -> bool:
        """Whether it can be compared with others."""
        return isinstance(self.run, Run) and self.run.state == "finished"

    @property
    def is_single(self) -> bool:
        """Whether it has a card of its own: it belongs to no series, was there before any, or a
        person has named or pinned it.
        """
        has_face = self.label.pinned or bool(self.label.title)
        return has_face or not any(each.created for each in self.series)


def read_entries() -> tuple[list[Entry], int]:
    """All runs, the newest first, damaged ones among them; and how many are left to read, since a
    page that has more than FIRST spends no longer than READING on them.
    """
    records, unread = _records()
    configs = {each.run.key: each.run.config for each in records if isinstance(each.run, Run)}
    names = distinct_names(configs)
    entries = [
        Entry(age=age, name=names.get(each.run.key, each.run.key), **vars(each))
        for age, each in enumerate(records)
    ]
    return entries, unread


def read_more() -> int:
    """Read some of the runs that are left; returns how many are left after that."""
    return _records()[1]


@dataclass(frozen=True)
class _Record:
    """What is read from one run's folder; see Entry."""

    run: Run | DamagedRun
    label: RunLabel
    series: Sequence[Membership]
    errors: Mapping[str, float]
    size: int


Memory = dict[str, tuple[Change, _Record]]


def _records() -> tuple[list[_Record], int]:
    """What is known of all runs, the newest first, and how many could not be read in time."""
    runs, memory, deadline = store(), _memory(), time.monotonic() + READING
    keys = runs.keys()[:MOST]
    records = [_record(runs, key, memory) for key in keys[:FIRST]]
    records += [_record(runs, key, memory, deadline) for key in keys[FIRST:]]
    known = [record for record in records if record is not None]
    return known, len(keys) - len(known)


def _record(runs: RunStore, key: str, memory: Memory, deadline: float = math.inf) -> _Record | None:
    """What the run's folder holds, as it was read last if nothing has changed there since, or if
    the deadline has passed; None if it was never read then.

    A change may share its time stamp with one that follows within milliseconds: it is relied on
    only when it is older than that. Whether a run that says it is running lives, no file tells.
    """
    folder = runs.folder / key
    change = last_change(folder)
    before, record = memory.get(str(folder), ((), None))
    settled = time.time_ns() - max(change) > SETTLED
    if record is not None and before == change and settled and not _may_end(record.run):
        return record
    if time.monotonic() > deadline:
        return record
    record = _read(runs, folder)
    if len(memory) >= MOST:
        memory.clear()
    memory[str(folder)] = (change, record)
    return record


def _may_end(run: Run | DamagedRun) -> bool:
    return isinstance(run, Run) and run.state in ("running", "interrupted")


@st.cache_resource(max_entries=1, show_spinner=False)
def _memory() -> Memory:
    """Folder -> when it had changed last, and what it held then: one for all visitors."""
    return {}


def _read(runs: RunStore, folder: Path) -> _Record:
    run, size = runs.entry(folder.name), disk_use(folder)
    label, series = read_label(folder), read_series(folder)
    errors = errors_of(run) if isinstance(run, Run) else {}
    return _Record(run, label, series, errors, size)
