"""The epochs of a run as frames of a film: where the test images were on the map, and what came
back of some of them.
"""

import threading

import numpy as np
import streamlit as st

from autoencoder.export.training_film import Frame, frame_of, thinned
from autoencoder.runs import Run

_one_at_a_time = threading.Lock()


def name_of(run: Run) -> str:
    """Tells this training from an earlier one of the same config."""
    return f"{run.key}@{run.record.created}"


def epoch_frames(run: Run) -> list[Frame]:
    """A frame for each epoch so far, evenly thinned, the newest one always; cached, and grown as
    the run grows.
    """
    with _one_at_a_time:
        return _reel(name_of(run)).grown(run)


class _Reel:
    """Frames in order. Each is aligned with the one before, so that points travel instead of
    jumping.
    """

    def __init__(self) -> None:
        self.frames: dict[int, Frame] = {}

    def grown(self, run: Run) -> list[Frame]:
        there = run.snapshots()
        kept = thinned(there, run.config.epochs)
        if not set(self.frames) <= set(there):  # the run was taken back to an earlier epoch
            self.frames = {}
        self.frames = {epoch: frame for epoch, frame in self.frames.items() if epoch in kept}
        labels = run.evaluation().labels if set(kept) - set(self.frames) else np.zeros(0)
        for epoch in kept:
            if epoch not in self.frames:
                before = [earlier for earlier in self.frames if earlier < epoch]
                self.frames[epoch] = frame_of(
                    run, epoch, labels, self.frames[max(before)].points if before else None
                )
        return [self.frames[epoch] for epoch in sorted(self.frames)]


@st.cache_resource(max_entries=16, show_spinner=False)
def _reel(name: str) -> _Reel:
    return _Reel()
