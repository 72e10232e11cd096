"""The names of classes as captions of images, and their colours."""

from collections.abc import Iterable

import streamlit as st

from autoencoder.runs import Run

MOST_LETTERS = 24
SHADES = (  # as in export/browser/theme.js: the palette, then darker, then lighter
    "{}",
    "color-mix(in oklab, {} 60%, black)",
    "color-mix(in oklab, {} 50%, white)",
)


def class_captions(run: Run, labels: Iterable[int]) -> list[str]:
    """The name of each label's class, cut to 24 letters; empty where there are not two classes."""
    return [short(run.class_names[label]) if run.has_classes else "" for label in labels]


def short(name: str) -> str:
    """A name cut to 24 letters."""
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1]}…"


def class_colour(label: int) -> str:
    """The CSS colour of a class on every map: of thirty, so that the 31st class has the first."""
    colours = st.get_option("theme.chartCategoricalColors")
    round_of_palette, place = divmod(label, len(colours))
    return SHADES[round_of_palette % len(SHADES)].format(colours[place])
