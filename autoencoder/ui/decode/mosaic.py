"""Touching images between two axes: one sheet with hairlines, pixelated at the whole multiple that
suits the window.
"""

import html

import numpy as np
import streamlit as st

from autoencoder.data import images as pictures

# CSS pixels beside the sheet that the page's margins and the numbers of the upright axis take
ASIDE = 232
NARROW, SHARE = (
    1000,
    0.6,
)  # windows below this width give the sheet all they have, others this share
LARGEST = 1000  # CSS pixels
STYLE = """<style>
.mosaic { display: grid; grid-template-columns: 3.4rem max-content; gap: 4px 8px;
  font-size: 0.75rem; width: max-content; }
.mosaic img { display: block; width: calc(var(--zoom) * var(--w) * 1px); max-width: none;
  image-rendering: pixelated; }
.mosaic div { position: relative; }
.mosaic .lines { position: absolute; inset: 0;
  background-size: calc(100% / var(--columns)) calc(100% / var(--rows));
  background-image: linear-gradient(to right, #80808080 1px, transparent 1px),
    linear-gradient(#80808080 1px, transparent 1px); }
.mosaic .upright, .mosaic .level { display: flex; justify-content: space-between;
  font-variant-numeric: tabular-nums; }
.mosaic .upright { flex-direction: column; text-align: right; }
.mosaic .level { grid-column: 2; }
.mosaic b { font-weight: 600; }
.mosaic span { opacity: 0.75; }
</style>"""


def mosaic(
    images: np.ndarray,
    columns: int,
    *,
    level: tuple[str, str, str],
    upright: tuple[str, str, str],
    alt: str,
) -> None:
    """Draw images (N, C, H, W) in [0, 1], row by row from the top left.

    Args:
        images: As many as fill whole rows.
        columns: Images in a row.
        level: What stands at the left end of the axis beneath, what the axis is called, what stands
            at its right end.
        upright: The same of the axis beside, from its lower end up; empty for an axis that there is
            not.
        alt: What it shows, for those who cannot see it.
    """
    sheet = pictures.sheet(images, columns)
    width = sheet.shape[1]
    name = f"mosaic-{width}"
    low, title, high = (html.escape(text) for text in upright)
    beside = f"<div class='upright'><span>{high}</span><b>{title}</b><span>{low}</span></div>"
    low, title, high = (html.escape(text) for text in level)
    beneath = f"<div class='level'><span>{low}</span><b>{title}</b><span>{high}</span></div>"
    picture = (
        f"<div><img src='{pictures.data_uri(sheet)}' alt='{html.escape(alt)}'><div"
        " class='lines'></div></div>"
    )
    sizes = f"--w:{width};--columns:{columns};--rows:{len(images) // columns}"
    body = f"<div class='mosaic {name}' style='{sizes}'>{beside}{picture}{beneath}</div>"
    st.html(f"{STYLE}<style>{_zooms(name, width)}</style>{body}", width="content")


def _zooms(name: str, width: int) -> str:
    """CSS that gives a sheet the largest whole multiple for the window; less than one, smoothed,
    where not even that fits.
    """
    rules = [f".{name} {{ --zoom: 1; }}"]
    rules.append(
        f"@media (max-width: {width + ASIDE}px) {{ .{name} img {{ width: calc(100vw - {ASIDE}px);"
        " image-rendering: auto; } }"
    )
    for zoom in range(2, LARGEST // width + 1):
        larger = f"{{ .{name} {{ --zoom: {zoom}; }} }}"
        rules.append(
            f"@media (min-width: {zoom * width + ASIDE}px) and (max-width: {NARROW - 1}px) {larger}"
        )
        rules.append(f"@media (min-width: {max(NARROW, round(zoom * width / SHARE))}px) {larger}")
    return " ".join(rules)
