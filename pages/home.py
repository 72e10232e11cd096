"""All runs as cards, and above them a live map of a good one."""

import streamlit as st

from autoencoder.ui import home
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain

shell.require_shell("pages/home.py")
shell.tick()

with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    with st.container(width="stretch"):
        st.title("Latent Lab", anchor=False)
        st.markdown(
            "Train an autoencoder, see what its bottleneck keeps, and explore its latent space."
        )
    if st.button("Train a new run", icon=":material/play_arrow:", type="primary", key="new"):
        st.switch_page("pages/train.py")

above = st.container()
runs, unread = home.read_entries()
home.reading(unread)
home.run_cards(runs)  # first: a run that turns out to be damaged when it is touched ends the page
with above:
    home.live_map(runs)
explain(home.EXPLANATION, home.FORMULA)
