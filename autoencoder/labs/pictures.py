"""What a lab's report shows beside its claims: figures as Plotly JSON, walls of images as PNG,
paths as GIF.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from autoencoder.data import images as pictures

APART = 12  # pixels between two lines of stacks
KINDS = ("json", "png", "gif")
FILE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}\.(json|png|gif)")


class Drawn(Protocol):
    """What a function of `figures` gives."""

    def to_json(self) -> str:
        """As Plotly keeps it."""


@dataclass(frozen=True)
class Picture:
    """A file of a report: its name, which ends with one of KINDS, what it shows, and its
    content.
    """

    file: str
    title: str
    caption: str
    content: bytes = b""

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.file.rpartition(".")[2]


Row = Sequence[Picture]  # side by side


def figure(name: str, title: str, caption: str, drawn: Drawn) -> Picture:
    """A Plotly figure."""
    return Picture(f"{name}.json", title, caption, drawn.to_json().encode())


def wall(
    name: str, title: str, caption: str, rows: Mapping[str, np.ndarray], columns: int = 16
) -> Picture:
    """Image i of each row of images (N, C, H, W) above each other, `columns` stacks side by side,
    further stacks below. Each row's label stands before it; an empty one is none.

    Stacks of several images are told apart by a wider gap. Images that do not fill a line are left
    out, but of the only one. What lies between the images is transparent.
    """
    count = len(next(iter(rows.values())))
    count = count // columns * columns or count
    across = min(columns, count)
    bands = [
        _band({label: images[start : start + across] for label, images in rows.items()})
        for start in range(0, count, across)
    ]
    gap = np.zeros((APART if len(rows) > 1 else 0, *bands[0].shape[1:]), np.uint8)
    spaced = [part for band in bands for part in (band, gap)][:-1]
    return Picture(f"{name}.png", title, caption, pictures.png(np.concatenate(spaced)))


def _band(rows: Mapping[str, np.ndarray]) -> np.ndarray:
    """Labelled rows of images (N, C, H, W) as one picture (height, width, 4), uint8."""
    images = pictures.strip(list(rows.values()))
    black = [np.zeros((len(each), 1, *each.shape[2:]), np.uint8) for each in rows.values()]
    between = pictures.strip(black) > 0
    seen = np.where(between, 0, np.uint8(255))
    colours = np.broadcast_to(images, (*images.shape[:2], 3))
    picture = np.concatenate([colours, seen], axis=2)
    labels = pictures.words_beside(list(rows), len(picture))
    return np.concatenate([labels, picture], axis=1) if any(rows) else picture


def film(name: str, title: str, caption: str, frames: np.ndarray) -> Picture:
    """Frames (N, C, H, W) in [0, 1] as a GIF that goes forth and back."""
    return Picture(f"{name}.gif", title, caption, pictures.gif(frames))
