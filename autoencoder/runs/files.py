"""Files of a run, read and written one at a time.

A file is written completely or not at all. A reader treats a folder as hostile: it reads only
regular files, follows no links, waits for nobody, and has a limit for the size. npz files are read
in npz.py.
"""

import json
import os
import re
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np

from autoencoder import validation

MAX_JSON = 64 << 10  # bytes of a file, where its reader does not know better
MAX_CONFIG = 512 << 10  # of a config.json, which may name the classes of an added data set
MAX_LINES = 10_000  # of a history: the most epochs that a config may have
MAX_LINE = 16 << 10  # bytes
READ_AT_ONCE = os.O_RDONLY | sum(  # follow no link, and do not wait for who writes into a pipe
    getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC")
)
SCRATCH = re.compile(r"\..+\.\d+\.[0-9a-f]{6}")  # names of the scratch files of `replacing`
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


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A regular file, open for reading. Raises OSError, or ValueError if it is none."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{path.name} is not a regular file")
    with os.fdopen(os.open(path, READ_AT_ONCE), "rb") as handle:
        if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            raise ValueError(f"{path.name} is not a regular file")
        yield handle


def size_of(handle: BinaryIO) -> int:
    """Bytes of an open file."""
    return os.fstat(handle.fileno()).st_size


def read_bytes(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError or ValueError."""
    with opened(path) as handle:
        if size_of(handle) > most:
            raise ValueError(f"{path.name} is larger than {most:,} bytes")
        return handle.read(most)


def read_end(path: Path, most: int) -> bytes:
    """The last `most` bytes of a regular file. Raises OSError or ValueError."""
    with opened(path) as handle:
        handle.seek(max(0, size_of(handle) - most))
        return handle.read(most)


def read_json(path: Path, kind: type[T], most: int = MAX_JSON) -> T:
    """The JSON file of at most `most` bytes as an object of `kind`. Raises OSError or
    ValueError.
    """
    return _decoded(path, read_bytes(path, most), kind)


def read_lines(
    path: Path, kind: type[T], most: int = MAX_LINES, longest: int = MAX_LINE
) -> list[T]:
    """A file with one JSON object of `kind` per line; a last line that is not whole is left out.

    Raises OSError, or ValueError if it is more than `most` lines, one of them has more than
    `longest` bytes, or one is no such object.
    """
    content = read_bytes(path, most * longest)
    if content.count(b"\n") > most:
        raise ValueError(f"{path.name} has more than {most:,} lines")
    *lines, _ = content.split(b"\n")
    if max(map(len, lines), default=0) > longest:
        raise ValueError(f"{path.name} has a line of more than {longest:,} bytes")
    return [_decoded(path, line, kind) for line in lines]


def _decoded(path: Path, text: bytes, kind: type[T]) -> T:
    try:
        return validation.decode(text, kind)
    except ValueError as error:
        raise ValueError(f"{path.name} has wrong content: {error}") from error
