"""The title row: what the page does, and the run it does it to, as a chip that opens the run
picker.
"""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.runs import DamagedRun, Run
from autoencoder.ui.shared.ranking import MAP, best_first
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.run_titles import DAMAGED, titles_with_results
from autoencoder.ui.shared.shell import CHOSEN, explained, store, tick
from autoencoder.ui.shared.take_away import take_away
from autoencoder.ui.shared.text import literal, sentence

PICKED = "picked"  # the picker's own widget
OPENED = "opened"  # in the session state: title of a page -> key of the run it opened on by itself
WIDTH = 640  # of the picker, in CSS pixels: names are told apart by their ends


@explained
def title(words: str, purpose: str = MAP) -> Run:
    """Draw the title row and return the chosen run; explain and end the page if there is none that
    can be shown.

    The address wins over what was chosen or trained before; without either the page opens on the
    run that is best for its `purpose` (see `ranking.rank`). That is nobody's choice: the next page
    opens on its own best.
    """
    tick()
    entries = store().entries()
    runs = [each for each in entries if isinstance(each, Run) and each.is_trained]
    damaged = [each.key for each in entries if isinstance(each, DamagedRun)]
    run, refusal = _chosen(words, runs, purpose)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.title(words, anchor=False)
        with st.container(horizontal=True, width="content", vertical_alignment="center"):
            if run is not None:
                take_away(run)
            if runs or damaged:
                _picker(runs, damaged, run)
    if run is None:
        _nothing(refusal, bool(runs))
        st.stop()
    if st.session_state.setdefault(OPENED, {}).get(words) != run.key:
        st.session_state[CHOSEN] = run.key
    if st.query_params.get(CHOSEN) != run.key:
        st.query_params[CHOSEN] = run.key
    _about(run)
    if run.state != "finished":
        _not_final(run)
    return run


def _chosen(page: str, runs: list[Run], purpose: str) -> tuple[Run | None, str]:
    """The run to show, or None and, where the address names one, why it cannot be shown."""
    key = st.query_params.get(CHOSEN)
    if key is None:
        for run in runs:
            if run.key == st.session_state.get(CHOSEN):
                return run, ""
        best = next(iter(best_first(runs, purpose)), None)
        st.session_state.setdefault(OPENED, {})[page] = best.key if best else ""
        return best, ""
    try:
        run = store().get(key)
    except AutoencoderError as error:
        return None, str(error)
    return (run, "") if run.is_trained else (None, f"{run.key} can be shown after its first epoch")


def _picker(runs: list[Run], damaged: list[str], run: Run | None) -> None:
    titles = titles_with_results([*runs, *([run] if run else [])])
    titles |= {key: f"{key} · {DAMAGED}" for key in damaged}
    st.session_state[PICKED] = run.key if run else None
    with st.popover(
        literal(titles[run.key], 120) if run else "Choose a run", icon=":material/layers:"
    ):
        st.selectbox(
            "The run that this page shows",
            list(titles),
            index=None,
            format_func=lambda key: titles.get(key, key),
            key=PICKED,
            on_change=_pick,
            placeholder="Choose a run",
            width=WIDTH,
        )


def _pick() -> None:
    if picked := st.session_state.get(PICKED):
        st.query_params[CHOSEN] = st.session_state[CHOSEN] = picked
        st.session_state[OPENED] = {}


def _nothing(refusal: str, others: bool) -> None:
    if refusal:
        st.error(sentence(refusal), icon=":material/error:")
    if others:
        st.info(
            "Choose another run above, or open the page with all runs.", icon=":material/layers:"
        )
        st.page_link("pages/home.py", label="All runs", icon=":material/apps:")
    elif not refusal:
        st.info("There are no trained runs yet.", icon=":material/inbox:")
    st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")


def _about(run: Run) -> None:
    """Which images and which training all pictures of the page are of: said here once."""
    sample = run.images_in_words(len(evaluation(run).images))
    old = " · made by an earlier version: read-only" if run.is_read_only else ""
    st.caption(f"{sample[0].upper()}{sample[1:]} · training seed {run.config.seed}{old}")


def _not_final(run: Run) -> None:
    epochs = len(run.history)
    words = {"running": "is still in training", "queued": "is in the queue for more training"}.get(
        run.state, f"was {run.state}"
    )
    st.caption(f"This run {words}. The page shows it after epoch {epochs} of {run.config.epochs}.")
