"""Deleting a run, after asking."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.ui.shared.shell import CHOSEN, queue
from autoencoder.ui.shared.text import sentence


def delete_button(key: str, words: str = "", *, card: str = "") -> bool:
    """A small button that asks first; the run is then gone for everybody. Returns whether that was
    asked for just now.

    Args:
        key: Of the run.
        words: They stand on the button.
        card: Tells apart several buttons for one run on a page.
    """
    with st.popover(words, icon=":material/delete:", type="tertiary", help="Delete this run"):
        st.markdown(f"Delete `{key}` for all users?")
        return st.button(
            "Delete permanently",
            key=f"delete_{card or key}",
            on_click=_delete,
            args=(key,),
            type="primary",
        )


def _delete(key: str) -> None:
    try:
        queue().delete(key)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        st.session_state.pop(CHOSEN, None)
        st.query_params.pop(CHOSEN, None)
