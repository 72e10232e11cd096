"""Runs as cards: a few test images and what came back, how good that is, where to go from here."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.formatting import number
from autoencoder.runs import DamagedRun, Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.delete_button import delete_button
from autoencoder.ui.shared.image_grid import stacks_html
from autoencoder.ui.shared.text import STATES, literal, name

WIDTH = 308  # CSS pixels: four in a row on a 1440-pixel screen
PAIRS = 4
LINKS = {
    "pages/latent_space.py": "Map",
    "pages/reconstruct.py": "Images",
    "pages/decode.py": "Decode",
}


def run_card(entry: Run | DamagedRun, place: int = 0) -> None:
    """One run as a card; `place` is its place in the queue, if it waits."""
    with st.container(border=True, width=WIDTH, key=f"card_{entry.key}"):
        if isinstance(entry, DamagedRun):
            _damaged(entry)
        else:
            _run(entry, place)


def _run(run: Run, place: int) -> None:
    picture = thumbnails(run)
    st.html(
        picture
        or '<div style="height:117px;display:grid;place-items:center;opacity:.5">'
        "no epoch finished yet</div>"
    )
    st.markdown(f"**{literal(name(run.config))}**")
    st.caption(_result(run, place))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if run.is_live or not run.is_trained:
            st.page_link(
                "pages/train.py",
                label="Watch" if run.is_live else "Open",
                query_params={"run": run.key},
            )
        if run.is_trained:
            for page, label in LINKS.items():
                st.page_link(page, label=label, query_params={"run": run.key})
        delete_button(run.key)


def _result(run: Run, place: int) -> str:
    mse = run.metrics.get("mse")
    if run.state == "finished" and mse:
        return (
            f"test MSE {number(mse['run'])} · PCA {number(mse['pca'])} · {run.config.epochs} epochs"
        )
    if run.state == "queued":
        return f"waiting, number {place} in the queue"
    at = run.record.progress
    where = f", epoch {at.epoch} of {at.epochs}" if at else ""
    error = f": {literal(run.record.error, 160)}" if run.record.error else ""
    return STATES[run.state] + where + error


@cached_per_run(max_entries=500, copies=True)
def thumbnails(run: Run) -> str:
    """HTML of the first test images above their newest reconstructions; empty before the first
    epoch, or if damaged.
    """
    try:
        if not (epochs := run.snapshots()):
            return ""
        originals = run.evaluation().images[:PAIRS]
        newest = run.snapshot(epochs[-1]).reconstructions[:PAIRS]
    except AutoencoderError:
        return ""
    label = "Four test images above their reconstructions"
    return stacks_html([originals, newest[: len(originals)]], size=56, columns=PAIRS, alt=label)


def _damaged(entry: DamagedRun) -> None:
    st.markdown(f":material/broken_image: **{literal(entry.key)}**")
    st.caption(literal(entry.problem, 300))
    delete_button(entry.key)
