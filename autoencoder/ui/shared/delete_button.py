"""Deleting a run, after asking."""

from collections.abc import Collection

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.jobs.neighbour_graph import needs_graph
from autoencoder.ui.shared.shell import CHOSEN, queue
from autoencoder.ui.shared.text import sentence

MOST_NAMED = 3  # runs in a sentence


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
        about_students({key}, "this one")
        return st.button(
            "Delete permanently",
            key=f"delete_{card or key}",
            on_click=_delete,
            args=(key,),
            type="primary",
        )


def about_students(teachers: Collection[str], which: str) -> None:
    """Draw a sentence on the other runs that name one of these as their teacher, if there are any;
    another on those whose neighbours only the teacher can find.

    Args:
        teachers: Keys of runs that may be deleted.
        which: "this one", or "one of these".
    """
    students = [each for each in _students() if each[1] in teachers and each[0] not in teachers]
    start = f"Runs that name {which} as their teacher stay readable"
    if kept := [key for key, _, needs_teacher in students if not needs_teacher]:
        st.caption(
            f"{start}, and can be trained without it, because their neighbours are kept in the"
            f" data folder: {_names(kept)}."
        )
    if lost := [key for key, _, needs_teacher in students if needs_teacher]:
        st.warning(
            f"{start}, but cannot be trained without it, because their neighbours are not in the"
            f" data folder: {_names(lost)}.",
            icon=":material/school:",
        )


@st.cache_data(ttl=1.0, max_entries=1, show_spinner=False)
def _students() -> list[tuple[str, str, bool]]:
    """Of each run that names a teacher: its key, that of the teacher, and whether the teacher would
    have to find its neighbours. Read once a second, however many buttons a page has.
    """
    data = queue().settings.data
    configs = [run.config for run in queue().store.runs()]
    return [
        (config.key, config.neighbour_space, needs_graph(config, data))
        for config in configs
        if config.neighbour_space and config.objective_spec.has_neighbours
    ]


def _names(keys: list[str]) -> str:
    named = [f"`{key}`" for key in keys[:MOST_NAMED]]
    more = len(keys) - len(named)
    return ", ".join([*named, *([f"and {more} more"] if more else [])])


def _delete(key: str) -> None:
    try:
        queue().delete(key)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
    else:
        st.session_state.pop(CHOSEN, None)
        st.query_params.pop(CHOSEN, None)
