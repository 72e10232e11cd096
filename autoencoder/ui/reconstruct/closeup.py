"""One test image, large: what it was, what came back of it by each way, and how far off every pixel
is.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder.data import images as pictures

SIZE = 168  # CSS pixels, about, at a whole multiple
STYLE = """<style>
.closeup { display: flex; flex-wrap: wrap; gap: 16px 28px; }
.closeup > div { display: flex; gap: 4px; }
.closeup figure { margin: 0; }
.closeup img { display: block; image-rendering: pixelated; outline: 1px solid #8080802e; }
.closeup figcaption { margin-top: 4px; font-size: 0.8125rem; line-height: 1.35; }
.closeup small { display: block; opacity: 0.7; font-size: 0.8125rem;
  font-variant-numeric: tabular-nums; }
</style>"""


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels (C, H, W), uint8 or in [0, 1], and two short texts below."""

    pixels: np.ndarray
    name: str
    about: str = ""


def closeup(groups: Sequence[Sequence[Picture]]) -> None:
    """Draw pictures side by side, those of a group close together."""
    parts = ("".join(map(_figure, group)) for group in groups)
    st.html(f"{STYLE}<div class='closeup'>{''.join(f'<div>{part}</div>' for part in parts)}</div>")


def _figure(picture: Picture) -> str:
    height, width = picture.pixels.shape[1:]
    side = max(height, width)
    zoom = (
        max(1, round(SIZE / side)) if 2 * side <= SIZE else SIZE / side
    )  # a large image is no pixel art
    address = pictures.data_uri(pictures.to_bytes(picture.pixels).transpose(1, 2, 0))
    name, about = html.escape(picture.name), html.escape(picture.about)
    alt = f"alt='{name}' width={round(zoom * width)} height={round(zoom * height)}"
    return (
        f"<figure><img src='{address}'"
        f" {alt}><figcaption>{name}<small>{about}&nbsp;</small></figcaption></figure>"
    )
