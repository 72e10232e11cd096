"""A sheet to draw on. The browser's half is component.js beside this file."""

from pathlib import Path

import numpy as np
from msgspec import Struct

from autoencoder.config.datasets import ImageShape
from autoencoder.ui.components.messages import received
from autoencoder.ui.components.mounting import component

SENT = 112  # pixels of the longer side of a drawing that is sent: as in component.js
CLEARED = np.zeros((0, 0, 1), np.uint8)


class _Drawing(Struct, frozen=True):
    pixels: bytes  # in base64


_mount = component("sketch", Path(__file__).parent)


def sketch(shape: ImageShape, *, dark: bool, key: str) -> np.ndarray | None:
    """Draw the sheet, and return what the visitor has just drawn, as pixels (H, W, 1 or 3) uint8:
    CLEARED if the sheet was cleared, None in any other rerun.

    Args:
        shape: Of the images that it is to become one of: its proportions, and whether there are
            colours to choose from.
        dark: Whether it is black, to draw on in white, or the other way round.
    """
    ground, ink = ("#000000", "#ffffff") if dark else ("#ffffff", "#000000")
    mounted = _mount(
        key=key,
        data={"shape": list(shape), "ground": ground, "ink": ink},
        on_drawn_change=lambda: None,
    )
    return drawing(mounted.drawn, shape)


def drawing(message: object, shape: ImageShape) -> np.ndarray | None:
    """The pixels that a message from the browser holds, grey where all is grey; None if there is no
    message, or one that the sheet does not send.
    """
    if (said := received(message, _Drawing)) is None:
        return None
    if not said.pixels:
        return CLEARED
    height, width = sent_size(shape)
    if len(said.pixels) != 3 * height * width:
        return None
    pixels = np.frombuffer(said.pixels, np.uint8).reshape(height, width, 3)
    return pixels[:, :, :1] if (pixels == pixels[:, :, :1]).all() else pixels


def sent_size(shape: ImageShape) -> tuple[int, int]:
    """Height and width of a drawing, as `sized` in component.js rounds them."""
    longer = max(shape.height, shape.width)
    height, width = (int(SENT * side / longer + 0.5) for side in (shape.height, shape.width))
    return height, width
