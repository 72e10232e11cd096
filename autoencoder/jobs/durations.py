"""How long jobs on runs took before: what a page says of one that has just begun."""

import contextlib
from collections.abc import Iterator
from statistics import median

from autoencoder.errors import CorruptRunError
from autoencoder.jobs import registry
from autoencoder.jobs.job import JobKind
from autoencoder.runs import Run, RunStore, Task

MOST = 500  # runs that are looked at, the newest
LIKE = 2  # times as many points, or as few, are about as many


def took_before(store: RunStore, run: Run, name: str) -> float | None:
    """Median seconds that finished jobs like the task `name` of `run` took, on the newest runs
    of the store with about as many points; None if there were none.
    """
    kind = registry.kind_of(Task(run.folder, name))
    points = kind.points(run.config, name)
    took = [
        task.read().took
        for other, task in _finished(store, kind, kind.series(name))
        if points <= LIKE * kind.points(other.config, task.name) <= LIKE**2 * points
    ]
    return median(took) if took else None


def _finished(store: RunStore, kind: JobKind, series: str) -> Iterator[tuple[Run, Task]]:
    """Every task of this kind and series that is finished and says how long it took."""
    for key in store.keys()[:MOST]:
        for path in (store.folder / key).glob("*.state.json"):
            task = Task(path.parent, path.name.removesuffix(".state.json"))
            if not kind.matches(task.name) or kind.series(task.name) != series:
                continue
            with contextlib.suppress(OSError, ValueError, CorruptRunError):
                record = task.read()
                if record.state == "finished" and record.took > 0:
                    yield Run.read(task.folder), task
