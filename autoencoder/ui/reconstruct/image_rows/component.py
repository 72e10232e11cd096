"""Test images, each above what came back of it, to pick one from.

The browser's half is component.js beside this file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.data import images as pictures
from autoencoder.ui.components.messages import Index, received
from autoencoder.ui.components.mounting import component
from autoencoder.validation import Exact

LARGEST = 64  # pixels, about, of an image: larger ones are made smaller

_mount = component("image_rows", Path(__file__).parent)


class Picked(Exact, frozen=True):
    """What the browser says when the visitor has picked an image."""

    index: Index


@dataclass(frozen=True, eq=False)
class Row:
    """One image of every column.

    Attributes:
        pixels: (N, C, H, W) uint8 or in [0, 1]; C may differ from row to row.
        name, about: What they are, in two short texts.
        here, everywhere: What stands at the row's end, of the images shown and of all.
        best: Whether that is to stand out.
    """

    pixels: np.ndarray
    name: str
    about: str = ""
    here: str = ""
    everywhere: str = ""
    best: bool = False


def image_rows(
    rows: Sequence[Row],
    indices: np.ndarray,
    names: Sequence[str],
    *,
    chosen: int,
    placed: int,
    key: str,
) -> int | None:
    """Draw the rows, and return the index that the visitor has just picked, None in any other
    rerun.

    Nothing that is passed should change because of what is returned, or all of it travels again.

    Args:
        rows: From the top.
        indices: Of the images in the test set, (N,).
        names: Of their classes, N of them.
        chosen: The index of the image that stands out.
        placed: Higher whenever Python, not the visitor, has chosen: only then does the browser take
            `chosen`.
    """
    colour = max(row.pixels.shape[1] for row in rows)
    pixels = [pictures.shrunk(pictures.to_bytes(row.pixels), LARGEST) for row in rows]
    whole = np.concatenate([np.repeat(each, colour // each.shape[1], axis=1) for each in pixels])
    data: dict[str, Any] = {
        "sheet": pictures.data_uri(pictures.sheet(whole, len(indices))),
        "shape": list(whole.shape[1:]),
        "rows": [
            {
                "name": row.name,
                "about": row.about,
                "here": row.here,
                "all": row.everywhere,
                "best": row.best,
            }
            for row in rows
        ],
        "images": [
            {"index": int(index), "name": name} for index, name in zip(indices, names, strict=True)
        ],
        "chosen": chosen,
        "placed": placed,
    }
    mounted = _mount(key=key, data=data, on_picked_change=lambda: None)
    return picked_image(mounted.picked, indices)


def picked_image(value: object, indices: np.ndarray) -> int | None:
    """The one of `indices` (N,) that the browser says was picked; None if it says something
    else.
    """
    picked = received(value, Picked)
    return picked.index if picked and picked.index in indices else None
