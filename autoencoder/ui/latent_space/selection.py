"""The test images that a visitor has selected on a map, and the files that hold them."""

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from autoencoder.runs import Run

SELECTION = "selection"  # in the session state
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that starts so may be run by a spreadsheet


@dataclass
class Selection:
    """Which test images of a run are selected.

    Attributes:
        run: The run's key: another run starts with nothing selected.
        indices: Ascending.
        placed: How often something else than the map in the browser has changed them.
        seen: What each Plotly chart last said, by its key.
    """

    run: str
    indices: np.ndarray = field(default_factory=lambda: np.empty(0, int))
    placed: int = 0
    seen: dict[str, tuple[int, ...]] = field(default_factory=dict)


def selection_of(run: Run) -> Selection:
    """The visitor's selection, which survives a change of map, colour and view, but not of run."""
    kept = st.session_state.get(SELECTION)
    if kept is None or kept.run != run.key:
        kept = st.session_state[SELECTION] = Selection(run.key)
    return kept


def as_csv(
    indices: np.ndarray,
    labels: np.ndarray,
    names: list[str],
    latents: np.ndarray,
    errors: np.ndarray | None,
) -> bytes:
    """A line per selected image: its number, label, class name, latent, and error if errors are
    known;
    UTF-8.

    Args:
        indices: Of the selected images among all N.
        labels, latents, errors: Of all: (N,), (N, D), (N,).
        names: Of the classes. One that a spreadsheet might take for a formula is led by an
            apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            "no",
            "label",
            "class",
            *(f"z{k}" for k in range(latents.shape[1])),
            *(["error"] if errors is not None else []),
        ]
    )
    for i in indices:
        error = [] if errors is None else [f"{errors[i]:.6g}"]
        writer.writerow(
            [
                i,
                labels[i],
                _harmless(names[labels[i]]),
                *(f"{value:.6g}" for value in latents[i]),
                *error,
            ]
        )
    return text.getvalue().encode()


def _harmless(name: str) -> str:
    return f"'{name}" if name.startswith(FORMULA) else name


def as_npz(indices: np.ndarray, **arrays: np.ndarray) -> bytes:
    """The selected rows of arrays over all N images, with `indices`, as a compressed npz file that
    needs no pickle.
    """
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, indices=indices, **{name: array[indices] for name, array in arrays.items()}
    )
    return buffer.getvalue()
