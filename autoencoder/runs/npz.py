"""npz files, read as if anybody had written them.

An npz file is a zip archive of npy files, one for each array. Of every array the header is read
first, a hundred bytes that say its type and shape; whoever asks for the arrays refuses what is too
large or of another kind, and only then so many bytes are unpacked and no more. What NumPy's savez
never writes is refused: other compressions, encryption, two arrays of one name, types that are not
plain numbers (object arrays would have to be unpickled).
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from struct import error as StructError
from struct import unpack
from typing import IO, BinaryIO, Literal

import numpy as np

from autoencoder.runs.files import opened, size_of

Arrays = dict[str, np.ndarray]

MOST_MEMBERS = 256
MOST_DIRECTORY = 64 << 10  # bytes of the zip archive's table of contents
END = 22  # bytes of the record that ends a zip archive without a comment
LOCATOR = 20  # bytes before it, where an archive too large for that record says so
CHUNK = 1 << 20  # bytes
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 1  # flag of a member
MAGIC = b"\x93NUMPY\x01\x00"  # of an npy file, version 1.0
HEADER = re.compile(
    rb"\{'descr': '([<|])([bfiu])([1248])', 'fortran_order': (False|True),"
    rb" 'shape': \(((?:\d{1,12}, ?)*(?:\d{1,12})?)\), \} *\n"
)


class _BrokenError(Exception):
    """The file is not one that NumPy writes, or no zip archive of bounded size."""


BROKEN = (  # what is raised here and by zipfile on broken files, beside ValueError and OSError
    _BrokenError,
    zipfile.BadZipFile,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    StructError,
    zlib.error,
)


@dataclass(frozen=True)
class ArrayHeader:
    """What an npy file says of its array before the array itself.

    Attributes:
        dtype: Of plain numbers in the byte order of today's machines.
        shape: Of the array.
        by_columns: Whether the first axis varies fastest ("Fortran order").
        start: Where the array's bytes start.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    by_columns: bool
    start: int

    @property
    def nbytes(self) -> int:
        """Of the array."""
        return prod(self.shape) * self.dtype.itemsize


def read_arrays(
    path: Path,
    names: Iterable[str],
    check: Callable[[Mapping[str, ArrayHeader]], None],
    rows: int | None = None,
) -> Arrays:
    """The arrays of an npz file that have one of the `names`.

    Args:
        path: Of the file.
        names: Arrays that the file may have; others in it are not looked at.
        check: Gets the header of each array that is read; raises ValueError if it is not wanted.
        rows: At most so many along the first axis; the rest is not unpacked, nor is its checksum
            compared.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not a whole npz file, or `check` refused it.
    """
    with _archive(path) as archive:
        headers = _headers(archive, names)
        check(headers)
        return {name: _array(archive, name, header, rows) for name, header in headers.items()}


def read_headers(path: Path, names: Iterable[str]) -> dict[str, ArrayHeader]:
    """The headers of those arrays of the file that it has; no array is unpacked.

    Raises OSError or ValueError.
    """
    with _archive(path) as archive:
        return _headers(archive, names)


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip archive at `path`, with a table of contents of bounded size."""
    with opened(path) as handle:
        try:
            check_directory(handle, MOST_MEMBERS, MOST_DIRECTORY)
            with zipfile.ZipFile(handle) as archive:
                yield archive
        except BROKEN as error:
            raise ValueError(f"{path.name} is not a complete npz file: {error}") from error


def check_directory(handle: BinaryIO, members: int, size: int) -> None:
    """Raise one of BROKEN unless the zip archive ends as `zipfile` ends one of at most `members`,
    whose table of contents has at most `size` bytes.

    That table is read as a whole when an archive is opened, however long it is.
    """
    length = size_of(handle)
    handle.seek(max(0, length - LOCATOR - END))
    tail = handle.read(LOCATOR + END)
    if len(tail) < END or not tail[-END:].startswith(b"PK\x05\x06"):
        raise _BrokenError("it has no end")
    count, directory = unpack("<HI", tail[-END:][10:16])
    is_large = tail[:-END].startswith(b"PK\x06\x07")
    if is_large or count > members or directory > size:
        raise _BrokenError(f"it has more than {members:,} members")
    handle.seek(0)


def _headers(archive: zipfile.ZipFile, names: Iterable[str]) -> dict[str, ArrayHeader]:
    """The header of each of the arrays that is there."""
    members = archive.namelist()
    if len(set(members)) < len(members):
        raise _BrokenError("it has two members of one name")
    return {name: _header(archive, name) for name in names if f"{name}.npy" in members}


def _header(archive: zipfile.ZipFile, name: str) -> ArrayHeader:
    entry = archive.getinfo(f"{name}.npy")
    if entry.compress_type not in COMPRESSIONS or entry.flag_bits & ENCRYPTED:
        raise _BrokenError(f"{name} is compressed in a way that NumPy does not use")
    with archive.open(entry) as stream:
        header = _parsed(stream)
    if header is None:
        raise _BrokenError(f"{name} is not an array of numbers")
    if entry.file_size != header.start + header.nbytes:
        raise _BrokenError(f"{name} has another size than its shape says")
    return header


def _parsed(stream: IO[bytes]) -> ArrayHeader | None:
    """The header at the start of an npy file; None if it is not one that NumPy writes for an array
    of numbers.
    """
    start = stream.read(len(MAGIC) + 2)
    if len(start) < len(MAGIC) + 2 or not start.startswith(MAGIC):
        return None
    length = int.from_bytes(start[-2:], "little")
    if not (match := HEADER.fullmatch(stream.read(length))):
        return None
    try:
        dtype = np.dtype(b"".join(match.group(1, 2, 3)).decode())
    except TypeError:  # there is no float of one byte
        return None
    shape = tuple(int(size) for size in match[5].replace(b",", b" ").split())
    return ArrayHeader(dtype, shape, match[4] == b"True", len(start) + length)


def _array(
    archive: zipfile.ZipFile, name: str, header: ArrayHeader, rows: int | None = None
) -> np.ndarray:
    """The array behind a header, or its first rows; the archive's checksum is compared at its
    end.
    """
    if rows is not None and rows < header.shape[0] and not header.by_columns:
        return _first_rows(archive, name, header, rows)
    content = np.empty(header.nbytes, np.uint8)
    with archive.open(f"{name}.npy") as stream:
        stream.read(header.start)
        for first in range(0, len(content), CHUNK):
            part = content[first : first + CHUNK]
            read = np.frombuffer(stream.read(len(part)), np.uint8)
            if len(read) < len(part):
                raise _BrokenError(f"{name} ends too early")
            part[:] = read
        if stream.read(1):
            raise _BrokenError(f"{name} is longer than its shape says")
    order: Literal["C", "F"] = "F" if header.by_columns else "C"
    return content.view(header.dtype).reshape(header.shape, order=order)[:rows]


def _first_rows(archive: zipfile.ZipFile, name: str, header: ArrayHeader, rows: int) -> np.ndarray:
    wanted = replace(header, shape=(rows, *header.shape[1:]))
    with archive.open(f"{name}.npy") as stream:
        stream.read(header.start)
        content = stream.read(wanted.nbytes)
    if len(content) < wanted.nbytes:
        raise _BrokenError(f"{name} ends too early")
    return np.frombuffer(content, header.dtype).reshape(wanted.shape)
