"""What the Runs page knows of each run: read once for each time that the page is drawn, and kept
where it is slow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autoencoder.runs import DamagedRun, Membership, Run, RunLabel
from autoencoder.runs.disk_use import Change, disk_use, last_change
from autoencoder.runs.labels import read_label
from autoencoder.runs.series import read_series
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.run_titles import distinct_names, errors_of
from autoencoder.ui.shared.shell import store

MOST = 2_000  # runs; older ones are left out


@dataclass(frozen=True)
class Entry:
    """A run, or a damaged one, with what cards, filters and sorting need.

    Attributes:
        age: Its place among all runs, the newest first.
        name: What it is, distinct among all; of a damaged run the key.
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


def read_entries() -> list[Entry]:
    """All runs, the newest first, damaged ones among them."""
    found = store().entries(MOST)
    names = distinct_names({each.key: each.config for each in found if isinstance(each, Run)})
    return [_entry(each, age, names) for age, each in enumerate(found)]


def _entry(run: Run | DamagedRun, age: int, names: Mapping[str, str]) -> Entry:
    folder = store().folder / run.key
    label = read_label(folder)
    if isinstance(run, DamagedRun):
        return Entry(run, age, run.key, label, (), {}, disk_use(folder))
    size = _disk_use(run, last_change(folder))
    return Entry(run, age, names[run.key], label, read_series(folder), errors_of(run), size)


@cached_per_run(max_entries=MOST)
def _disk_use(run: Run, change: Change) -> int:
    """Bytes; `change` says since when they have been as they are."""
    return disk_use(run.folder)
