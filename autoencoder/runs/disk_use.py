"""How many bytes a run's folder takes, and when that may have changed."""

import os
from pathlib import Path

Change = tuple[int, int]  # when files of the folder, and of its snapshots, were last added


def disk_use(folder: Path) -> int:
    """Bytes of all files in `folder` and below; links are not followed, what vanishes counts 0."""
    total = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += disk_use(Path(entry.path))
                else:
                    total += _size(entry)
    except OSError:
        return total
    return total


def last_change(folder: Path) -> Change:
    """Differs whenever a file of a run was added, replaced or removed: two looks at the disk
    instead of one for every file.

    Only what grows in place, the history and the log, goes unnoticed.
    """
    return _changed(folder), _changed(folder / "snapshots")


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _changed(folder: Path) -> int:
    try:
        return folder.lstat().st_mtime_ns
    except OSError:
        return 0
