"""What a page says of a run that an earlier version made, where something would be added to it."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.shell import LIKE


def train_again(run: Run) -> None:
    """Say that the run is read-only, and lead to a form that holds its options."""
    st.info(
        "An earlier version made this run: it can be looked at and deleted, and nothing can be"
        " added to it. Train it again to go on from here.",
        icon=":material/history:",
    )
    st.page_link(
        "pages/train.py",
        label="Train it again",
        icon=":material/play_arrow:",
        query_params={LIKE: run.key},
    )
