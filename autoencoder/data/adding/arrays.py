"""Images that come as arrays: a .npz with `images` and perhaps `labels`, and MNIST's IDX files.

N, H, W, C = images, height, width and channels. They are read block by block.
"""

import gzip
import re
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np

from autoencoder.config.adding import Limits
from autoencoder.data.adding.sources import BROKEN_ARCHIVE, File, Source
from autoencoder.errors import DatasetError

MOST_LABEL_BYTES = 200_000_000
MOST_SIDE = 12_000  # pixels, as of an uploaded image
MOST_PIXELS = 25_000_000
IDX = re.compile(
    r"(?:.*/)?(?:\w+-)*?(?P<split>train|t10k|test)-(?P<kind>images|labels)[-.]idx[13]-ubyte(?:\.gz)?"
)
IMAGES_MAGIC, LABELS_MAGIC = 0x803, 0x801
IDX_HEAD = struct.Struct(">I")


@dataclass(frozen=True)
class Arrays:
    """The images of one split, and their labels.

    Attributes:
        split: "train", "test" or "" where they are not split.
        shape: (N, H, W, C).
        labels: One for each image, numbers or texts; None: there are none.
    """

    split: str
    shape: tuple[int, int, int, int]
    labels: np.ndarray | None
    _opened: Any

    def read(self) -> Iterator[np.ndarray]:
        """The images one by one, (H, W, C). Raises DatasetError."""
        size = prod(self.shape[1:])
        with self._opened() as stream:
            for _ in range(self.shape[0]):
                content = read_exactly(stream, size)
                yield np.frombuffer(content, np.uint8).reshape(self.shape[1:])


def read_exactly(stream: IO[bytes], size: int) -> bytes:
    """So many bytes. Raises DatasetError where the file ends before, or is damaged."""
    try:
        content = stream.read(size)
    except BROKEN_ARCHIVE as error:
        raise DatasetError(f"the images are damaged: {str(error)[:100]}") from error
    if len(content) < size:
        raise DatasetError("the images are damaged: their file ends too early")
    return content


def check_shape(shape: Sequence[int], limits: Limits) -> None:
    """Raises DatasetError for too many images, or too large ones."""
    count, height, width, channels = shape
    if not 1 <= count <= limits.images:
        raise DatasetError(f"there must be 1 to {limits.images:,} images; got {count:,}")
    if channels not in (1, 3):
        raise DatasetError(f"images must have 1 or 3 channels; got {channels}")
    sides_fit = 1 <= height <= MOST_SIDE and 1 <= width <= MOST_SIDE
    if not sides_fit or height * width > MOST_PIXELS:
        raise DatasetError(
            f"an image must have at most {MOST_PIXELS // 10**6} million pixels, and 1 to"
            f" {MOST_SIDE:,} a side; got {height:,} x {width:,}"
        )


# A .npz


