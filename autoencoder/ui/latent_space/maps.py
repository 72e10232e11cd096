"""Which maps of a run's test images are asked for, and where they come from: NumPy at once, or a
job
that is started first.

Shapes: N = test images, K = 2 or 3 dimensions of a map.
"""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from autoencoder.analysis.projections import (
    FEWEST,
    LIMIT,
    METHODS,
    MIN_DIST,
    MOST_POINTS,
    Projection,
    fit_pca,
)
from autoencoder.runs import Run, Task
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.projections import NEIGHBOURS, Map, projected
from autoencoder.ui.shared.shell import explained, queue

MOST_NEIGHBOURS = 200
MOST_SEED = 2**31 - 1
FEWEST_SHOWN = 100  # points that can be asked for
GOLDEN = 0.618034  # its multiples, less their whole part, are spread evenly over 0 to 1
ROW = 0.7  # height of the row of a class, of the distance between two
UNTOUCHED = ("", "finished")  # states of a task that is not under way and did not end badly


@dataclass(frozen=True)
class Request:
    """What is to be laid out, and how.

    Attributes:
        method: "codes" (D at most 2), "pca", "umap" or "tsne".
        dimensions: Of the map, 2 or 3.
        projection: For umap and tsne their parameters, with space "codes".
        usual: Those are the defaults, which may start by themselves.
    """

    method: str
    dimensions: int = 2
    projection: Projection | None = None
    usual: bool = True


def methods(run: Run) -> dict[str, str]:
    """The ways to lay out a run's latents, the usual one first: key -> title."""
    latent_dim = run.config.latent_dim
    own = {"codes": "Codes"} if latent_dim <= 2 else {}
    return own | {key: title for key, title in METHODS.items() if key != "pca" or latent_dim > 1}


def request(method: str, dimensions: int) -> Request:
    """The request that the parameters below "More" make; they are drawn here, for the methods that
    have any.
    """
    if method not in NEIGHBOURS:
        st.caption(
            f"{METHODS.get(method, 'The map of latents')} has no parameters: it is the same every"
            " time."
        )
        return Request(method, dimensions)
    if method == "umap":
        near = st.slider(
            "Neighbours",
            2,
            MOST_NEIGHBOURS,
            NEIGHBOURS[method],
            key="umap_neighbours",
            bind="query-params",
            help="Few: fine detail, torn apart. Many: the large shape, detail blurred.",
        )
        least = st.slider(
            "Least distance",
            0.0,
            1.0,
            MIN_DIST,
            0.01,
            key="umap_distance",
            bind="query-params",
            help="How near to each other UMAP may put points.",
        )
    else:
        near = st.slider(
            "Perplexity",
            2,
            MOST_NEIGHBOURS,
            NEIGHBOURS[method],
            key="tsne_perplexity",
            bind="query-params",
            help="About how many neighbours of a point count.",
        )
        least = MIN_DIST
    points = st.slider(
        "Test images",
        FEWEST_SHOWN,
        LIMIT,
        MOST_POINTS,
        100,
        key="map_points",
        bind="query-params",
        help="The first ones.",
    )
    seed = st.number_input("Seed", 0, MOST_SEED, 0, key="map_seed", bind="query-params")
    projection = Projection(method, near, dimensions, seed, round(least, 2), points)
    return Request(
        method,
        dimensions,
        projection,
        projection == Projection(method, NEIGHBOURS[method], dimensions),
    )


def is_there(run: Run, asked: Request) -> bool:
    """Whether the map of the pixels needs no job."""
    return asked.projection is None or run.has_projection(replace(asked.projection, space="pixels"))


@explained
def pixel_map(run: Run, asked: Request) -> Map | None:
    """The same images, laid out the same way by their pixels; None, said on the page, while there
    is no such map.
    """
    if asked.projection is None:
        return _pca_map(run, "pixels", asked.dimensions)
    return _laid_out(run, replace(asked.projection, space="pixels"), asked.usual)


@explained
def latent_map(run: Run, asked: Request) -> Map | None:
    """The map of the latents; None, said on the page, while there is none."""
    if asked.projection is not None:
        return _laid_out(run, asked.projection, asked.usual)
    if asked.method == "pca":
        return _pca_map(run, "codes", asked.dimensions)
    latents = run_data.latents(run)
    if run.config.latent_dim > 1:
        return Map(latents, ("z0", "z1"), "the latents themselves")
    labels = run_data.evaluation(run).labels
    height = labels + ROW * (np.arange(len(labels)) * GOLDEN % 1 - 0.5)
    return Map(
        np.column_stack([latents[:, 0], height]),
        ("z0", "class"),
        "the latents themselves, a row for each class",
    )


def _pca_map(run: Run, space: str, dimensions: int) -> Map:
    points, shares = _principal(run.key, run.version, space, dimensions, run)
    axes = tuple(
        f"PC {number}, {share:.0%} of the variance" for number, share in enumerate(shares, 1)
    )
    return Map(points, axes, f"PCA of the {space}")


@st.cache_resource(max_entries=8, show_spinner="Looking for the principal components")
def _principal(
    key: str, version: run_data.Version, space: str, dimensions: int, _run: Run
) -> tuple[np.ndarray, list[float]]:
    """Points (N, K) along the first principal components, and the share of the variance along
    each.
    """
    seen = run_data.latents(_run) if space == "codes" else run_data.evaluation(_run).images
    pca = fit_pca(seen, dimensions)
    points = pca.encode(seen)
    missing = dimensions - points.shape[1]  # an image of a single pixel has no second component
    shares = [*(pca.variance / max(pca.total, 1e-12)), *[0.0] * missing]
    return np.pad(points, ((0, 0), (0, missing))), [float(share) for share in shares]


def _laid_out(run: Run, projection: Projection, usual: bool) -> Map | None:
    """A finished layout. One under way, or with the usual parameters, ends the page with its
    progress: see `projected`.
    """
    title, count = METHODS[projection.method], len(run_data.evaluation(run).images)
    if run.has_projection(projection):
        return projected(run, projection)
    if count < FEWEST:
        st.info(
            f"{title} needs at least {FEWEST} test images; this run has {count}.",
            icon=":material/scatter_plot:",
        )
        return None
    too_early = run.is_live and projection.space == "codes"  # which `projected` says
    if usual or too_early or Task(run.folder, projection.name).glance() not in UNTOUCHED:
        return projected(run, projection)
    _offer(run, projection, title, min(count, projection.points))
    return None


def _offer(run: Run, projection: Projection, title: str, count: int) -> None:
    near = "perplexity" if projection.method == "tsne" else "neighbours"
    least = f", least distance {projection.min_dist:g}" if projection.method == "umap" else ""
    what = "the codes" if projection.space == "codes" else "the pixels"
    with st.container(border=True):
        st.markdown(
            f"**{title}** of {what} of {count:,} test images in {projection.dimensions} dimensions,"
            f" {near} {projection.neighbours}{least}, seed {projection.seed}. It has not been laid"
            " out like this yet."
        )
        st.button(
            f"Lay out with {title}",
            key=f"lay_out_{projection.space}",
            type="primary",
            icon=":material/scatter_plot:",
            on_click=explained(queue().submit_task),
            args=(run.key, projection.name),
        )
