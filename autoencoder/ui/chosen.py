"""The title row: what the page does, and the run it does it to, as a chip that opens the run picker."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.runs import Run
from autoencoder.ui.shell import explained, store, tick
from autoencoder.ui.words import literal, sentence
from autoencoder.ui.words import title as run_title

CHOSEN = "run"  # in the session state and in the address: the key of the run every page shows


@explained
def title(words: str) -> Run:
    """Draw the title row and return the chosen run; explain and end the page if there is none that can be shown.

    The address wins over what was chosen before; without either it is the newest run with something to show.
    """
    tick()
    runs = [run for run in store().runs() if run.is_trained]
    run = _chosen(runs)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(words, anchor=False)
        if runs:
            _picker(runs, run)
    if run is None:
        _nothing(bool(runs))
        st.stop()
    st.session_state[CHOSEN] = run.key
    if st.query_params.get(CHOSEN) != run.key:
        st.query_params[CHOSEN] = run.key
    if run.state != "finished":
        _not_final(run)
    return run


def _chosen(runs: list[Run]) -> Run | None:
    asked = st.query_params.get(CHOSEN)
    if asked is not None:
        try:
            run = store().get(asked)
        except AutoencoderError as error:
            st.session_state["refused"] = str(error)
            return None
        st.session_state["refused"] = "" if run.is_trained else f"{run.key} has nothing to show before its first epoch is done"
        return run if run.is_trained else None
    st.session_state["refused"] = ""
    remembered = [run for run in runs if run.key == st.session_state.get(CHOSEN)]
    finished = [run for run in runs if run.state == "finished"]
    return next(iter(remembered + finished + runs), None)


def _picker(runs: list[Run], run: Run | None) -> None:
    chip = run_title(run) if run else "Choose a run"
    with st.popover(literal(chip, 120), icon=":material/layers:", help="Choose the run this page shows"):
        by_key = {each.key: each for each in runs} | ({run.key: run} if run else {})
        st.selectbox(
            "Run",
            list(by_key),
            index=list(by_key).index(run.key) if run else None,
            format_func=lambda key: run_title(by_key[key]) if key in by_key else key,
            key="picked",
            on_change=_pick,
            placeholder="Choose a run",
        )


def _pick() -> None:
    if picked := st.session_state.get("picked"):
        st.query_params[CHOSEN] = picked


def _nothing(others: bool) -> None:
    refused = st.session_state.get("refused")
    if refused:
        st.error(sentence(refused), icon=":material/error:")
    if others:
        st.info("Choose another run above, or see all of them.", icon=":material/layers:")
        st.page_link("pages/home.py", label="All runs", icon=":material/apps:")
    elif not refused:
        st.info("No trained runs yet.", icon=":material/inbox:")
    st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")


def _not_final(run: Run) -> None:
    epochs = len(run.history)
    words = {"running": "is still being trained", "queued": "waits to be trained on"}.get(run.state, f"was {run.state}")
    st.caption(f"This run {words}: shown as it was after epoch {epochs} of {run.config.epochs}.")
