"""What is being trained and what waits, for everybody to see."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.runs import Run
from autoencoder.ui.shared.machines import machine
from autoencoder.ui.shared.shell import CHOSEN, queue
from autoencoder.ui.shared.text import STATES, literal, name, sentence


def queue_list(watched: str | None) -> str | None:
    """List what runs and waits besides `watched`; returns the run to watch, by default the one
    being trained.
    """
    live = queue().live_runs()
    watched = watched or next((run.key for run in live if run.state == "running"), None)
    others = [run for run in live if run.key != watched]
    if others:
        places = queue().places()
        with st.expander(
            f"In training or in the queue: {len(others)} more",
            icon=":material/queue:",
            expanded=len(others) <= 5,
        ):
            for run in sorted(others, key=lambda run: places.get(run.key, 0)):
                _row(run, places.get(run.key, 0))
    return watched


def _row(run: Run, place: int) -> None:
    where = f"place {place} in the queue" if place else STATES[run.state]
    if on := machine(run.record):
        where += f" · {literal(on)}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{literal(name(run.config))} · {where}")
        st.page_link("pages/train.py", label="Watch", query_params={CHOSEN: run.key})
        if place:
            st.button(
                "Leave the queue",
                key=f"leave_{run.key}",
                type="tertiary",
                on_click=_leave,
                args=(run.key,),
            )


def _leave(key: str) -> None:
    try:
        queue().stop(key)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
