"""Series of runs as cards: one picture for all, how many there are and how good; each opens in its
place.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from autoencoder.formatting import byte_size, error_number
from autoencoder.runs import Run
from autoencoder.ui.home.cards import (
    PAIRS,
    Part,
    card_frame,
    first_images,
    picture,
    run_card,
    stacks,
)
from autoencoder.ui.home.selection import counted, tick_box
from autoencoder.ui.home.series import RunSeries, lab_of
from autoencoder.ui.shared.cache import Version, cached_per_run
from autoencoder.ui.shared.other_runs import ENDING
from autoencoder.ui.shared.run_titles import distinct_names
from autoencoder.ui.shared.text import literal

OPEN = "open"  # in the address: the series whose runs are shown


def series_card(series: RunSeries, *, selecting: bool = False) -> None:
    """A series as a card, which opens."""
    with card_frame(series.place):
        with st.container(gap="xsmall"):
            if selecting:
                tick_box(series.place, [each.key for each in series.entries])
            st.html(picture(_picture(series)))
            st.markdown(f":material/stacks: **{literal(series.title, 120)}**")
            st.caption("  \n".join(_result(series)))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                f"Show {counted(len(series.entries))}",
                key=f"open_{series.place}",
                type="tertiary",
                icon=":material/unfold_more:",
                on_click=_open,
                args=(series.place,),
            )
            _link(series)


def _open(place: str) -> None:
    st.query_params[OPEN] = place


def _result(series: RunSeries) -> list[str]:
    """The best and the worst test error of its runs; how many there are, and their bytes."""
    done = [each for each in series.entries if each.errors]
    count = counted(len(series.entries))
    if len(done) < len(series.entries):
        count = f"{len(done)} of {count} finished"
    lines = [f"{count} · {byte_size(series.size)}"]
    if done:
        best, worst = error_number(done[0].mse), error_number(done[-1].mse)
        lines.insert(0, f"test MSE {best} to {worst}" if best != worst else f"test MSE {best}")
    return lines


def _link(series: RunSeries) -> None:
    """To the lab's report, or to the runs of a sweep side by side."""
    if query := lab_of(series):
        st.page_link("pages/labs.py", label="Report", query_params=query)
    finished = [each.key[-ENDING:] for each in series.entries if each.is_finished]
    if series.kind != "lab" and len(finished) > 1:
        query = {"runs": ",".join(finished)}
        st.page_link("pages/compare.py", label="Compare", query_params=query)


def open_series(series: RunSeries, places: Mapping[str, int], *, selecting: bool = False) -> None:
    """A series that is open: a card for each of its runs, those with the smallest error first.

    Args:
        series: Which one.
        places: Key -> place in the queue, of the runs that wait.
        selecting: Whether there are boxes to tick.
    """
    configs = {each.key: each.run.config for each in series.entries if isinstance(each.run, Run)}
    names = {each.key: each.key for each in series.entries} | distinct_names(configs)
    with st.container(key="open_series"):
        st.divider()
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/stacks: **{literal(series.title, 120)}**", width="content")
            st.caption(" · ".join(_result(series)), width="content")
            st.button(
                "Close",
                key=f"close_{series.place}",
                type="tertiary",
                icon=":material/unfold_less:",
                on_click=_close,
            )
            _link(series)
        with st.container(horizontal=True):
            for each in series.in_order:
                part = Part(names[each.key], series.role(each))
                run_card(each, places.get(each.key, 0), part, selecting=selecting)
        st.divider()


def _close() -> None:
    st.query_params.pop(OPEN, None)


def _picture(series: RunSeries) -> str:
    """HTML of the first test image through up to four runs of the series, from best to worst."""
    runs = [each.run for each in series.entries if isinstance(each.run, Run)]
    if not runs:
        return ""
    count = min(PAIRS, len(runs))
    picked = [runs[round(i * (len(runs) - 1) / max(1, count - 1))] for i in range(count)]
    return _kept_picture(picked[0], tuple((each.key, each.version) for each in picked), picked)


@cached_per_run(max_entries=200, copies=True)
def _kept_picture(run: Run, versions: tuple[tuple[str, Version], ...], _runs: Sequence[Run]) -> str:
    """The picture of these `versions` of `_runs`, of which `run` is the first."""
    pairs = [images for each in _runs if (images := first_images(each, 1))]
    alike = [pair for pair in pairs if pair[0].shape == pairs[0][0].shape]
    if not alike:
        return ""
    alt = "A test image above its reconstructions by runs of this series, the best run first"
    wall = stacks(*(np.concatenate(images) for images in zip(*alike, strict=True)), alt=alt)
    share = 100 * len(alike) // PAIRS  # of the width, so that a few are drawn as large as four
    return f'<div style="max-width:calc({share}% + 2px)">{wall}</div>'
