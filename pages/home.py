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
def first_touch() -> None:
    """Something that moves under the pointer at once: the map of a good run."""
    run = ui.touchable(ui.store().runs(PAGE_SIZE))
    if run is None:
        return
    row = st.container(horizontal=True, vertical_alignment="center", gap="large")  # which wraps where it is narrow
    with row.container(width=768):
        ui.live_pad(run)
    with row.container(width=400):
        st.markdown(
            f"**Drag over the map.** Every point is a test image that the network has never seen, where its encoder put it: "
            f"{run.config.latent_dim} numbers instead of {run.config.shape.pixels}. The decoder turns any place back into an "
            "image, here in your browser."
        )
        st.caption(ui.literal(ui.name(run.config)))
        query = {"run": run.key}
        st.page_link("pages/decode.py", label="Decode it further", icon=":material/tune:", query_params=query)
        st.page_link("pages/interpolate.py", label="Go from image to image", icon=":material/linear_scale:", query_params=query)


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


above = st.container()
gallery()  # first: a run that turns out to be damaged when it is touched ends the page
with above:
    first_touch()
ui.explain("home")
