"""Reading hostile runs in a process of its own, whose time and memory are measured for each.

    python -m tests.faults.measured_reading MODELS GOOD KEY NEIGHBOUR SEED FIRST LAST

MODELS holds two sound runs, KEY and NEIGHBOUR; GOOD is a copy of KEY. For every case, KEY is
restored, spoilt and read. A line of JSON is written for each case.
"""

import json
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import CorruptRunError, ProjectionError
from autoencoder.jobs.projection import Parse
from autoencoder.runs import DamagedRun, KeptResult, Run, RunStore
from autoencoder.runs.disk_use import disk_use, last_change
from autoencoder.runs.series import read_series
from tests.faults.hostile_folders import HOSTILE, Builder
from tests.faults.mutations import mutation

LONGEST = 20  # seconds until a reading that hangs is ended
MOST_SECONDS, MOST_MEGABYTES = 1.0, 200.0  # of CPU and of memory, for all of one run


@dataclass(frozen=True)
class Reading:
    """What came of reading one hostile run.

    Attributes:
        name: Of the case.
        problem: What should not have happened; empty if nothing of the kind did.
        damaged: The parts of the run that were said to be damaged; "run" for the whole.
        seconds, megabytes: CPU time, and memory beyond what the process had before.
    """

    name: str
    problem: str
    damaged: list[str]
    seconds: float
    megabytes: float

    @property
    def failure(self) -> str:
        """Why it was not survived, in one line; empty if it was."""
        if self.problem:
            return f"{self.name}: {self.problem}"
        if self.seconds > MOST_SECONDS or self.megabytes > MOST_MEGABYTES:
            return f"{self.name}: took {self.seconds:.1f} CPU s and {self.megabytes:.0f} MB"
        return ""


def read_all(store: RunStore, key: str) -> list[str]:
    """Read everything of a run; the parts that are damaged."""
    entry = store.entry(key)
    store.label(key)
    read_series(store.folder / key)
    disk_use(store.folder / key)
    last_change(store.folder / key)
    if isinstance(entry, DamagedRun):
        return ["run"]
    return [name for name, read in parts(entry).items() if _is_damaged(read)]


def parts(run: Run) -> dict[str, Callable[[], Any]]:
    """Whatever a page may ask of a run, by name."""
    kept = KeptResult(run, "some_numbers", 1)
    maps = _settings(run.folder, ProjectionSettings.parse)
    watched = _settings(run.folder, ProjectionSettings.parse_steps)
    return {
        "facts": lambda: (run.is_live, run.is_trained, run.class_names, run.version),
        "dataset": lambda: run.dataset,
        "history": lambda: [(p.done, p.remaining, p.images_per_second) for p in run.history],
        "metrics": lambda: run.metrics,
        "evaluation": run.evaluation,
        "log": lambda: run.log(8_000),
        "pca": run.pca,
        "snapshots": lambda: [run.snapshot(epoch) for epoch in run.snapshots()],
        "projections": lambda: [run.projection(each) for each in maps],
        "steps": lambda: [(run.steps(each), run.has_steps(each)) for each in watched],
        "has": lambda: (run.has_mixture(), run.has_clustering(), run.has_checkpoint),
        "mixture": run.mixture,
        "clustering": run.clustering,
        "sha256": lambda: run.weights_sha256,
        "weights": run.weights,
        "checkpoint": run.checkpoint,
        "kept": lambda: (kept.exists, kept.read()),
    }


def _settings(folder: Path, parse: Parse) -> Iterator[ProjectionSettings]:
    """Of the maps, or of the steps, that lie in a run's folder."""
    for path in folder.glob("*.npz"):
        with suppress(ProjectionError):
            yield parse(path.stem)


def _is_damaged(read: Callable[[], Any]) -> bool:
    try:
        read()
    except CorruptRunError as error:
        text = str(error)
        if "\n" in text or len(text) > 500:
            raise ValueError(f"no sentence: {text[:200]!r}") from error
        return True
    return False


def restore(models: Path, good: Path, key: str) -> Path:
    """Put the good run in the place of whatever is there."""
    folder = models / key
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
    if folder.exists():
        _unlock(folder)
        shutil.rmtree(folder)
    shutil.copytree(good, folder)
    return folder


def _unlock(folder: Path) -> None:
    """Let every folder and file of a run be removed."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o700)


def measured(name: str, store: RunStore, key: str, neighbour: str) -> Reading:
    """Read the run `key`, and list both."""
    before, began, problem = _most_memory(), time.process_time(), ""
    damaged: list[str] = []
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        damaged = read_all(store, key)
        if [run.key for run in store.runs() if run.key != key] != [neighbour]:
            problem = "the run beside it is not listed"
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        problem = f"{type(error).__name__}: {str(error)[:200]} ({where.name}, line {where.lineno})"
    signal.setitimer(signal.ITIMER_REAL, 0)
    seconds = time.process_time() - began
    return Reading(name, problem, damaged, seconds, _most_memory() - before)


def _most_memory() -> float:
    """The most megabytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _too_long(*_: object) -> None:
    raise TimeoutError(f"not read within {LONGEST} seconds")


def cases(seed: int, first: int, last: int) -> dict[str, Builder]:
    """The builders, or, from number 0 on, random changes of a good run's files."""
    if first < 0:
        return HOSTILE
    return {f"mutation {seed}:{n}": mutation(seed, n) for n in range(first, last)}


def main(models: Path, good: Path, key: str, neighbour: str, *numbers: int) -> None:
    """Write a Reading for each case."""
    signal.signal(signal.SIGALRM, _too_long)
    store = RunStore(models)
    read_all(store, neighbour)  # imports and caches count for no case
    restore(models, good, key)
    read_all(store, key)
    for name, build in cases(*numbers).items():
        build(restore(models, good, key))
        sys.stdout.write(json.dumps(asdict(measured(name, store, key, neighbour))) + "\n")
        sys.stdout.flush()
    restore(models, good, key)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:5], *map(int, sys.argv[5:]))
