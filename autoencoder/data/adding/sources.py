"""The files of a folder or of an archive, listed and read without unpacking anything.

Nothing is ever written: names that lead out of the archive, and links, are counted and left out.
"""

import errno
import gzip
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, Protocol

from autoencoder.config.adding import Limits
from autoencoder.errors import DatasetError

A_LINK = "a link"
NO_FILE = "no ordinary file"
HIDDEN = "a hidden file"
OUTSIDE = "its name leads out of the archive"
ENCRYPTED = "locked with a password"
PACKING = "packed in another way than zip's usual one"
TOO_LARGE = "the file has more than {} MB"
BROKEN = "it cannot be read from the archive"
UNREADABLE = "the file cannot be read"
CHANGED = "the file changed while it was read"
EMPTY = "the file is empty"

READ_AT_ONCE = os.O_RDONLY | sum(  # follow no link, and do not wait for who writes into a pipe
    getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC")
)
DEEPEST = 50  # folders within folders
BROKEN_ARCHIVE = (
    *(OSError, EOFError, ValueError, RuntimeError, NotImplementedError, struct.error, zlib.error),
    *(zipfile.BadZipFile, tarfile.TarError, KeyError, OverflowError, IndexError, MemoryError),
)
DIRECTORY_ENTRY = b"PK\x01\x02"  # so begins the entry of each file in a zip's directory


class File(NamedTuple):
    """One file: its path with / between the parts, bytes, and when it was changed (0 in archives).

    The path of a folder ends with /. `problem` says why it is left out; empty if it is not.
    """

    path: str
    size: int
    changed: int = 0
    problem: str = ""


class Unread(NamedTuple):
    """Why a file that was to be read was not."""

    problem: str


class Source(Protocol):
    """A folder or an archive."""

    kind: str

    def files(self) -> Iterator[File]:
        """All files and folders, in the order in which `read` gives them. Raises DatasetError."""

    def read(self, wanted: Sequence[File]) -> Iterator[bytes | Unread]:
        """The contents of some files, in the order of `files`. Raises DatasetError."""

    def opened(self, file: File) -> Any:
        """A context manager: one file open for reading. Raises DatasetError."""


def open_source(path: Path, limits: Limits) -> Source:
    """The folder, zip or tar at `path`. Raises DatasetError if it is none of these."""
    try:
        if path.is_dir():
            return Folder(path, limits)
        if not path.is_file():
            raise DatasetError(f"there is no folder or file {str(path)[:200]!r}")
        if zipfile.is_zipfile(path):
            return Zip(path, limits)
        if _is_tar(path):
            return Tar(path, limits)
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise DatasetError(f"{path.name[:100]} cannot be read: {words}") from error
    raise DatasetError(
        "images must be in a folder, a .zip, .tar or .tar.gz archive, or a .npz file; got"
        f" {path.name[:100]!r}, which is none of these or is damaged"
    )


def is_hidden(parts: Sequence[str]) -> bool:
    """Whether a system keeps such files for itself, as .DS_Store and __MACOSX/."""
    return any(part.startswith((".", "__MACOSX")) for part in parts)


