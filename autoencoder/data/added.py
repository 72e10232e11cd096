"""Data sets that somebody added: a folder each, `added/<name>` in the data folder.

    dataset.json        what the images are, where they came from, what was skipped
    train-images.npy    uint8 (N, C, H, W), read through a memory map; test-images.npy likewise
    train-labels.npy    int64 (N,): indices of classes, all 0 where there are none; test-labels.npy

A folder is there whole or not at all: it is built under a hidden name (data/adding/), then renamed.
"""

import shutil
import uuid
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta

from autoencoder.config.added_datasets import NAME, Description, check, check_name, info_of
from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.data.dataset import Dataset, Split
from autoencoder.errors import ConfigError, DatasetError
from autoencoder.validation import Count, decode

FOLDER = "added"
DESCRIPTION = "dataset.json"
MAX_BYTES = 4 << 20  # of a description
Text = Annotated[str, Meta(max_length=1_000)]


class AddedDataset(Description, frozen=True, kw_only=True):
    """dataset.json of an added data set.

    Attributes:
        origin: Name of the folder or file that the images came from.
        created: When, such as 2026-11-22T09:30:00+00:00.
        counts: "train" and "test" -> images of each class.
        skipped: Why images were left out -> how many were.
        examples: Why images were left out -> names of the first few of them.
    """

    origin: Text = ""
    created: Text = ""
    counts: dict[Text, list[Count]] = msgspec.field(default_factory=dict)
    skipped: dict[Text, Count] = msgspec.field(default_factory=dict)
    examples: dict[Text, list[Text]] = msgspec.field(default_factory=dict)


def folder_of(name: str, data: Path) -> Path:
    """Where an added data set lies; `data` is the data folder."""
    return data / FOLDER / name


def read_description(name: str, data: Path) -> AddedDataset:
    """dataset.json of an added data set. Raises DatasetError if there is none of that name, or it
    cannot be read.
    """
    path = folder_of(name, data) / DESCRIPTION
    if not NAME.fullmatch(name) or not path.is_file():
        names = ", ".join(catalogue(data))
        raise DatasetError(f"dataset must be one of {names}; got {name[:60]}")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        description = decode(path.read_bytes(), AddedDataset)
        check(name, info_of(description))
    except (OSError, ValueError, ConfigError) as error:
        raise DatasetError(f"the data set {name} is damaged: {error}") from error
    return description


def added(data: Path) -> dict[str, DatasetInfo]:
    """The added data sets that can be read, by their names."""
    infos: dict[str, DatasetInfo] = {}
    for name in sorted(path.parent.name for path in (data / FOLDER).glob(f"*/{DESCRIPTION}")):
        try:
            infos[name] = info_of(read_description(name, data))
        except DatasetError:
            continue
    return infos


def catalogue(data: Path) -> dict[str, DatasetInfo]:
    """Every data set there is, by its name: the built-in ones, then the added ones."""
    return {**DATASETS, **added(data)}


def dataset_options(name: str, data: Path) -> dict[str, Any]:
    """The arguments of RunConfig that choose this data set. Raises DatasetError if there is none of
    that name.
    """
    if name in DATASETS:
        return {"dataset": name}
    return {"dataset": name, "added": info_of(read_description(name, data))}


def read(name: str, info: DatasetInfo, data: Path) -> Dataset:
    """The images of an added data set, through memory maps.

    Raises DatasetError if they are gone, or are not those that `info` describes.
    """
    if not folder_of(name, data).is_dir():
        raise DatasetError(
            f"the images of {name} are not here any more: add them again, as they were"
            f" (fingerprint {info.fingerprint})"
        )
    if (there := read_description(name, data).fingerprint) != info.fingerprint:
        raise DatasetError(
            f"the images that are called {name} now are others than those of this run: they have"
            f" the fingerprint {there} instead of {info.fingerprint}"
        )
    train, test = (_read_split(name, split, data) for split in ("train", "test"))
    for split, count in ((train, info.train), (test, info.test)):
        if split.images.shape != (count, *info.shape) or len(split.labels) != count:
            raise DatasetError(f"the data set {name} is damaged: its arrays have another shape")
    return Dataset(train, test)


def _read_split(name: str, split: str, data: Path) -> Split:
    folder = folder_of(name, data)
    try:  # "c": torch wants arrays that can be written; what is written would stay in memory
        images = np.load(folder / f"{split}-images.npy", mmap_mode="c", allow_pickle=False)
        labels = np.load(folder / f"{split}-labels.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DatasetError(f"the data set {name} is damaged: {error}") from error
    if images.dtype != np.uint8 or images.ndim != 4 or labels.dtype != np.int64:
        raise DatasetError(f"the data set {name} is damaged: its arrays have another type")
    return Split(images, labels)


def require_free(name: str, data: Path) -> None:
    """Raise DatasetError where there is a data set of that name, or ConfigError where none may
    be.
    """
    check_name(name)
    if folder_of(name, data).exists():
        raise DatasetError(
            f"there is a data set {name} already: choose another name, or remove it first"
        )


def remove(name: str, data: Path) -> None:
    """Delete an added data set, at once for every reader; runs of it stay.

    Raises DatasetError if there is none, or the data folder cannot be written.
    """
    folder = folder_of(name, data)
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise DatasetError(f"there is no added data set {name[:60]!r}")
    hidden = folder.with_name(f".removed-{uuid.uuid4().hex}")
    try:
        folder.rename(hidden)
    except OSError as error:
        raise DatasetError(f"cannot remove {name}: {error.strerror or error}") from error
    shutil.rmtree(hidden, ignore_errors=True)
