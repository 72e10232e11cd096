"""Runs as one zip archive: written whole, and read as if a stranger had made it.

An archive holds a folder for each run, with the files of the run that are its result. What belongs
to a machine (locks, logs, states of other tasks) stays behind.
"""

import re
import shutil
import uuid
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from autoencoder.config.options import RUN_KEY
from autoencoder.errors import ArchiveError, CorruptRunError, RunBusyError, RunError
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs.npz import BROKEN, COMPRESSIONS, ENCRYPTED, check_directory
from autoencoder.runs.run import Run
from autoencoder.runs.state import ACTIVE, Task, timestamp, write_state

FILE = re.compile(r"(?:snapshots/)?[a-z0-9][a-z0-9._-]{0,120}\.(?:json|jsonl|npz|safetensors)")
OF_TASKS = re.compile(r".+\.state\.json")  # states of tasks other than the training
MOST_FILES = 60_000  # in an archive; a run has one for each of its epochs
MOST_DIRECTORY = 16 << 20  # bytes of the archive's table of contents
MOST_BYTES = 4 << 30  # of all files, unpacked
CHUNK = 1 << 20  # bytes
READABLE = (Run.evaluation, Run.weights, Run.pca)  # of a run that has been trained


@dataclass(frozen=True)
class Imported:
    """What came of an archive: keys of the runs that were added, and of those that were here."""

    added: tuple[str, ...]
    present: tuple[str, ...]


def files_of(run: Run) -> list[str]:
    """Names of the files of a run that an archive takes, from its folder on."""
    paths = [*run.folder.glob("*"), *run.folder.glob("snapshots/*")]
    names = [path.relative_to(run.folder).as_posix() for path in paths if _is_plain(path)]
    return sorted(name for name in names if _is_kept(name))


def archive_bytes(run: Run) -> int:
    """About how large an archive of the run is: its files are compressed already."""
    return sum((run.folder / name).stat().st_size for name in files_of(run))


def write_archive(runs: Sequence[Run], path: Path, notify: ProgressCallback = ignore) -> None:
    """Write the runs into a zip file.

    Raises:
        RunBusyError: One of them waits or is being trained.
        OSError: A file cannot be read or written.
    """
    if live := [run.key for run in runs if run.is_live]:
        raise RunBusyError(f"{live[0]} is still in training: stop it first, or wait for its end")
    with zipfile.ZipFile(path, "w") as archive:
        for number, run in enumerate(runs):
            notify(f"packing {run.key}", number / len(runs))
            for name in files_of(run):
                packed = zipfile.ZIP_STORED if name.endswith(".npz") else zipfile.ZIP_DEFLATED
                archive.write(run.folder / name, f"{run.key}/{name}", packed)


def read_archive(
    path: Path, models: Path, notify: ProgressCallback = ignore, *, most: int = MOST_BYTES
) -> Imported:
    """Put the runs of an archive into the models folder: all of them, or none. A run of a key that
    is there stays as it is. Unpacked they may have `most` bytes.

    Raises:
        ArchiveError: It is no archive of runs, or one of its runs is damaged.
        RunError: The models folder cannot be written.
    """
    hidden = models / f".import-{uuid.uuid4().hex}"
    try:
        hidden.mkdir(parents=True)
        with path.open("rb") as handle:
            keys = _unpack(handle, hidden, most, part_of(notify, 0.0, 0.8))
        for number, key in enumerate(keys):
            notify(f"looking at {key}", 0.8 + 0.2 * number / len(keys))
            _settle(hidden / key)
        added = tuple(key for key in keys if _moved(hidden / key, models / key))
    except OSError as error:
        raise RunError(
            f"cannot write to the models folder {models}: {error.strerror or error}"
        ) from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return Imported(added, tuple(key for key in keys if key not in added))


def _unpack(handle: BinaryIO, folder: Path, most: int, notify: ProgressCallback) -> list[str]:
    """The keys of the runs, which then lie in `folder`."""
    try:
        check_directory(handle, MOST_FILES, MOST_DIRECTORY)
        with zipfile.ZipFile(handle) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            keys = _checked(entries, most)
            for key in keys:
                (folder / key / "snapshots").mkdir(parents=True)
            total = sum(entry.file_size for entry in entries) or 1
            done, packed = 0, ""
            for entry in entries:
                if (key := entry.filename.partition("/")[0]) != packed:
                    packed = key
                    notify(f"unpacking {key}", done / total)
                _write(archive, entry, folder / entry.filename)
                done += entry.file_size
    except (*BROKEN, ValueError) as error:
        raise ArchiveError(f"this is no whole archive of runs: {error}") from error
    return keys


def _checked(entries: Sequence[zipfile.ZipInfo], most: int) -> list[str]:
    """The keys of the runs in an archive whose entries are all files of runs."""
    names = [entry.filename for entry in entries]
    for entry in entries:
        key, _, name = entry.filename.partition("/")
        if not RUN_KEY.fullmatch(key) or not _is_kept(name):
            raise ArchiveError(
                f"an archive of runs holds a folder for each run, with the files that a run has;"
                f" this one holds {entry.filename[:100]!r}"
            )
        kind = entry.external_attr >> 28
        if kind not in (0, 8) or entry.flag_bits & ENCRYPTED:  # 8: a regular file
            raise ArchiveError(f"{entry.filename[:100]!r} is no plain file")
        if entry.compress_type not in COMPRESSIONS:
            raise ArchiveError(f"{entry.filename[:100]!r} is compressed in an unusual way")
    if len(set(names)) < len(names):
        raise ArchiveError("it has two files of one name")
    if (size := sum(entry.file_size for entry in entries)) > most:
        raise ArchiveError(f"its files may have {most:,} bytes together; they have {size:,}")
    if not entries:
        raise ArchiveError("there is no run in it")
    return sorted({name.partition("/")[0] for name in names})


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> None:
    """Unpack a file, and no more bytes of it than its entry says."""
    left = entry.file_size
    with archive.open(entry) as source, path.open("xb") as target:
        while chunk := source.read(CHUNK):
            left -= len(chunk)
            if left < 0:
                raise ArchiveError(f"{entry.filename[:100]!r} is larger than the archive says")
            target.write(chunk)


def _settle(folder: Path) -> None:
    """See that the run can be read, and that nothing waits or runs in it. Raises ArchiveError."""
    try:
        run = Run.read(folder)
        for read in READABLE if run.is_trained else ():
            read(run)
    except CorruptRunError as error:
        raise ArchiveError(str(error)) from error
    if run.record.state in ACTIVE:
        record = replace(run.record, state="stopped", place=0, pid=0, ended=timestamp())
        write_state(Task(folder).state_file, record)


def _moved(source: Path, target: Path) -> bool:
    """Whether the folder could be moved to where no run was."""
    if target.exists() or target.is_symlink():
        return False
    try:
        source.rename(target)  # fails if somebody was faster: not empty
    except OSError:
        if target.is_dir():
            return False
        raise
    return True


def _is_kept(name: str) -> bool:
    return FILE.fullmatch(name) is not None and not OF_TASKS.fullmatch(name)


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
