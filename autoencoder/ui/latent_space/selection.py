"""The test images that a visitor has selected on a map."""

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from autoencoder.runs import Run

SELECTION = "selection"  # in the session state


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
