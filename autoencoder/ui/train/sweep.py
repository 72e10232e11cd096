"""Sweeps: the same run with several bottlenecks, and seeds, queued with one button."""

import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import sweeps
from autoencoder.ui.shared.shell import CHOSEN, queue, submitting
from autoencoder.ui.shared.text import sentence


def sweep_button(config: RunConfig) -> None:
    """A popover that queues the run with several bottlenecks, and seeds, as one named sweep."""
    with st.popover("Sweep", icon=":material/stacked_line_chart:"):
        st.markdown(
            "Train the same run with several bottlenecks. All these runs enter the queue together."
        )
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
        if st.button("Add to the queue", key="sweep", type="primary"):
            _submit(configs)


def _numbers(label: str, text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdecimal() and len(part) < 10 for part in parts):
        raise AutoencoderError(
            f"{label} must be whole numbers separated by commas; got {text[:60]}"
        )
    return [int(part) for part in parts]


def _submit(configs: list[RunConfig]) -> None:
    try:
        with submitting():
            sweeps.submit(queue(), configs)
        st.query_params[CHOSEN] = configs[0].key
        st.rerun()
    except AutoencoderError as error:
        st.error(sentence(str(error)), icon=":material/error:")
