"""The epochs of a run as frames of a film: where the test images were on the map, and what came
back of some of them.
"""

import threading
from collections.abc import Sequence

import numpy as np
import streamlit as st

from autoencoder.analysis import projections
from autoencoder.runs import Run
from autoencoder.ui.train.component.component import Frame

MOST = 120  # frames of a whole training; of longer ones every second, third, ... epoch
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
        kept = _thinned(there, run.config.epochs)
        if not set(self.frames) <= set(there):  # the run was taken back to an earlier epoch
            self.frames = {}
        self.frames = {epoch: frame for epoch, frame in self.frames.items() if epoch in kept}
        labels = run.evaluation().labels if set(kept) - set(self.frames) else np.zeros(0)
        for epoch in kept:
            if epoch not in self.frames:
                before = [earlier for earlier in self.frames if earlier < epoch]
                self.frames[epoch] = _frame(
                    run, epoch, labels, self.frames[max(before)].points if before else None
                )
        return [self.frames[epoch] for epoch in sorted(self.frames)]


@st.cache_resource(max_entries=16, show_spinner=False)
def _reel(name: str) -> _Reel:
    return _Reel()


def _thinned(epochs: Sequence[int], total: int) -> list[int]:
    every = -(-total // MOST)
    return [epoch for epoch in epochs if epoch == 1 or epoch % every == 0 or epoch == epochs[-1]]


def _frame(run: Run, epoch: int, labels: np.ndarray, before: np.ndarray | None) -> Frame:
    """Codes of two numbers are places themselves, of one are spread by class; of more, the two
    principal ones are shown.
    """
    snapshot = run.snapshot(epoch)
    latents = snapshot.latents.astype(np.float32)
    if latents.shape[1] == 1:
        scale = max(float(np.ptp(latents)), 1e-6) / len(run.class_names)
        points = np.column_stack([latents[:, 0], scale * labels[: len(latents)]])
    elif latents.shape[1] == 2:
        points = latents
    else:
        points = projections.fit_pca(latents, 2).encode(latents)
        points = points if before is None else projections.align(points, before)
    return Frame(epoch, points.astype(np.float32), snapshot.reconstructions)
