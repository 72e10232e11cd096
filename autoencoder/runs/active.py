"""Which tasks wait or run: an index beside the runs, so that nobody opens ten thousand folders to
find them.

    models/.queue/<folder>~<task>     an empty file for each task that may be waiting or running
    models/.queue/complete            exists once every folder has been looked at

Whoever writes that a task waits or runs adds it first. An entry may be out of date, since a killed
process takes nothing back: a reader asks the task itself. Only whoever holds the queue's lock
removes entries. The folder may be deleted at any time: the queue makes it anew.
"""

from collections.abc import Iterator
from pathlib import Path

FOLDER = ".queue"  # under the models folder
COMPLETE = "complete"
BETWEEN = "~"  # a folder's name and a task's, neither of which has it


class ActiveTasks:
    """The index under one models folder."""

    def __init__(self, models: Path) -> None:
        self.folder = models / FOLDER

    @property
    def is_complete(self) -> bool:
        """Whether every task that waits or runs is in it."""
        return (self.folder / COMPLETE).is_file()

    def add(self, folder: str, task: str) -> None:
        """Add the task of that name in the folder of that name. Raises OSError."""
        self._touch(f"{folder}{BETWEEN}{task}")

    def remove(self, folder: str, task: str) -> None:
        """Remove the entry of a task; harmless if there is none. Raises OSError."""
        (self.folder / f"{folder}{BETWEEN}{task}").unlink(missing_ok=True)

    def set_complete(self) -> None:
        """Say that every task that waits or runs has been added. Raises OSError."""
        self._touch(COMPLETE)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Folder and name of every entry, sorted; nothing is known to be there."""
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError:
            return
        for name in names:
            folder, between, task = name.partition(BETWEEN)
            if between:
                yield folder, task

    def _touch(self, name: str) -> None:
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            path.touch()
