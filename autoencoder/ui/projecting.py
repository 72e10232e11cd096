"""Points of a map: at once where NumPy can do it, else by a job whose progress is shown until they are there."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder.projections import METHODS, Projection
from autoencoder.runs import Run
from autoencoder.ui.loaded import code_pca, latents
from autoencoder.ui.shell import explained
from autoencoder.ui.waiting import wait_for

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
        wait_for(run, projection.name, METHODS[method], f"{USUAL[method]} · {_made(projection)}")
        st.stop()
    return Layout(laid_out, (f"{METHODS[method]} 1", f"{METHODS[method]} 2"), _made(projection))


def _made(projection: Projection) -> str:
    parameter = "perplexity" if projection.method == "tsne" else "neighbours"
    return f"{METHODS[projection.method]}, {parameter} {projection.neighbours}, seed {projection.seed}"
