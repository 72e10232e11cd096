"""How somebody's own images become a data set: the options, and the limits.

The functions of the names in FITS stand in data/adding/resizing.py.
"""

import re
from dataclasses import dataclass, fields
from typing import Any

from autoencoder.config.added_datasets import LONGEST_SIDE, SHORTEST_SIDE
from autoencoder.config.options import Choice, check, option
from autoencoder.errors import ConfigError

COLOURS: dict[str, Choice] = {
    "auto": Choice(title="as found", help="colours if there are any in the images, else grey"),
    "grey": Choice(title="grey", help="one channel"),
    "rgb": Choice(title="colour", help="three channels: red, green, blue"),
}

FITS: dict[str, Choice] = {
    "crop": Choice(title="crop", help="fill the size, and cut off what is too long, on both sides"),
    "pad": Choice(title="pad", help="show the whole image, with bars of its border's colour"),
    "stretch": Choice(title="stretch", help="show the whole image, with other proportions"),
}


@dataclass(frozen=True)
class AddOptions:
    """How images are made alike, and which of them are kept to test on.

    Raises ConfigError where an option breaks its rule.
    """

    size: tuple[int, ...] = option(
        (),
        "height and width in pixels, or one number for both; without any, what fits the images",
        label="Size in pixels",
        low=SHORTEST_SIDE,
        high=LONGEST_SIDE,
        longest=2,
    )
    colour: str = option("auto", "colours or grey levels", label="Colours", choices=COLOURS)
    fit: str = option(
        "crop",
        "what is done with images of another shape",
        label="Images of another shape",
        choices=FITS,
    )
    test: float = option(
        0.15,
        "share of the images of each class that is kept to test on, where the images do not say"
        " it themselves (folders train and test)",
        label="Share to test on",
        above=0.0,
        high=0.9,
        step=0.05,
    )
    seed: int = option(
        0,
        "seed of the choice of test images, and of the order",
        label="Seed",
        low=0,
        high=2**31 - 1,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            check(each, getattr(self, each.name))

    def to_dict(self) -> dict[str, Any]:
        """As JSON knows them."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def parse_size(text: str) -> tuple[int, ...]:
    """ "64" -> (64,), "48x64" -> (48, 64), "" -> (). Raises ConfigError."""
    if not text.strip():
        return ()
    if not re.fullmatch(r"\s*\d{1,6}(\s*x\s*\d{1,6})?\s*", text):
        raise ConfigError(
            f"size must be a number such as 64, or height x width such as 48x64; got {text[:60]!r}"
        )
    return tuple(map(int, text.split("x")))


@dataclass(frozen=True)
class Limits:
    """What is read at most.

    Attributes:
        files: In a folder or an archive, whatever they are.
        images: In arrays (npz, IDX).
        file_bytes: Of one image file; a larger one is skipped.
        unpacked: Bytes of all files of an archive, unpacked.
    """

    files: int = 1_000_000
    images: int = 10_000_000
    file_bytes: int = 64_000_000
    unpacked: int = 1_000_000_000_000


UPLOADED = Limits(files=200_000, images=1_000_000, file_bytes=10_000_000, unpacked=4_000_000_000)
FEWEST_TRAIN, FEWEST_TEST = 2, 1  # images
