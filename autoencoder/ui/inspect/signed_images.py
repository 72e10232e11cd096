"""Pictures of numbers that may be negative, in one diverging palette with its scale; and labelled
rows
of images.

Shapes: N = pictures of h x w numbers.
"""

import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from autoencoder.data import images as pictures
from autoencoder.formatting import number
from autoencoder.ui.shared.image_grid import pairs

# Black at 0 like the ground of a digit, so that both themes and both signs stand out; blue and
# orange for colour-blind eyes.
PALETTE = {
    -1.0: (168, 214, 255),
    -0.5: (44, 111, 214),
    0.0: (14, 15, 20),
    0.5: (214, 98, 22),
    1.0: (255, 214, 140),
}
# percentile of the sizes that gets the ends of the palette: a few large ones would leave the rest
# black
SATURATED = 99.8
MANY = 2_000  # numbers, from which on there are outliers to leave out
GAP = 2  # CSS pixels between two images of a labelled row
LABEL = 190  # CSS pixels of a row's label
ZOOMS = range(1, 15)
SCALE = """<style>
.scale { display: flex; align-items: center; gap: 8px; font-size: 0.75rem;
  font-variant-numeric: tabular-nums; }
.scale img { width: 160px; height: 10px; image-rendering: auto; outline: 1px solid #80808040; }
.scale span { opacity: 0.75; }
</style>"""
ROWS = """<style>
.rows-box { container-type: inline-size; }
.rows { display: flex; flex-direction: column; gap: 10px; }
.rows > div { display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
.rows p { width: var(--label); margin: 0; font-size: 0.8125rem; line-height: 1.25; }
.rows p small { display: block; opacity: 0.7; font-size: 0.75rem;
  font-variant-numeric: tabular-nums; }
.rows .images { display: flex; gap: var(--gap); }
.rows i { display: block; flex: none; image-rendering: pixelated; background-image: var(--sheet);
  width: calc(var(--w) * var(--zoom) * 1px); height: calc(var(--h) * var(--zoom) * 1px);
  background-size: calc(var(--n) * var(--w) * var(--zoom) * 1px) auto;
  background-position: calc(var(--x) * var(--w) * var(--zoom) * -1px) 0; }
</style>"""


def limit_of(values: np.ndarray) -> float:
    """The size that gets the ends of the palette: the largest, of many numbers that of all but a
    few. At least 1e-12.
    """
    sizes = np.abs(values)
    return max(
        float(np.percentile(sizes, SATURATED) if sizes.size > MANY else sizes.max(initial=0)), 1e-12
    )


def coloured(values: np.ndarray, limit: float) -> np.ndarray:
    """Numbers (N, h, w) as colours, uint8 (N, 3, h, w): blue below 0, black at 0, orange above;
    saturated beyond `limit`.
    """
    share = (values / limit).clip(-1, 1)
    channels = [
        np.interp(share, list(PALETTE), [colour[channel] for colour in PALETTE.values()])
        for channel in range(3)
    ]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def signed_wall(
    maps: np.ndarray,
    *,
    size: int,
    columns: int,
    captions: Sequence[str],
    alt: str,
    limit: float | None = None,
) -> None:
    """Draw maps (N, C, h, w) of numbers, the C of each stacked above each other, and the scale of
    their colours below.
    """
    limit = limit or limit_of(maps)
    rows = [coloured(maps[:, channel], limit) for channel in range(maps.shape[1])]
    pairs(rows, size=size, columns=columns, captions=captions, alt=alt)
    scale(limit, is_cut=bool(np.abs(maps).max() > limit))


def scale(limit: float, *, is_cut: bool) -> None:
    """The palette from -limit to limit, with its numbers; `is_cut` says that some numbers lie
    beyond.
    """
    ramp = coloured(np.linspace(-limit, limit, 161)[None, None], limit)
    image = f"<img src='{pictures.data_uri(pictures.sheet(ramp, 1))}' alt='colour scale'>"
    low, high = (f"{sign}{number(limit)}{' and beyond' if is_cut else ''}" for sign in "-+")
    st.html(
        f"{SCALE}<div class='scale'><span>{low}</span>{image}<span>{high}</span><span>· black is"
        " 0</span></div>"
    )


def labelled_rows(rows: Sequence[tuple[str, str, np.ndarray]], *, alt: str) -> None:
    """Rows of as many images (N, C, H, W) each, uint8 or in [0, 1], one under the other, as large
    as
    fits.

    Args:
        rows: Each with its name, a smaller line under that, and the images.
        alt: What the rows show, for those who cannot see it.
    """
    count, _, height, width = rows[0][2].shape
    name = f"rows-{count}-{width}"
    drawn = "".join(_row(title, below, images) for title, below, images in rows)
    sizes = f"--n:{count};--w:{width};--h:{height};--label:{LABEL}px;--gap:{GAP}px"
    body = (
        f"<div class='rows {name}' role='img' aria-label='{html.escape(alt)}'"
        f" style='{sizes}'>{drawn}</div>"
    )
    st.html(f"{ROWS}<style>{_zooms(name, count, width)}</style><div class='rows-box'>{body}</div>")


def _row(title: str, below: str, images: np.ndarray) -> str:
    sheet = pictures.data_uri(pictures.sheet(images, len(images)))
    cells = "".join(f'<i style="--x:{x}"></i>' for x in range(len(images)))
    label = f"<p>{html.escape(title)}<small>{html.escape(below)}</small></p>"
    return f"<div>{label}<div class='images' style='--sheet:url({sheet})'>{cells}</div></div>"


def _zooms(name: str, count: int, width: int) -> str:
    """CSS that gives the rows the largest whole multiple that fits beside the labels, up to 64
    pixels, or below them.
    """
    rules = [f".{name} {{ --zoom: 1; }}"]
    for zoom in ZOOMS:
        if width * zoom <= max(64, width):
            across = count * (width * zoom + GAP)
            rules.append(
                f"@container (min-width: {across + LABEL + 16}px) {{ .{name} {{ --zoom: {zoom};"
                " } }"
            )
    return " ".join(rules)
