"""A sheet to draw on. The browser's half is component.js beside this file."""

import base64
import binascii
from pathlib import Path

from autoencoder.config.datasets import ImageShape
from autoencoder.ui.components.mounting import component

MOST_LETTERS = 400_000  # of the base64 of a drawing: many times what one takes

_mount = component("sketch", Path(__file__).parent)


def sketch(shape: ImageShape, *, dark: bool, key: str) -> bytes | None:
    """Draw the sheet, and return the PNG file that the visitor has just drawn, b"" if it was
    cleared, None in any other rerun.

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
    try:
        letters = None if mounted.drawn is None else str(mounted.drawn["png"])
        return (
            None
            if letters is None or len(letters) > MOST_LETTERS
            else base64.b64decode(letters, validate=True)
        )
    except (TypeError, KeyError, binascii.Error, UnicodeEncodeError, ValueError):
        return None
