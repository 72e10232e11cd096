"""Results that were derived from a run and take long to work out, kept beside the runs so that they
survive a restart of the server:

    models/.cache/<key of the run>/<digest>.npz     one result

They do not lie in the run's own folder, which stays as its training left it and may belong to an
earlier version. The digest covers all that a result depends on, so that an entry is never out of
date, only unused; when there are too many, the oldest go. Nothing depends on an entry: one that
cannot be read or written counts as missing.
"""

import contextlib
import functools
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.errors import CorruptRunError
from autoencoder.runs import files, npz
from autoencoder.runs.run import Run

FOLDER = ".cache"  # under the models folder
FORMAT = 1  # of the file; part of the digest
MOST_BYTES = 128 << 20  # of all entries
MOST_ENTRIES = 2_000
MAX_ENTRY = 16 << 20  # bytes of one
MOST_ARRAYS = 200  # in one
TREE = "tree"  # the member that holds everything but the arrays, as JSON
KINDS = "biuf"  # of arrays: numbers only, which are never pickled

# Numbers, texts, None and arrays of numbers, in lists and in dicts with texts as keys.
Result = Any


@dataclass(frozen=True)
class KeptResult:
    """Where one result is kept, and what it depends on.

    Attributes:
        run: What it was derived from: its key, its weights and its test images count.
        computation: Name of the function.
        version: Of the computation; another one when it gives other results than before.
        parameters: All else that it depends on, as plain as JSON.
    """

    run: Run
    computation: str
    version: int
    parameters: Sequence[Any] = ()

    def read(self) -> Result | None:
        """The result; None if it is not there or cannot be read."""
        if (path := self._path) is None:
            return None
        names = (TREE, *map(str, range(MOST_ARRAYS)))
        try:
            arrays = npz.read_arrays(path, names, _check_size)
            return _unpacked(json.loads(arrays[TREE].tobytes()), arrays)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def write(self, result: Result) -> None:
        """Keep the result, if it is not too large and the models folder can be written.

        Raises TypeError for what is neither a number, a text, None, an array of numbers, nor a list
        or dict of those; None alone is no result.
        """
        if result is None:
            raise TypeError("None is no result: it means that there is none")
        arrays: list[np.ndarray] = []
        tree = json.dumps(_packed(result, arrays)).encode()
        size = len(tree) + sum(array.nbytes for array in arrays)
        if (path := self._path) is None or size > MAX_ENTRY or len(arrays) > MOST_ARRAYS:
            return
        members = {str(index): array for index, array in enumerate(arrays)}
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_arrays(path, {TREE: np.frombuffer(tree, np.uint8), **members})
            _drop_oldest(path.parents[1])

    @property
    def exists(self) -> bool:
        """Whether there is an entry, which may be damaged."""
        return self._path is not None and self._path.is_file()

    @functools.cached_property
    def _path(self) -> Path | None:
        """None for a run that is still trained, or whose weights nobody can name.

        Looked up once: if the weights change while the result is computed, it is kept under the old
        ones, where nobody looks for it.
        """
        folder = self.run.folder.parent / FOLDER
        try:
            weights = self.run.weights_sha256
        except CorruptRunError:
            return None
        is_link = folder.is_symlink() or (folder / self.run.key).is_symlink()
        if self.run.is_live or not weights or is_link:
            return None
        text = json.dumps(
            [
                *(FORMAT, self.run.key, weights, _stamp(self.run.folder / "evaluation.npz")),
                *(self.computation, self.version, list(self.parameters)),
            ]
        )
        digest = hashlib.sha256(text.encode()).hexdigest()[:32]
        return folder / self.run.key / f"{digest}.npz"


def forget(models: Path, key: str) -> None:
    """Remove all results of a run."""
    folder = models / FOLDER
    if not folder.is_symlink():
        shutil.rmtree(folder / key, ignore_errors=True)  # which leaves what a link leads to


def _check_size(headers: Mapping[str, npz.ArrayHeader]) -> None:
    if sum(header.nbytes for header in headers.values()) > MAX_ENTRY:
        raise ValueError("it is larger than any entry")


def _stamp(path: Path) -> list[int]:
    """What changes when the file is written; nothing if there is none."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns]


def _packed(value: Result, arrays: list[np.ndarray]) -> Any:
    """The value as JSON, in which an array is its number in `arrays`, where it is put."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in KINDS:
            raise TypeError(f"an array of {value.dtype} is no result that can be kept")
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, dict):
        return {"dict": {_text(name): _packed(each, arrays) for name, each in value.items()}}
    if isinstance(value, list):
        return [_packed(each, arrays) for each in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a {type(value).__name__} is no result that can be kept")


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the keys of a dict are texts; got {name!r}")
    return name


def _unpacked(tree: Any, arrays: dict[str, np.ndarray]) -> Result:
    """What was packed. Raises KeyError, TypeError or ValueError if nothing of ours was."""
    if isinstance(tree, list):
        return [_unpacked(each, arrays) for each in tree]
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return arrays[str(tree["array"])]
    return {name: _unpacked(each, arrays) for name, each in tree["dict"].items()}


def _drop_oldest(folder: Path) -> None:
    """Remove the oldest entries until neither their number nor their size is above its bound."""
    entries = []
    for path in _entries(folder):
        with contextlib.suppress(OSError):  # somebody else removed it
            status = path.lstat()
            entries.append((status.st_mtime_ns, status.st_size, path))
    size, count = sum(each[1] for each in entries), len(entries)
    for _, bytes_of_entry, path in sorted(entries):
        if size <= MOST_BYTES and count <= MOST_ENTRIES:
            return
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        size, count = size - bytes_of_entry, count - 1


def _entries(folder: Path) -> Iterator[Path]:
    """Every entry, and every scratch file that a killed process may have left."""
    for path in folder.glob("*/*"):
        is_entry = path.suffix == ".npz" or files.SCRATCH.fullmatch(path.name)
        if is_entry and not path.parent.is_symlink():
            yield path
