"""A Plotly figure on a page, with a small button that saves it as a page of HTML."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.styles import style_beside

STYLE = style_beside(__file__)


def chart(
    figure: Any,
    title: str,
    *,
    runs: Sequence[Run],
    sample: str,
    key: str,
    height: int,
    **options: Any,
) -> None:
    """Draw the figure; the button on it saves it as one page of HTML, which needs no server and no
    network, and has buttons for a PNG and an SVG.

    Args:
        figure: Of Plotly; it is left as it is.
        title: What it shows, for those who cannot see it, and above it in the file.
        runs: It is of these; the file says which, and their seeds.
        sample: Of which images or weights it is, below the title in the file.
        key: Of the chart's widget.
        height: In pixels.
        options: Other arguments of `st.plotly_chart`.
    """
    st.html(STYLE)
    with st.container(key=f"chart-{key}", gap=None):
        st.plotly_chart(figure, key=key, height=height, alt=title, **options)
        st.download_button(
            "Save the figure",
            _page(figure, title, _about(runs, sample)),
            f"{_file_name(title)}.html",
            "text/html",
            key=f"save-{key}",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
            help="This figure as a page of HTML, which works everywhere and saves PNG and SVG",
        )


def _page(figure: Any, title: str, about: str) -> Callable[[], str]:
    """Makes the file when it is asked for: it has all of Plotly in it."""

    def made() -> str:
        from autoencoder.figures.page import page_of

        return page_of(figure, title=title, about=about, name=_file_name(title), with_library=True)

    return made


def _about(runs: Sequence[Run], sample: str) -> str:
    """Keys, sample and training seeds in a line."""
    seeds = ", ".join(map(str, sorted({run.config.seed for run in runs})))
    trained = [f"training seed {seeds}"] if seeds else []
    return " · ".join([*(run.key for run in runs), sample, *trained])


def _file_name(title: str) -> str:
    """The words of a title in small letters and figures, with hyphens between them."""
    return "-".join(re.findall(r"[a-z0-9]+", title.lower())) or "figure"
