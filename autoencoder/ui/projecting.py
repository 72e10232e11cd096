"""Points of a map: at once where NumPy can do it, else by a job whose progress is shown until they are there."""

from datetime import UTC, datetime

import numpy as np
import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.projections import METHODS, MOST_POINTS, Projection
from autoencoder.runs import Run, Task, TaskState
from autoencoder.ui.loaded import code_pca, latents
from autoencoder.ui.shell import explained, queue, tick
from autoencoder.ui.words import literal, seconds

Axes = tuple[str, str]
NEIGHBOURS = {"umap": 15, "tsne": 30}  # UMAP's neighbours and t-SNE's perplexity, both their authors' defaults
USUAL = {"umap": "usually under a minute, the first time here a little more", "tsne": "usually under a minute"}


def points(run: Run, method: str) -> tuple[np.ndarray, Axes]:
    """Where the test images of a run lie on its map: (N, 1 or 2), and what the axes are called.

    `method` is "codes" (as they are), "pca" (of the codes), "umap" or "tsne". While a job computes the last two, its
    progress is shown and the page ends here; it reruns by itself when the points are there.
    """
    if method == "codes":
        return latents(run), ("z0", "z1")
    if method == "pca":
        found, pca = code_pca(run)
        shares = [
            f"PC {number} ({share:.0%} of the variance)" for number, share in enumerate(pca.variance / max(pca.total, 1e-12), 1)
        ]
        return found, (shares[0], shares[1])
    projection = Projection(method, NEIGHBOURS[method])
    laid_out = explained(run.projection)(projection)
    if laid_out is None:
        _wait_for(run, projection)
        st.stop()
    return laid_out, (f"{METHODS[method]} 1", f"{METHODS[method]} 2")


def _wait_for(run: Run, projection: Projection) -> None:
    """Start the job unless it was started, or ended badly, before."""
    if _state(run, projection) in ("", "finished"):
        explained(queue().submit_projection)(run.key, projection)
    st.fragment(_progress, run_every=1.0)(run, projection)


def _progress(run: Run, projection: Projection) -> None:
    tick()
    if run.projection(projection) is not None:
        st.rerun()
    method, state = projection.method, _state(run, projection)
    title = METHODS[method]
    if state in ("queued", "running"):
        record = _record(run, projection)
        words = "waiting for another projection to end" if state == "queued" else record.step
        st.progress(0.0, text=f"{title} of the first {MOST_POINTS:,} test codes: {literal(words)}, {_since(record)} so far")
        parameter = "perplexity" if method == "tsne" else "neighbours"
        st.caption(
            f"{USUAL[method]} · {parameter} {projection.neighbours} · seed {projection.seed} · you can leave and come back"
        )
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
