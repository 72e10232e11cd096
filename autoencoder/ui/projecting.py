"""Points of a map: at once where NumPy can do it, else by a job whose progress is shown until they are there."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.projections import METHODS, Projection
from autoencoder.runs import Run, Task, TaskState
from autoencoder.ui.loaded import code_pca, latents
from autoencoder.ui.shell import explained, queue, tick
from autoencoder.ui.words import literal, seconds

NEIGHBOURS = {"umap": 15, "tsne": 30}  # UMAP's neighbours and t-SNE's perplexity, both their authors' defaults
USUAL = {"umap": "Usually under a minute, the first time here a little more", "tsne": "Usually under a minute"}


@dataclass(frozen=True)
class Layout:
    """Where test images lie on a map: points (N, 1 or 2), what the axes are called, and how it was made, in a few words."""

    points: np.ndarray
    axes: tuple[str, str]
    about: str


def layout(run: Run, method: str) -> Layout:
    """The run's test images on a map; the first of them, where there are more than a method can take.

    `method` is "codes" (as they are), "pca" (of the codes), "umap" or "tsne". While a job computes the last two, its
    progress is shown and the page ends here; it reruns by itself when the points are there.
    """
    if method == "codes":
        return Layout(latents(run), ("z0", "z1"), "the codes themselves")
    if method == "pca":
        points, pca = code_pca(run)
        shares = [
            f"PC {number} ({share:.0%} of the variance)" for number, share in enumerate(pca.variance / max(pca.total, 1e-12), 1)
        ]
        return Layout(points, (shares[0], shares[1]), "PCA of the codes")
    projection = Projection(method, NEIGHBOURS[method])
    laid_out = explained(run.projection)(projection)
    if laid_out is None:
        _wait_for(run, projection)
        st.stop()
    return Layout(laid_out, (f"{METHODS[method]} 1", f"{METHODS[method]} 2"), _made(projection))


def _made(projection: Projection) -> str:
    parameter = "perplexity" if projection.method == "tsne" else "neighbours"
    return f"{METHODS[projection.method]}, {parameter} {projection.neighbours}, seed {projection.seed}"


def _wait_for(run: Run, projection: Projection) -> None:
    """Start the job unless it was started, or ended badly, before."""
    if _state(run, projection) in ("", "finished"):
        explained(queue().submit_projection)(run.key, projection)
    st.fragment(_progress, run_every=1.0)(run, projection)


@explained
def _progress(run: Run, projection: Projection) -> None:
    tick()
    if run.projection(projection) is not None:
        st.rerun()
    method, state = projection.method, _state(run, projection)
    title = METHODS[method]
    if state in ("queued", "running"):
        record = _record(run, projection)
        words = f"{title} waits for another projection to end" if state == "queued" else record.step.capitalize()
        st.status(f"{literal(words)} · {_since(record)} so far", state="running")
        st.caption(f"{USUAL[method]} · {_made(projection)} · you can leave and come back")
        st.button("Cancel", key="cancel_projection", icon=":material/close:", on_click=_stop, args=(run, projection))
    else:
        error = _record(run, projection).error or "its process was killed, perhaps for want of memory"
        words = "was cancelled" if state == "stopped" else f"did not succeed: {literal(error, 300)}"
        st.warning(f"{title} {words}.", icon=":material/warning:")
        st.button("Try again", key="retry_projection", icon=":material/refresh:", on_click=_again, args=(run, projection))


def _stop(run: Run, projection: Projection) -> None:
    explained(queue().stop)(run.key, projection.name)


def _again(run: Run, projection: Projection) -> None:
    try:
        queue().submit_projection(run.key, projection)
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


def _record(run: Run, projection: Projection) -> TaskState:
    return Task(run.folder, projection.name).read()


def _state(run: Run, projection: Projection) -> str:
    try:
        return Task(run.folder, projection.name).now()
    except (OSError, ValueError):
        return ""


def _since(record: TaskState) -> str:
    try:
        return seconds((datetime.now(UTC) - datetime.fromisoformat(record.started or record.created)).total_seconds())
    except (ValueError, TypeError):
        return "some time"