class Folder:
    """The files of a folder and of all folders in it, sorted by name."""

    kind = "folder"

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path.resolve(), limits

    def files(self) -> Iterator[File]:
        """See Source."""
        for count, file in enumerate(self._below(self.path, ""), start=1):
            _check_count(count, self.limits)
            yield file

    def _below(self, folder: Path, prefix: str, depth: int = 0) -> Iterator[File]:
        if depth > DEEPEST:
            yield File(prefix, 0, 0, f"more than {DEEPEST} folders deep")
            return
        try:
            with os.scandir(folder) as entries:
                names = sorted((entry for entry in entries), key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise DatasetError(f"the folder cannot be read: {error.strerror}") from error
            yield File(prefix, 0, 0, "the folder cannot be read")
            return
        for entry in names:
            path = prefix + entry.name
            if is_hidden([entry.name]):
                yield File(path, 0, 0, HIDDEN)
            elif entry.is_symlink():
                yield File(path, 0, 0, A_LINK)
            elif entry.is_dir(follow_symlinks=False):
                yield File(path + "/", 0)
                yield from self._below(Path(entry.path), path + "/", depth + 1)
            else:
                yield self._file(entry, path)

    def _file(self, entry: "os.DirEntry[str]", path: str) -> File:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            return File(path, 0, 0, UNREADABLE)
        problem = "" if stat.S_ISREG(status.st_mode) else NO_FILE
        return File(path, status.st_size, status.st_mtime_ns, problem)

    def read(self, wanted: Sequence[File]) -> Iterator[bytes | Unread]:
        """See Source."""
        for file in wanted:
            try:
                yield self._content(file)
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                    raise
                yield Unread(UNREADABLE)

    def _content(self, file: File) -> bytes | Unread:
        with os.fdopen(os.open(self._below_path(file), READ_AT_ONCE), "rb") as handle:
            status = os.fstat(handle.fileno())
            if (status.st_size, status.st_mtime_ns) != (file.size, file.changed):
                return Unread(CHANGED)
            content = handle.read(file.size + 1)
        return content if len(content) == file.size else Unread(CHANGED)

    def _below_path(self, file: File) -> str:
        """A string: pathlib would look at every part of a million paths."""
        return f"{self.path}{os.sep}{file.path}"

    @contextmanager
    def opened(self, file: File) -> Iterator[BinaryIO]:
        """See Source."""
        try:
            with os.fdopen(os.open(self._below_path(file), READ_AT_ONCE), "rb") as handle:
                yield handle
        except OSError as error:
            raise DatasetError(f"{file.path[:100]} cannot be read: {error.strerror}") from error


class Archive:
    """What zip and tar have in common."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path, self.limits = path, limits

    def check(self, count: int, unpacked: int) -> None:
        """Raises DatasetError where an archive has too many files, or unpacks to too much."""
        _check_count(count, self.limits)
        if unpacked > self.limits.unpacked:
            raise DatasetError(
                f"an archive must unpack to at most {self.limits.unpacked / 1e9:,.0f} GB;"
                f" {self.path.name[:100]} unpacks to more"
            )


class Zip(Archive):
    """The files of a zip archive, in the order in which they lie in it."""

    kind = "zip"

    def files(self) -> Iterator[File]:
        """See Source."""
        unpacked = 0
        with self._archive() as archive:
            for count, info in enumerate(self._infos(archive), start=1):
                unpacked += info.file_size
                self.check(count, unpacked)
                name = _zip_name(info)
                yield File(name, info.file_size, 0, _zip_problem(info, name))

    def _infos(self, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
        return sorted(archive.infolist(), key=lambda info: info.header_offset)

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            _check_count(_most_in_zip(self.path), self.limits)
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except BROKEN_ARCHIVE as error:
            raise _broken(self.path, error) from error

    def read(self, wanted: Sequence[File]) -> Iterator[bytes | Unread]:
        """See Source."""
        with self._archive() as archive:
            infos = iter(self._infos(archive))
            for file in wanted:
                info = next((info for info in infos if _zip_name(info) == file.path), None)
                yield self._content(archive, info) if info else Unread(CHANGED)

    def _content(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | Unread:
        try:
            with archive.open(info) as handle:
                content = handle.read(info.file_size + 1)
        except BROKEN_ARCHIVE:
            return Unread(BROKEN)
        return content if len(content) == info.file_size else Unread(BROKEN)

    @contextmanager
    def opened(self, file: File) -> Iterator[IO[bytes]]:
        """See Source."""
        with self._archive() as archive:
            info = next(info for info in self._infos(archive) if _zip_name(info) == file.path)
            with archive.open(info) as handle:
                yield handle


class _Bounded:
    """A stream that refuses to give more at once than a file may have, or more in all than an
    archive may: a tar can ask for any number of bytes as the name of a file.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream, self._limits = stream, limits
        self.last = b""  # what was read last

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._limits.file_bytes + tarfile.RECORDSIZE:
            raise tarfile.ReadError("a part of it is too large")
        self.last = self._stream.read(size)
        return self.last

    def seek(self, position: int) -> int:
        if position > self._limits.unpacked:
            raise tarfile.ReadError("it unpacks to too much")
        return self._stream.seek(position)

    def tell(self) -> int:
        return self._stream.tell()


class Tar(Archive):
    """The files of a .tar or .tar.gz, read from its start to its end each time."""

    kind = "tar"

    def files(self) -> Iterator[File]:
        """See Source."""
        with self._archive() as (archive, stream):
            for _, file in self._members(archive):
                yield file
            if stream.last.strip(b"\0"):  # else the archive has its end, or simply ends
                raise tarfile.ReadError("it goes on with what is no file")

    def _members(self, archive: tarfile.TarFile) -> Iterator[tuple[tarfile.TarInfo, File]]:
        count = unpacked = 0
        while (info := archive.next()) is not None:
            vars(archive)["members"] = []  # a million of them would take a gigabyte
            count, unpacked = count + 1, unpacked + max(0, info.size)
            self.check(count, unpacked)
            name = info.name.removeprefix("./") + ("/" if info.isdir() else "")
            yield info, File(name, info.size, 0, _tar_problem(info, name))

    @contextmanager
    def _archive(self) -> Iterator[tuple[tarfile.TarFile, _Bounded]]:
        try:
            with _unpacked(self.path) as stream:
                bounded: Any = _Bounded(stream, self.limits)
                with tarfile.open(fileobj=bounded, mode="r:") as archive:
                    yield archive, bounded
        except BROKEN_ARCHIVE as error:
            raise _broken(self.path, error) from error

    def read(self, wanted: Sequence[File]) -> Iterator[bytes | Unread]:
        """See Source."""
        with self._archive() as (archive, _):
            members = self._members(archive)
            for file in wanted:
                info = next((info for info, member in members if member == file), None)
                if info is None:
                    yield Unread(CHANGED)
                    continue
                handle = archive.extractfile(info)
                content = handle.read(info.size) if handle else b""
                yield content if len(content) == info.size else Unread(BROKEN)

    @contextmanager
    def opened(self, file: File) -> Iterator[IO[bytes]]:
        """See Source."""
        with self._archive() as (archive, _):
            info = next((info for info, member in self._members(archive) if member == file), None)
            handle = archive.extractfile(info) if info else None
            if handle is None:
                raise DatasetError(f"{file.path[:100]} cannot be read: it is not there any more")
            yield handle


@contextmanager
def _unpacked(path: Path) -> Iterator[Any]:
    """The bytes of a tar, of a packed one unpacked."""
    with path.open("rb") as handle:
        if handle.peek(2)[:2] != b"\x1f\x8b":
            yield handle
            return
        with gzip.GzipFile(fileobj=handle) as stream:
            yield stream


def _is_tar(path: Path) -> bool:
    try:
        with _unpacked(path) as stream:
            start = stream.read(tarfile.BLOCKSIZE)
            tarfile.TarInfo.frombuf(start, tarfile.ENCODING, "surrogateescape")
    except BROKEN_ARCHIVE:
        return False
    return True


def _most_in_zip(path: Path) -> int:
    """How many files a zip has at most: the number that it says itself may be a lie."""
    count, before = 0, b""
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 22):
            count += (before + chunk).count(DIRECTORY_ENTRY)
            before = chunk[1 - len(DIRECTORY_ENTRY) :]
    return count


def _zip_name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/")


def _zip_problem(info: zipfile.ZipInfo, name: str) -> str:
    mode = info.external_attr >> 16
    if problem := _name_problem(name):
        return problem
    if stat.S_ISLNK(mode):
        return A_LINK
    if info.flag_bits & 1:
        return ENCRYPTED
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return PACKING
    return ""


def _tar_problem(info: tarfile.TarInfo, name: str) -> str:
    if problem := _name_problem(name):
        return problem
    if info.issym() or info.islnk():
        return A_LINK
    return "" if info.isreg() or info.isdir() else NO_FILE


def _name_problem(name: str) -> str:
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        return OUTSIDE
    return HIDDEN if is_hidden(parts) else ""


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.files:
        raise DatasetError(
            f"a folder or an archive must have at most {limits.files:,} files; this one has more"
        )


def _broken(path: Path, error: Exception) -> DatasetError:
    words = " ".join(str(getattr(error, "strerror", None) or error).split())[:100]
    return DatasetError(f"the archive {path.name[:100]} is damaged: {words or 'it ends too early'}")
