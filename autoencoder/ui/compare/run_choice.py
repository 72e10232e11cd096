"""A choice among runs, or groups of them, that the address keeps by the end of a key: titles change
as runs are added.
"""

from collections.abc import Mapping

import streamlit as st

from autoencoder.ui.compare.finished_runs import ENDING
from autoencoder.ui.shared.text import sentence


def choose(label: str, titles: Mapping[str, str], *, name: str, start: str) -> str:
    """Draw a selectbox and return the chosen key.

    Args:
        label: What is chosen.
        titles: Key -> how it is shown, at least one.
        name: Of the choice in the address.
        start: The key chosen where the address names none.
    """
    ends = {key[-ENDING:]: key for key in titles}
    ending = st.query_params.get(name)
    if ending is not None and ending not in ends:
        st.warning(
            sentence(f"no run in this list has a key that ends in {ending[:20]}"),
            icon=":material/link_off:",
        )
    widget = f"choose_{name}"
    st.session_state[widget] = ends.get(ending or "", start)
    return st.selectbox(
        label,
        list(titles),
        format_func=lambda key: titles.get(key, key),
        key=widget,
        on_change=_note,
        args=(name, widget),
    )


def _note(name: str, widget: str) -> None:
    note(name, st.session_state[widget])


def note(name: str, key: str) -> None:
    """Put a choice into the address."""
    st.query_params[name] = key[-ENDING:]
