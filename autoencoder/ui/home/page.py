"""The Runs page: a live map to touch at once, and below it every run as a card."""

import streamlit as st

from autoencoder.ui.components.live.view import live_pad, run_to_touch
from autoencoder.ui.home.cards import run_card
from autoencoder.ui.shared.shell import explained, queue, store
from autoencoder.ui.shared.text import literal, name

PAGE_SIZE = 24  # cards shown before "Show more"


@explained
def live_map() -> None:
    """Something that moves under the pointer at once: the map of a good run."""
    run = run_to_touch(store().runs(PAGE_SIZE))
    if run is None:
        return
    row = st.container(horizontal=True, vertical_alignment="center", gap="large")  # wraps if narrow
    with row.container(width=768):
        live_pad(run)
    with row.container(width=400):
        st.markdown(
            "**Drag over the map.** Every point is a test image that the network has never seen, "
            f"where its encoder put it: {run.config.latent_dim} numbers instead of "
            f"{run.config.shape.pixels}. The decoder turns any place back into an image, here in "
            "your browser."
        )
        st.caption(literal(name(run.config)))
        query = {"run": run.key}
        st.page_link(
            "pages/decode.py", label="Decode it further", icon=":material/tune:", query_params=query
        )
        st.page_link(
            "pages/interpolate.py",
            label="Go from image to image",
            icon=":material/linear_scale:",
            query_params=query,
        )


@explained
def run_cards() -> None:
    """All runs, newest first, a page at a time."""
    shown = st.session_state.setdefault("cards", PAGE_SIZE)
    keys = store().keys()
    if not keys:
        st.info(
            "No runs yet. The first takes less than a minute: `digits` needs no download.",
            icon=":material/inbox:",
        )
        st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")
        return
    places = queue().places()
    with st.container(horizontal=True):
        for entry in store().entries(shown):
            run_card(entry, places.get(entry.key, 0))
    if len(keys) > shown:
        st.button(
            f"Show more ({len(keys) - shown} left)",
            key="more",
            on_click=lambda: st.session_state.update(cards=shown + PAGE_SIZE),
        )
