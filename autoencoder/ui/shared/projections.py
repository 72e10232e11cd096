"""Points of a map: at once where NumPy can do it, else by a job whose progress is shown until they
are there.
"""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder.analysis.projections import METHODS, MIN_DIST, Projection
from autoencoder.errors import CorruptRunError
from autoencoder.runs import Layout, Run
from autoencoder.ui.shared.run_data import latent_pca, latents
from autoencoder.ui.shared.tasks import wait_for

NEIGHBOURS = {
    "umap": 15,
    "tsne": 30,
}  # UMAP's neighbours and t-SNE's perplexity, both their authors' defaults
USUAL = "Usually under half a minute"


@dataclass(frozen=True, eq=False)
class Map:
    """Where test images lie: points (N, 1, 2 or 3), what the axes are called, and how it was made,
    in
    a few words.

    Attributes:
        trustworthiness, continuity: See `runs.Layout`; None where they were not measured.
    """

    points: np.ndarray
    axes: tuple[str, ...]
    about: str
    trustworthiness: float | None = None
    continuity: float | None = None


def layout(run: Run, method: str) -> Map:
    """The run's test images on a map; the first of them, where there are more than a method can
    take.

    `method` is "codes" (as they are), "pca" (of the latents), or "umap" or "tsne" with their usual
    parameters: see `projected`.
    """
    if method == "codes":
        return Map(latents(run), ("z0", "z1"), "the latents themselves")
    if method == "pca":
        points, pca = latent_pca(run)
        shares = [
            f"PC {number} ({share:.0%} of the variance)"
            for number, share in enumerate(pca.variance / max(pca.total, 1e-12), 1)
        ]
        return Map(points, (shares[0], shares[1]), "PCA of the codes")
    return projected(run, Projection(method, NEIGHBOURS[method]))


def projected(run: Run, projection: Projection) -> Map:
    """The run's first test images, laid out by UMAP or t-SNE.

    While a job computes that, its progress is shown and the page ends here; it reruns by itself
    when the points are there. The page ends here too while the run is trained on, if it is its
    latents that are asked for and have not been laid out.
    """
    title = METHODS[projection.method]
    found = _found(run, projection)
    if found is None and run.is_live and projection.space == "codes":
        st.info(
            f"Its latents change until the training ends: {title} can lay them out after that.",
            icon=":material/hourglass:",
        )
        st.stop()
    if found is None:
        wait_for(run, projection.name, title, f"{USUAL} · {_made(projection)}")
        st.stop()
    axes = tuple(f"{title} {number}" for number in range(1, projection.dimensions + 1))
    return Map(
        found.points,
        axes,
        _made(projection) + _trust(found),
        found.trustworthiness,
        found.continuity,
    )


def _found(run: Run, projection: Projection) -> Layout | None:
    try:
        return run.projection(projection)
    except CorruptRunError:  # it is laid out again
        return None


def _made(projection: Projection) -> str:
    what = " of pixels" if projection.space == "pixels" else ""
    parameter = "perplexity" if projection.method == "tsne" else "neighbours"
    near = "" if projection.min_dist == MIN_DIST else f", least distance {projection.min_dist:g}"
    return (
        f"{METHODS[projection.method]}{what}, {parameter} {projection.neighbours}{near}, seed"
        f" {projection.seed}"
    )


def _trust(found: Layout) -> str:
    if found.trustworthiness is None or found.continuity is None:
        return ""
    return f", trustworthiness {found.trustworthiness:.3f}, continuity {found.continuity:.3f}"
