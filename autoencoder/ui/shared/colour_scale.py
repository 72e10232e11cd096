"""Numbers as colours, and the scale that says what the colours mean: from 0 to 1 in the theme's
sequential palette, or from below to above 0 in a diverging one.

Shapes: N = maps of h x w numbers.
"""

import html
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from autoencoder.formatting import number
from autoencoder.ui.shared.styles import style_beside

STYLE = style_beside(__file__)
SEQUENTIAL = "theme.chartSequentialColors"  # from little to much, as everywhere
# Black at 0 like the ground of a digit, so that both themes and both signs stand out; blue and
# orange for colour-blind eyes.
DIVERGING = {
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


def coloured(maps: np.ndarray) -> np.ndarray:
    """Maps (N, h, w) of values from 0 to 1 as images (N, 3, h, w) uint8 in the sequential
    palette.
    """
    colours = [
        tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
        for colour in st.get_option(SEQUENTIAL)
    ]
    return _interpolated(maps, dict(zip(np.linspace(0, 1, len(colours)), colours, strict=True)))


def signed_colours(values: np.ndarray, limit: float) -> np.ndarray:
    """Numbers (N, h, w) as images (N, 3, h, w) uint8: blue below 0, black at 0, orange above;
    saturated beyond `limit`.
    """
    return _interpolated((values / limit).clip(-1, 1), DIVERGING)


def signed_limit(values: np.ndarray) -> float:
    """The size that gets the ends of the diverging palette: the largest, of many numbers that of
    all but a few. At least 1e-12.
    """
    sizes = np.abs(values)
    largest = np.percentile(sizes, SATURATED) if sizes.size > MANY else sizes.max(initial=0)
    return max(float(largest), 1e-12)


def colour_scale(title: str, low: str, high: str) -> None:
    """Draw the sequential palette between what its ends mean."""
    bar = _bar(st.get_option(SEQUENTIAL))
    _draw("scale", f"{_text(title)}{_text(low)}{bar}{_text(high)}")


def signed_scale(limit: float, *, is_cut: bool) -> None:
    """Draw the diverging palette from -limit to limit, with its numbers; `is_cut` says that some
    numbers lie beyond.
    """
    low, high = (f"{sign}{number(limit)}{' and beyond' if is_cut else ''}" for sign in "-+")
    bar = _bar([f"rgb{colour}" for colour in DIVERGING.values()])
    _draw("scale signed", f"{_text(low)}{bar}{_text(high)}{_text('· black is 0')}")


def _interpolated(values: np.ndarray, palette: Mapping[float, tuple[int, ...]]) -> np.ndarray:
    """Values (N, h, w) -> colours (N, 3, h, w) uint8, between the places of the palette."""
    places, colours = list(palette), list(palette.values())
    channels = [np.interp(values, places, [colour[k] for colour in colours]) for k in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def _bar(colours: Sequence[str]) -> str:
    return f'<i style="background:linear-gradient(to right,{",".join(colours)})"></i>'


def _text(text: str) -> str:
    return f"<span>{html.escape(text)}</span>"


def _draw(names: str, content: str) -> None:
    st.html(f'{STYLE}<div class="{names}">{content}</div>')
