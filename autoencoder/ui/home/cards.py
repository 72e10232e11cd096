"""Runs as cards: a few test images and what came back, how good that is, where to go from here."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autoencoder.errors import AutoencoderError
from autoencoder.formatting import byte_size, error_number
from autoencoder.runs import DamagedRun, Run
from autoencoder.ui.home.details import details_button
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.selection import tick_box
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.delete_button import delete_button
from autoencoder.ui.shared.image_grid import stacks_html
from autoencoder.ui.shared.machines import machine
from autoencoder.ui.shared.text import STATES, literal, name

WIDTH = 308  # CSS pixels: four in a row on a 1440-pixel screen
PAIRS = 4
MOST_LETTERS = 200  # of a line on a card
LINKS = {
    "pages/latent_space.py": "Map",
    "pages/reconstruct.py": "Images",
    "pages/decode.py": "Decode",
}
Images = tuple[np.ndarray, np.ndarray]  # test images, and what came back of them


@dataclass(frozen=True)
class Part:
    """A run as one of a series that is open.

    Attributes:
        name: What tells it from the others of the series.
        role: What it is there for.
    """

    name: str
    role: str


def run_card(
    entry: Entry, place: int = 0, part: Part | None = None, *, selecting: bool = False
) -> None:
    """One run, or a damaged one, as a card.

    Args:
        entry: The run.
        place: In the queue, if it waits.
        part: Given where the card stands in a series.
        selecting: Whether there is a box to tick.
    """
    card = f"{entry.key}_part" if part else entry.key
    with card_frame(card):
        with st.container(gap="xsmall"):
            if selecting:
                tick_box(card, [entry.key])
            if isinstance(entry.run, DamagedRun):
                _damaged(entry, entry.run, card)
                return
            st.html(picture(thumbnails(entry.run)))
            _words(entry, entry.run, place, part or Part(entry.name, ""))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _links(entry.run)
            details_button(entry, card)


def card_frame(name: str) -> DeltaGenerator:
    """The frame of a card, as high as those beside it: what is put into it last stands at its
    foot.
    """
    return st.container(
        border=True,
        width=WIDTH,
        height="stretch",
        vertical_alignment="distribute",
        key=f"card_{name}",
    )


def _words(entry: Entry, run: Run, place: int, part: Part) -> None:
    """What it is called, what it is, how good it is, what a person notes about it."""
    label, short = entry.label, name(run.config)
    difference = part.name.removeprefix(short).removeprefix(", ")
    pin = ":material/push_pin: " if label.pinned else ""
    st.markdown(f"{pin}**{literal(label.title or short)}**")
    lines = [part.role, part.name if label.title else difference]
    lines += _result(entry, run, place, says_epochs="epochs " in difference)
    lines += [f"“{label.note}”"] if label.note else []
    st.caption("  \n".join(literal(line, MOST_LETTERS) for line in lines if line))


def _links(run: Run) -> None:
    query = {"run": run.key}
    if run.is_live or not run.is_trained:
        label = "Watch" if run.is_live else "Open"
        st.page_link("pages/train.py", label=label, query_params=query)
    if run.is_trained:
        for page, label in LINKS.items():
            st.page_link(page, label=label, query_params=query)


def _result(entry: Entry, run: Run, place: int, *, says_epochs: bool) -> list[str]:
    """How good it is, or how far; what it cost, without its epochs if something else says them."""
    size = byte_size(entry.size)
    if entry.errors:
        model, pca = (error_number(entry.errors[each]) for each in ("run", "pca"))
        epochs = "1 epoch" if run.config.epochs == 1 else f"{run.config.epochs} epochs"
        cost = size if says_epochs else f"{epochs} · {size}"
        return [f"test MSE {model} · PCA {pca}", cost]
    on = [f"on {place_of_work}"] if (place_of_work := machine(run.record)) else []
    if run.state == "queued":
        return [f"waiting, place {place} in the queue · {size}", *on]
    at = run.record.progress
    where = f", epoch {at.epoch} of {at.epochs}" if at and run.state != "finished" else ""
    error = f": {run.record.error}" if run.record.error else ""
    unread = ", but its errors cannot be read" if run.state == "finished" else ""
    return [f"{STATES[run.state]}{where}{error}{unread}", *on, size]


def _damaged(entry: Entry, run: DamagedRun, card: str) -> None:
    st.markdown(f":material/broken_image: **{literal(entry.title)}**")
    st.caption(literal(run.problem, 300))
    delete_button(run.key, card=card)


# ---- Pictures ----


def picture(images: str) -> str:
    """HTML of the images of a card, or as much room for those to come."""
    return images or (
        '<div style="height:117px;display:grid;place-items:center;opacity:.5">'
        "no epoch finished yet</div>"
    )


@cached_per_run(max_entries=500, copies=True)
def thumbnails(run: Run) -> str:
    """HTML of the first test images above their newest reconstructions; empty before the first
    epoch, or if damaged.
    """
    if not (images := first_images(run, PAIRS)):
        return ""
    return stacks(*images, alt="Four test images above their reconstructions")


def stacks(originals: np.ndarray, reconstructions: np.ndarray, *, alt: str) -> str:
    """HTML of images (N, C, H, W) above what came back of them, at most four in a row."""
    return stacks_html([originals, reconstructions], size=56, columns=PAIRS, alt=alt)


def first_images(run: Run, count: int) -> Images | None:
    """The first test images (N, C, H, W) and their newest reconstructions; None before the first
    epoch, or if damaged.
    """
    try:
        if not (epochs := run.snapshots()):
            return None
        originals = run.first_images(count)
        newest = run.snapshot(epochs[-1]).reconstructions[: len(originals)]
    except AutoencoderError:
        return None
    return originals[: len(newest)], newest
