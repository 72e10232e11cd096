"""Image walls: one sheet per wall, cut up by CSS, pixelated at whole multiples, as many columns as
fit in whole rows.
"""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from autoencoder.data import images as pictures

PALETTE = "theme.chartSequentialColors"  # from little to much, as everywhere
GAP = 6  # CSS pixels between two stacks
STYLE = """<style>
/* A box has no width of its own: not for a single image. */
.wall-box { container-type: inline-size; }
.wall { display: grid; grid-template-columns: repeat(var(--columns), max-content); gap: 10px 6px; }
.wall > div { display: flex; flex-direction: column; gap: 2px; }
.wall span { display: flex; flex-direction: column; gap: 1px; background: #80808099;
  outline: 1px solid #8080802e; }
.wall i { display: block; background-image: var(--sheet); image-rendering: pixelated;
  width: calc(var(--w) * var(--zoom) * 1px);
  height: calc(var(--h) * var(--zoom) * 1px);
  background-size: calc(var(--across) * var(--w) * var(--zoom) * 1px) auto;
  background-position: calc(var(--x) * var(--w) * var(--zoom) * -1px)
    calc(var(--y) * var(--h) * var(--zoom) * -1px); }
.wall small { font-size: 0.75rem; opacity: 0.7; text-align: center; }
</style>"""
SCALE = """<style>
.scale { display: flex; gap: 8px; align-items: center; font-size: 0.8125rem; }
.scale i { width: 160px; height: 10px; border-radius: 2px; }
</style>"""


def pairs(
    rows: Sequence[np.ndarray],
    *,
    size: int = 56,
    columns: int = 16,
    captions: Sequence[str] = (),
    alt: str = "",
) -> None:
    """Image i of each row stacked above each other: original, reconstruction, and whatever follows.

    Args:
        rows: Arrays (N, C, H, W) of one shape, uint8 or in [0, 1].
        size: At least about how large an image is drawn, in CSS pixels: a whole multiple of its
            own, more where there is room.
        columns: At most; half or a quarter as many where they do not fit, so that rows stay whole.
        captions: N short texts to stand under the stacks.
        alt: What the wall shows, for those who cannot see it.
    """
    st.html(STYLE + wall(rows, size=size, columns=columns, captions=captions, alt=alt))


def enlarged(image: np.ndarray, *, size: int = 280, alt: str = "") -> None:
    """One image (C, H, W), large."""
    pairs([image[None]], size=size, columns=1, alt=alt)


def coloured(maps: np.ndarray) -> np.ndarray:
    """Maps (N, H, W) of values from 0 to 1 as images (N, 3, H, W) uint8 in the sequential
    palette.
    """
    colours = np.array(
        [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in st.get_option(PALETTE)]
    )
    places = np.linspace(0, 1, len(colours))
    channels = [np.interp(maps, places, colours[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def scale(title: str, low: str, high: str) -> None:
    """What the colours of `coloured` stand for: the palette between what its ends mean."""
    colours = ",".join(st.get_option(PALETTE))
    bar = f'<i style="background:linear-gradient(to right,{colours})"></i>'
    ends = [f"<span>{html.escape(text)}</span>" for text in (title, low, high)]
    st.html(f'{SCALE}<div class="scale">{ends[0]}{ends[1]}{bar}{ends[2]}</div>')


def wall(
    rows: Sequence[np.ndarray],
    *,
    size: int,
    columns: int,
    captions: Sequence[str] = (),
    alt: str = "",
) -> str:
    """The HTML of `pairs`. All images are on one sheet: one row of it per row of `rows`."""
    count, _, height, width = rows[0].shape
    sheet = pictures.sheet(np.concatenate([pictures.to_bytes(row) for row in rows]), count)
    stacks = []
    for x in range(count):
        cells = "".join(f'<i style="--x:{x};--y:{y}"></i>' for y in range(len(rows)))
        caption = f"<small>{html.escape(captions[x])}</small>" if captions else ""
        stacks.append(f"<div><span>{cells}</span>{caption}</div>")
    name, rules = _fitting(max(1, round(size / max(height, width))), width, min(columns, count))
    sheet_address = (
        f"--sheet:url({pictures.data_uri(sheet)});--across:{count};--w:{width};--h:{height}"
    )
    grid = (
        f'<div class="wall {name}" role="img" aria-label="{html.escape(alt)}"'
        f' style="{sheet_address}">{"".join(stacks)}</div>'
    )
    return f'<style>{rules}</style><div class="{"wall-box" if columns > 1 else ""}">{grid}</div>'


def _fitting(zoom: int, width: int, columns: int) -> tuple[str, str]:
    """A class name, and CSS that gives it as many columns as fit its box, then as large images as
    fit.
    """
    name = f"wall-{zoom}-{width}-{columns}"
    parts = [columns // part for part in (4, 2) if columns % part == 0] or [
        columns
    ]  # only what leaves whole rows
    choices = [
        *((zoom, across) for across in parts),
        *((larger, columns) for larger in range(zoom, 2 * zoom + 1)),
    ]
    rules = [f".{name} {{ --zoom: {zoom}; --columns: {parts[0]}; }}"]
    for larger, across in choices:
        if columns > 1:
            room = across * (larger * width + GAP)
            rules.append(
                f"@container (min-width: {room}px) {{ .{name} {{ --zoom: {larger}; --columns:"
                f" {across}; }} }}"
            )
    return name, " ".join(rules)
