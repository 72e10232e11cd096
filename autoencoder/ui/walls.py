"""Image walls: one sheet per wall, cut up by CSS, pixelated at whole multiples, as many columns as fit in whole rows."""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from autoencoder import images as pictures

# Columns halve on narrow screens, so that 64, 32 or 16 images always make whole rows.
STYLE = """<style>
.wall { display: grid; grid-template-columns: repeat(var(--columns), max-content); gap: 10px 6px; }
.wall > div { display: flex; flex-direction: column; gap: 1px; }
.wall i { display: block; background-image: var(--sheet); image-rendering: pixelated; width: calc(var(--w) * var(--zoom) * 1px);
  height: calc(var(--h) * var(--zoom) * 1px); background-size: calc(var(--across) * var(--w) * var(--zoom) * 1px) auto;
  background-position: calc(var(--x) * var(--w) * var(--zoom) * -1px) calc(var(--y) * var(--h) * var(--zoom) * -1px); }
.wall small { font-size: 0.75rem; opacity: 0.7; text-align: center; }
@media (max-width: 1100px) { .wall { --columns: var(--narrow) !important; } }
</style>"""


def pairs(
    rows: Sequence[np.ndarray], *, size: int = 56, columns: int = 16, captions: Sequence[str] = (), alt: str = ""
) -> None:
    """Image i of each row stacked above each other: original, reconstruction, and whatever follows.

    Args:
        rows: Arrays (N, C, H, W) of one shape, uint8 or in [0, 1].
        size: About how large an image is drawn, in CSS pixels; rounded to a whole multiple of its own.
        columns: On a wide screen; half as many on a narrow one.
        captions: N short texts to stand under the stacks.
        alt: What the wall shows, for those who cannot see it.
    """
    st.html(STYLE + wall(rows, size=size, columns=columns, captions=captions, alt=alt))


def strip(images: np.ndarray, *, size: int = 56, captions: Sequence[str] = (), alt: str = "") -> None:
    """Images (N, C, H, W) side by side."""
    pairs([images], size=size, columns=len(images), captions=captions, alt=alt)


def enlarged(image: np.ndarray, *, size: int = 280, alt: str = "") -> None:
    """One image (C, H, W), large."""
    pairs([image[None]], size=size, columns=1, alt=alt)


def wall(rows: Sequence[np.ndarray], *, size: int, columns: int, captions: Sequence[str] = (), alt: str = "") -> str:
    """The HTML of `pairs`. All images are on one sheet: one row of it per row of `rows`."""
    count, _, height, width = rows[0].shape
    sheet = pictures.sheet(np.concatenate([row for row in rows]), count)
    zoom = max(1, round(size / max(height, width)))
    stacks = []
    for x in range(count):
        cells = "".join(f'<i style="--x:{x};--y:{y}"></i>' for y in range(len(rows)))
        caption = f"<small>{html.escape(captions[x])}</small>" if captions else ""
        stacks.append(f"<div>{cells}{caption}</div>")
    variables = {
        "sheet": f"url({pictures.data_uri(sheet)})", "across": count, "w": width, "h": height, "zoom": zoom,
        "columns": min(columns, count), "narrow": min(max(1, columns // 2), count),
    }  # fmt: skip
    style = ";".join(f"--{name}:{value}" for name, value in variables.items())
    return f'<div class="wall" role="img" aria-label="{html.escape(alt)}" style="{style}">{"".join(stacks)}</div>'
