"""What a page says of a run that an earlier version made, where something would be added to it."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.shell import LIKE


def train_again(run: Run) -> None:
    """Say that the run is read-only, and lead to a form that holds its options."""
    st.info(
        "An earlier version of Latent Lab made this run. You can look at it and delete"
        " it, but you cannot add to it. Train it again to get a run that you can add"
        " to.",
        icon=":material/history:",
    )
    st.page_link(
        "pages/train.py",
        label="Train it again",
        icon=":material/play_arrow:",
        query_params={LIKE: run.key},
    )
