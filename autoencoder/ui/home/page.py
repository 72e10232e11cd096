"""The Runs page: a live map to touch at once, and below it every run as a card."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autoencoder.config.run_config import RunConfig
from autoencoder.formatting import byte_size
from autoencoder.runs import Run
from autoencoder.ui.components.live.view import live_pad
from autoencoder.ui.home.archives import import_runs
from autoencoder.ui.home.cards import run_card
from autoencoder.ui.home.entries import Entry, read_more
from autoencoder.ui.home.listing import Card, View, cards, matching, runs_of
from autoencoder.ui.home.selection import actions, counted, outcome, select_mode
from autoencoder.ui.home.series import RunSeries
from autoencoder.ui.home.series_cards import OPEN, open_series, series_card
from autoencoder.ui.home.toolbar import show_all, toolbar
from autoencoder.ui.shared.run_data import damage
from autoencoder.ui.shared.shell import CHOSEN, STARTED, explained, queue
from autoencoder.ui.shared.text import literal

PAGE_SIZE = 24  # cards shown before "Show more"; runs that the live map is chosen from


def reading(unread: int) -> None:
    """Where there are more runs than a page reads at once: say so, read on, and draw the page again
    when all are read.
    """
    if unread:
        st.fragment(_read_on, run_every=0.5)(unread)


@explained
def _read_on(unread: int) -> None:
    if not (left := read_more()):
        st.rerun()
    st.progress(max(0.0, 1 - left / unread), f"Reading more runs. {left:,} are left.")


@explained
def live_map(entries: Sequence[Entry]) -> None:
    """Something that moves under the pointer at once: the map of a good run."""
    run = _run_to_touch(entries)
    if run is None:
        return
    row = st.container(horizontal=True, vertical_alignment="center", gap="large")  # wraps if narrow
    with row.container(width=768):
        live_pad(run)
    with row.container(width=400):
        st.markdown(
            "**Drag over the map.** Each point is one test image; the network did not train"
            f" on it. The encoder turns the {run.config.shape.pixels} pixels of an image"
            f" into a latent vector of {run.config.latent_dim} values. The decoder turns any"
            " place of the map into an image; your browser computes it."
        )
        st.caption(literal(next(each.title for each in entries if each.key == run.key), 200))
        query = {"run": run.key}
        st.page_link(
            "pages/decode.py",
            label="Decode with this run",
            icon=":material/tune:",
            query_params=query,
        )
        st.page_link(
            "pages/interpolate.py",
            label="Interpolate with this run",
            icon=":material/linear_scale:",
            query_params=query,
        )


def _run_to_touch(entries: Sequence[Entry]) -> Run | None:
    """The finished run whose map is the best to look at, or the visitor's own if it has two latent
    values; none whose files are damaged.
    """
    finished = [each for each in entries if each.is_finished]
    in_order = sorted(finished, key=lambda each: (not _is_own_map(each), each.rank))
    runs = [each.run for each in in_order[:PAGE_SIZE] if isinstance(each.run, Run)]
    return next((run for run in runs if not damage(run)), None)


def _is_own_map(entry: Entry) -> bool:
    """Whether it is the run that the visitor has chosen or trained last, and has a map."""
    is_chosen = entry.key == st.session_state.get(CHOSEN)
    return is_chosen and isinstance(entry.run, Run) and entry.run.config.latent_dim == 2


@explained
def run_cards(entries: Sequence[Entry]) -> None:
    """All runs as cards, a page at a time, below what searches, sorts, filters and selects them."""
    outcome()
    if not entries:
        _nothing_yet()
        return
    view, selecting = View(), False
    if len(entries) > 1:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            view = toolbar(entries)
            selecting = select_mode()
    found = cards(entries, view, st.session_state.get(STARTED, ""))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_counted(entries, view), width="content")
        if found and view.is_narrow:
            _show_all_button()
        st.space("stretch")
        import_runs()
    if selecting:
        actions(entries, found)
    if not found:
        _no_match()
        return
    shown = max(st.session_state.setdefault("cards", PAGE_SIZE), _place_of_open(found) + 1)
    _all_cards(found[:shown], selecting)
    if len(found) > shown:
        st.button(
            f"Show more ({len(found) - shown} left)",
            key="more",
            on_click=lambda: st.session_state.update(cards=shown + PAGE_SIZE),
        )


def _counted(entries: Sequence[Entry], view: View) -> str:
    """How many runs there are, how many of them are shown, and how much disk they take."""
    found, count = len(matching(entries, view)), counted(len(entries))
    shown = f"{found} of {count}" if found < len(entries) else count
    return f"{shown} · {byte_size(sum(each.size for each in entries))} on disk"


def _nothing_yet() -> None:
    st.info(
        "There are no runs yet. The first training takes less than a minute and needs no"
        f" download: its images, the {RunConfig().info.title}, come with the project.",
        icon=":material/inbox:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")
        import_runs()


def _no_match() -> None:
    st.info("No run matches the search and the filters.", icon=":material/search_off:")
    _show_all_button()


def _show_all_button() -> None:
    st.button("Show all runs", key="show_all", type="tertiary", on_click=show_all)


def _place_of_open(found: Sequence[Card]) -> int:
    """The index of the series that the address opens; -1 if there is none."""
    places = [card.place if isinstance(card, RunSeries) else "" for card in found]
    opened = st.query_params.get(OPEN)
    return places.index(opened) if opened and opened in places else -1


def _all_cards(found: Sequence[Card], selecting: bool) -> None:
    """The cards in rows; a series that is open takes rows of its own, in its place."""
    runs = [entry.run for card in found for entry in runs_of(card)]
    waiting = any(isinstance(run, Run) and run.state == "queued" for run in runs)
    places = queue().places() if waiting else {}
    opened = st.query_params.get(OPEN)
    row: DeltaGenerator | None = None
    for card in found:
        if isinstance(card, RunSeries) and card.place == opened:
            open_series(card, places, selecting=selecting)
            row = None
            continue
        row = row or st.container(horizontal=True)
        with row:
            if isinstance(card, RunSeries):
                series_card(card, selecting=selecting)
            else:
                run_card(card, places.get(card.key, 0), selecting=selecting)
