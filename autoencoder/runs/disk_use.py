"""How many bytes a run's folder takes, and when that may have changed."""

import os
from pathlib import Path

WATCHED = ("", "snapshots", "config.json", "state.json", "metrics.json")  # "" is the folder
Change = tuple[int, ...]  # when each of them was changed, in nanoseconds


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
    """Differs whenever a file of a run was added, replaced or removed: a few looks at the disk
    instead of one for every file.

    Of what is changed in place only the files that are WATCHED are noticed, not the history and the
    log, which grow.
    """
    return tuple(_changed(f"{folder}/{name}") for name in WATCHED)


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _changed(path: str) -> int:
    try:
        # Without Path, which takes longer than the look itself: this is called for every run.
        return os.stat(path, follow_symlinks=False).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0