def npz(path: Path, limits: Limits) -> list[Arrays]:
    """The images of a .npz. Raises DatasetError if they are not uint8 (N, H, W) or (N, H, W, 3)."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()[:1_000]}
        if "images.npy" not in sizes:
            raise DatasetError("a .npz must have an array images; this one has none")
        with _member(path, "images.npy") as (stream, shape, dtype):
            head = stream.tell()
        labels = _labels(path) if "labels.npy" in sizes else None
    except DatasetError:
        raise
    except BROKEN_ARCHIVE as error:
        raise DatasetError(f"{path.name[:100]} is damaged: {str(error)[:100]}") from error
    if dtype != np.uint8 or len(shape) not in (3, 4):
        raise DatasetError(
            "images must be uint8 of shape (N, H, W) or (N, H, W, 3); got"
            f" {dtype} of shape {str(shape)[:60]}"
        )
    count, height, width, channels = (*shape, 1)[:4]
    shape = (count, height, width, channels)
    check_shape(shape, limits)
    if prod(shape) != sizes["images.npy"] - head:
        raise DatasetError(f"{path.name[:100]} is damaged: images ends too early")
    if labels is not None and labels.shape != shape[:1]:
        raise DatasetError(
            f"labels must be one for each of the {shape[0]:,} images; got the shape"
            f" {str(labels.shape)[:60]}"
        )

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with _member(path, "images.npy") as (stream, _, _):
            yield stream

    return [Arrays("", shape, labels, opened)]


@contextmanager
def _member(path: Path, name: str) -> Iterator[tuple[IO[bytes], tuple[int, ...], np.dtype[Any]]]:
    """An array of a .npz, open where its values begin, its shape and its type."""
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        version = np.lib.format.read_magic(stream)
        reader = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if reader is None:
            raise DatasetError(f"{name} is written in a way that is not known: version {version}")
        shape, is_fortran, dtype = reader(stream)
        if dtype.hasobject or (is_fortran and len(shape) > 1):
            raise DatasetError(f"{name} must be plain numbers in C order: save it again")
        yield stream, shape, dtype


def _labels(path: Path) -> np.ndarray:
    with _member(path, "labels.npy") as (stream, shape, dtype):
        size = prod(shape) * dtype.itemsize
        if dtype.kind not in "iuU" or not 0 <= size <= MOST_LABEL_BYTES:
            raise DatasetError(
                f"labels must be whole numbers or short texts; got {dtype} of shape"
                f" {str(shape)[:60]}"
            )
        return np.frombuffer(read_exactly(stream, size), dtype).reshape(shape)


# IDX files


def is_idx(path: str) -> bool:
    """Whether a file has the name of one of MNIST's."""
    return IDX.fullmatch(path) is not None


def idx(source: Source, files: Sequence[File], limits: Limits) -> list[Arrays]:
    """The images of IDX files, by split. Raises DatasetError if they are not what MNIST's are."""
    named: dict[tuple[str, str], File] = {}
    for file in files:
        match = IDX.fullmatch(file.path)
        assert match is not None
        key = ("train" if match["split"] == "train" else "test", match["kind"])
        if key in named:
            raise DatasetError(
                f"there must be one file of {key[0]} {key[1]}; there are"
                f" {named[key].path[:60]!r} and {file.path[:60]!r}"
            )
        named[key] = file
    if ("train", "images") not in named:
        raise DatasetError("train-images-idx3-ubyte is missing beside the other files")
    splits = [split for split in ("train", "test") if (split, "images") in named]
    return [
        _idx_split(source, split, named[split, "images"], named.get((split, "labels")), limits)
        for split in splits
    ]


def _idx_split(
    source: Source, split: str, images: File, labels: File | None, limits: Limits
) -> Arrays:
    with _idx_file(source, images, IMAGES_MAGIC) as (_, sizes):
        shape = (sizes[0], sizes[1], sizes[2], 1)
    check_shape(shape, limits)
    values = None
    if labels is not None:
        with _idx_file(source, labels, LABELS_MAGIC) as (stream, sizes):
            if sizes[0] != shape[0]:
                raise DatasetError(
                    f"labels must be one for each of the {shape[0]:,} images; got {sizes[0]:,}"
                )
            values = np.frombuffer(read_exactly(stream, sizes[0]), np.uint8)

    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with _idx_file(source, images, IMAGES_MAGIC) as (stream, _):
            yield stream

    return Arrays(split, shape, values, opened)


@contextmanager
def _idx_file(source: Source, file: File, magic: int) -> Iterator[tuple[IO[bytes], list[int]]]:
    """An IDX file, open where its values begin, and its sizes."""
    with ExitStack() as stack:
        stream = stack.enter_context(source.opened(file))
        if file.path.endswith(".gz"):
            stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
        try:
            numbers = [IDX_HEAD.unpack(stream.read(4))[0] for _ in range(1 + (magic & 0xFF))]
        except (struct.error, *BROKEN_ARCHIVE) as error:
            raise DatasetError(f"{file.path[:100]} is no IDX file: it ends too early") from error
        if numbers[0] != magic:
            raise DatasetError(
                f"{file.path[:100]} is no IDX file of bytes: it begins with {numbers[0]:#x}"
            )
        yield stream, numbers[1:]
