"""What is being trained and what waits, for everybody to see; sweeps; and a form filled from a
run.
"""

import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import sweeps
from autoencoder.runs import Run
from autoencoder.ui.shared.shell import CHOSEN, LIKE, queue, store
from autoencoder.ui.shared.text import STATES, literal, name, sentence
from autoencoder.ui.train.form import fill_from


def fill_from_link() -> None:
    """If the address names a run to train again with changes, put its options into the form,
    once.
    """
    if (key := st.query_params.get(LIKE)) is None:
        return
    del st.query_params[LIKE]
    try:
        fill_from(store().get(key).config)
        st.toast("The form holds that run's options: change what you like", icon=":material/edit:")
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")


def under_way(watched: str | None) -> str | None:
    """List what runs and waits besides `watched`; returns the run to watch, by default the one
    being trained.
    """
    live = [run for run in store().runs() if run.is_live]
    watched = watched or next((run.key for run in live if run.state == "running"), None)
    others = [run for run in live if run.key != watched]
    if others:
        places = queue().places()
        with st.expander(
            f"{len(others)} more under way", icon=":material/queue:", expanded=len(others) <= 5
        ):
            for run in sorted(others, key=lambda run: places.get(run.key, 0)):
                _row(run, places.get(run.key, 0))
    return watched


def _row(run: Run, place: int) -> None:
    where = f"number {place} in the queue" if place else STATES[run.state]
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


def sweep_button(config: RunConfig) -> None:
    """A popover that queues the run with several bottlenecks, and seeds, as one named sweep."""
    with st.popover("Sweep", icon=":material/stacked_line_chart:"):
        st.markdown("The same run with several bottlenecks, queued as one.")
        dims = st.text_input(
            "Bottlenecks", "2, 4, 8, 16, 32", key="sweep_dims", persist_state="session"
        )
        seeds = st.text_input(
            "Seeds", placeholder=str(config.seed), key="sweep_seeds", persist_state="session"
        )
        try:
            configs = sweeps.plan(config, _numbers("Bottlenecks", dims), _numbers("Seeds", seeds))
        except AutoencoderError as error:
            st.warning(sentence(str(error)), icon=":material/error:")
            return
        st.caption(f"{len(configs)} runs, named {sweeps.name_of(configs)}")
        if st.button("Queue them", key="sweep", type="primary"):
            _submit(configs)


def _numbers(label: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 10 for part in parts):
        raise AutoencoderError(
            f"{label} must be whole numbers with commas between them; got {text[:60]}"
        )
    return [int(part) for part in parts]


def _submit(configs: list[RunConfig]) -> None:
    try:
        sweeps.submit(queue(), configs)
        st.query_params[CHOSEN] = configs[0].key
        st.rerun()
    except AutoencoderError as error:
        st.error(sentence(str(error)), icon=":material/error:")
