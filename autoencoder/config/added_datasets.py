"""Data sets that somebody added: what one may be called, how it is described in JSON, and what it
may hold.

Its images lie in the data folder (data/added.py). A run carries the description in its config, so
that it stays readable where the images are gone; the fingerprint is part of its key.
"""

import itertools
import re
import unicodedata
from collections.abc import Collection
from typing import Annotated, Any

from msgspec import Meta

from autoencoder.config.datasets import DATASETS, DatasetInfo, ImageShape
from autoencoder.errors import ConfigError
from autoencoder.validation import Exact, PositiveCount, convert, matching

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")  # it is a part of the keys of runs
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
SHORTEST_SIDE, LONGEST_SIDE = 8, 256  # of an image, in pixels
MOST_CLASSES = 1_000
MOST_LETTERS = 50_000  # in the names of all classes together
MOST_IMAGES = 100_000_000
LONGEST_NAME = 200  # of a class and of a title, in characters
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]


class Description(Exact, frozen=True):
    """What the images of a data set are.

    Attributes:
        title: On pages.
        shape: Channels, height and width of an image.
        class_names: By class index.
        train, test: Images of each split.
        fingerprint: Of all images and labels, see `data.dataset.fingerprint`.
    """

    title: Name
    shape: tuple[PositiveCount, PositiveCount, PositiveCount]
    class_names: Annotated[list[Name], Meta(max_length=10_000)]
    train: PositiveCount
    test: PositiveCount
    fingerprint: Annotated[str, matching(FINGERPRINT)]


def describe(info: DatasetInfo, fingerprint: str) -> dict[str, Any]:
    """The fields of a Description."""
    return {
        "title": info.title,
        "shape": (info.shape.channels, info.shape.height, info.shape.width),
        "class_names": list(info.class_names),
        "train": info.train,
        "test": info.test,
        "fingerprint": fingerprint,
    }


def to_json(info: DatasetInfo) -> dict[str, Any]:
    """What `from_json` reads."""
    return describe(info, info.fingerprint)


def from_json(stored: Any) -> DatasetInfo:
    """The added data set that a JSON object describes. Raises ConfigError."""
    try:
        return info_of(convert(stored, Description))
    except ValueError as error:
        raise ConfigError(f"added is no description of a data set: {error}") from error


def info_of(description: Description) -> DatasetInfo:
    """As the catalogue of data sets describes one."""
    return DatasetInfo(
        title=description.title,
        help=f"added images, {description.train:,} to train on, {description.test:,} to test",
        shape=ImageShape(*description.shape),
        train=description.train,
        test=description.test,
        class_names=tuple(description.class_names),
        fingerprint=description.fingerprint,
    )


def check_name(name: Any) -> None:
    """Raise ConfigError unless a data set that is added may have this name."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ConfigError(
            "the name of a data set must be 1 to 40 small letters without accents, digits, - and"
            f" _, and begin with a letter or a digit; got {str(name)[:60]!r}"
        )
    if name in DATASETS:
        raise ConfigError(f"the name of a data set must not be that of a built-in one; got {name}")


def suggest_name(title: str, taken: Collection[str]) -> str:
    """A name for a data set of that title, in any script, that is not one of `taken`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].rstrip("-") or "images"
    numbered = (f"{name}-{number}" for number in itertools.count(2))
    return next(each for each in itertools.chain([name], numbered) if each not in taken)


def check(name: Any, info: DatasetInfo) -> None:
    """Raise ConfigError unless an added data set may have this name and be like this."""
    check_name(name)
    shape = info.shape
    if shape.channels not in (1, 3):
        raise ConfigError(f"images must have 1 or 3 channels; got {shape.channels}")
    for side in (shape.height, shape.width):
        if not SHORTEST_SIDE <= side <= LONGEST_SIDE:
            raise ConfigError(
                f"the sides of images must be {SHORTEST_SIDE} to {LONGEST_SIDE} pixels; got {side}"
            )
    if len(info.class_names) > MOST_CLASSES:
        raise ConfigError(
            f"there must be at most {MOST_CLASSES:,} classes; got {len(info.class_names):,}"
        )
    if (letters := sum(map(len, info.class_names))) > MOST_LETTERS:
        raise ConfigError(
            f"the names of all classes together must have at most {MOST_LETTERS:,} letters; got"
            f" {letters:,}"
        )
    if not 1 <= info.train <= MOST_IMAGES or not 1 <= info.test <= MOST_IMAGES:
        raise ConfigError(
            f"there must be 1 to {MOST_IMAGES:,} training images and as many test images; got"
            f" {info.train:,} and {info.test:,}"
        )
    if not FINGERPRINT.fullmatch(info.fingerprint):
        raise ConfigError("an added data set must have a fingerprint of 16 hexadecimal digits")
