"""The gallery of runs, and what to do first."""

import streamlit as st

from autoencoder import ui

PAGE_SIZE = 24

ui.require_shell("pages/home.py")
ui.tick()

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        st.title("Latent Lab", anchor=False)
        st.markdown("Train an autoencoder, see what survives its bottleneck, and walk through its latent space.")
    if st.button("Train a new one", icon=":material/play_arrow:", type="primary", key="new"):
        st.switch_page("pages/train.py")


@ui.explained
def gallery() -> None:
    """All runs, newest first, a page at a time."""
    shown = st.session_state.setdefault("cards", PAGE_SIZE)
    keys = ui.store().keys()
    if not keys:
        st.info("No runs yet. The first takes less than a minute: `digits` needs no download.", icon=":material/inbox:")
        st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")
        return
    places = ui.queue().places()
    with st.container(horizontal=True):
        for entry in ui.store().entries(shown):
            ui.run_card(entry, places.get(entry.key, 0))
    if len(keys) > shown:
        st.button(
            f"Show more ({len(keys) - shown} left)",
            key="more",
            on_click=lambda: st.session_state.update(cards=shown + PAGE_SIZE),
        )


gallery()
ui.explain("home")
