"""The store of all runs under one folder: list, look up, claim, label, delete.

It remembers nothing between two calls.
"""

import os
import re
import shutil
import stat
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from autoencoder.config.options import RUN_KEY
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError, RunBusyError, RunError, UnknownRunError
from autoencoder.runs import files, results
from autoencoder.runs.active import ActiveTasks
from autoencoder.runs.labels import RunLabel, read_label, write_label
from autoencoder.runs.run import DamagedRun, Run
from autoencoder.runs.series import Membership, join_series
from autoencoder.runs.state import ACTIVE, TRAIN, Task, TaskState, timestamp, write_state
from autoencoder.training.memory import require_memory

_RUN_LIKE = re.compile(r".+-d\d+-[0-9a-f]{8}")


class RunStore:
    """The runs in `folder`, which need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.active = ActiveTasks(folder)

    def keys(self) -> list[str]:
        """Keys of everything that looks like a run, newest first.

        Links and hidden folders are ignored.
        """
        try:
            with os.scandir(self.folder) as entries:
                folders = [
                    (_created(entry.path, entry.name), entry.name)
                    for entry in entries
                    if RUN_KEY.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
                ]
        except OSError:
            return []
        newest_first = sorted(folders, key=lambda folder: (-folder[0], folder[1]))
        return [key for created, key in newest_first if created]

    def entries(self, most: int = 200) -> list[Run | DamagedRun]:
        """The newest `most` runs, damaged ones among them."""
        return [self.entry(key) for key in self.keys()[:most]]

    def entry(self, key: str) -> Run | DamagedRun:
        """One of `keys` as a run, or what is wrong with it."""
        try:
            return Run.read(self.folder / key)
        except CorruptRunError as error:
            return DamagedRun(key, str(error))

    def runs(self, most: int = 200) -> list[Run]:
        """The newest `most` runs that can be read."""
        return [entry for entry in self.entries(most) if isinstance(entry, Run)]

    def get(self, key: str) -> Run:
        """The run `key`, which must look like a key before it is used as a path.

        Raises:
            UnknownRunError: There is none.
            CorruptRunError: There is one, and it is damaged.
        """
        return Run.read(self._existing(key))

    def claim(
        self, config: RunConfig, state: str, place: int = 0, *, check_memory: bool = True
    ) -> bool:
        """Create the run's folder, completely or not at all; of many claimants one gets True.

        Raises:
            RunError: The folder cannot be written.
            ConfigError: It would be new, and this machine has not the memory to train it: not where
                `check_memory` is False, since another machine will.
        """
        if check_memory and not (self.folder / config.key).exists():
            require_memory(config)
        hidden = self.folder / f".new-{uuid.uuid4().hex}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            hidden.mkdir()
            files.write_json(hidden / "config.json", config.to_dict())
            write_state(Task(hidden).state_file, TaskState(state, place=place, created=timestamp()))
            if state in ACTIVE:
                self.active.add(config.key, TRAIN)
            if (self.folder / config.key).is_symlink():
                return False
            hidden.rename(self.folder / config.key)  # fails if the run exists: not empty
        except OSError as error:
            if (self.folder / config.key).is_dir():
                return False
            raise RunError(
                f"cannot write to the models folder {self.folder}: {error.strerror}"
            ) from error
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
        return True

    def label(self, key: str) -> RunLabel:
        """What a person says of a run, damaged or not. Raises UnknownRunError."""
        return read_label(self._existing(key))

    def relabel(
        self,
        key: str,
        *,
        title: str | None = None,
        note: str | None = None,
        pinned: bool | None = None,
    ) -> RunLabel:
        """Change what is given of a run's label, also while it is being trained; returns the new
        one.

        Raises:
            UnknownRunError: There is no such run.
            RunError: The title or the note is too long, or the folder cannot be written.
        """
        folder = self._existing(key)
        given = {"title": title, "note": note, "pinned": pinned}
        changes: dict[str, Any] = {k: value for k, value in given.items() if value is not None}
        return write_label(folder, replace(read_label(folder), **changes))

    def join(self, key: str, membership: Membership) -> None:
        """Note that a run belongs to a lab, a sweep or a series of seeds.

        Raises UnknownRunError, or RunError if the folder cannot be written.
        """
        join_series(self._existing(key), membership)

    def delete(self, key: str) -> None:
        """Remove a run, damaged or not, at once for every reader.

        Raises:
            UnknownRunError: There is none.
            RunBusyError: It is being worked on.
            RunError: The folder cannot be written.
        """
        folder = self._existing(key)
        if any(task.is_held() or task.is_starting() for task in _tasks(folder)):
            raise RunBusyError(f"{key} is in use by a job: stop the job first")
        hidden = self.folder / f".deleted-{uuid.uuid4().hex}"
        try:
            folder.rename(hidden)
        except OSError as error:
            raise RunError(f"cannot delete {key}: {error.strerror}") from error
        shutil.rmtree(hidden, ignore_errors=True)
        results.forget(self.folder, key)

    def _existing(self, key: str) -> Path:
        """The folder of a run that `keys` lists. Raises UnknownRunError."""
        folder = self.folder / key
        if not RUN_KEY.fullmatch(key) or not _is_folder(folder) or not _created(str(folder), key):
            raise UnknownRunError(f"there is no run {key[:80]!r}")
        return folder


def _is_folder(path: Path) -> bool:
    """Whether there is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _created(path: str, name: str) -> int:
    """When the run was created, in nanoseconds: its config is written only then. 0 if the folder is
    not a run, not even a damaged one.
    """
    try:
        # Without Path, which costs twice as much: this is called for every folder.
        config = os.path.join(path, "config.json")  # noqa: PTH118
        return max(1, os.stat(config, follow_symlinks=False).st_mtime_ns)  # noqa: PTH116
    except OSError:
        return 1 if _RUN_LIKE.fullmatch(name) else 0


def _tasks(folder: Path) -> list[Task]:
    """Every task that has a lock or a state in the folder of a run."""
    names = {TRAIN}
    for ending in (".lock", ".state.json"):
        names |= {path.name.removesuffix(ending) for path in folder.glob(f"*{ending}")}
    return [Task(folder, name) for name in names]
