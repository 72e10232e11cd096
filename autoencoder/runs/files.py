"""Files of a run, read and written one at a time.

A file is written completely or not at all. A reader treats a folder as hostile: it reads only
regular files, follows no links, has a limit for the size, and unpickles nothing.
"""

import json
import os
import re
import stat
import tokenize
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from autoencoder import validation

MAX_JSON = 4 << 20  # bytes
MAX_HISTORY = 64 << 20
MAX_ARRAYS = 2 << 30  # bytes of arrays in one file, unpacked

BROKEN_NPZ = (  # what zipfile and NumPy raise on broken files, beside ValueError and OSError
    zipfile.BadZipFile,
    KeyError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
    zlib.error,
)
SCRATCH = re.compile(r"\..+\.\d+\.[0-9a-f]{6}")  # names of the scratch files of `replacing`
Arrays = dict[str, np.ndarray]
T = TypeVar("T")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a scratch path beside `path`; renamed to it if the block succeeds, else removed."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex[:6]}")
    try:
        yield scratch
        _flush_to_disk(scratch)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Replace `path` by `data` as JSON. Raises ValueError on numbers JSON does not know."""
    with replacing(path) as scratch:
        scratch.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n")


def write_bytes(path: Path, data: bytes) -> None:
    """Replace `path` by `data`."""
    with replacing(path) as scratch:
        scratch.write_bytes(data)


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Replace `path` by a compressed npz of `arrays`."""
    with replacing(path) as scratch, scratch.open("wb") as handle:
        np.savez_compressed(handle, **arrays)  # type: ignore[arg-type]


def append_line(path: Path, data: Mapping[str, Any]) -> None:
    """Append `data` as one whole line of JSON, in one write."""
    line = (json.dumps(data, allow_nan=False) + "\n").encode()
    handle = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0), 0o644
    )
    try:
        if os.write(handle, line) != len(line):
            raise OSError(28, "No space left on device")
    finally:
        os.close(handle)


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError or ValueError."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path.name} is not a regular file")
    if status.st_size > most:
        raise ValueError(f"{path.name} is larger than {most} bytes")
    with path.open("rb") as handle:
        return handle.read(most)


def read_json(path: Path, kind: type[T]) -> T:
    """The JSON file as an object of `kind`. Raises OSError or ValueError."""
    return _decoded(path, read_bytes(path, MAX_JSON), kind)


def read_lines(path: Path, kind: type[T]) -> list[T]:
    """A file with one JSON object of `kind` per line; a last line that is not whole is left out.

    Raises OSError or ValueError.
    """
    *lines, _ = read_bytes(path, MAX_HISTORY).split(b"\n")
    return [_decoded(path, line, kind) for line in lines]


def _decoded(path: Path, text: bytes, kind: type[T]) -> T:
    try:
        return validation.decode(text, kind)
    except ValueError as error:
        raise ValueError(f"{path.name} has wrong content: {error}") from error


def read_arrays(path: Path, names: Iterable[str]) -> Arrays:
    """The arrays of an npz file that have one of the `names`, as they are.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not a whole npz file, or too large.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{path.name} is not a regular file")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_ARRAYS:
                raise ValueError(f"{path.name} unpacks to more than {MAX_ARRAYS} bytes")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in names if name in file.files}
    except BROKEN_NPZ as error:
        raise ValueError(f"{path.name} is not a complete npz file: {error}") from error
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # NumPy gives the bytes of what is no array
            raise ValueError(f"{name} in {path.name} is not an array")
    return arrays
