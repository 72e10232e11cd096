"""The latent plane as a grid: what a decoder makes of places at equal steps, beside where test
images are encoded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import sampling
from autoencoder.data.images import shrunk, to_bytes
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import touching_images
from autoencoder.ui.shared.run_data import decode, evaluation, latent_pca, latents
from autoencoder.ui.shared.shell import explained

PLANES = {"pca": "PCA plane", "two": "Two dimensions"}
SPACINGS = {"quantile": "By quantile", "linear": "Even"}
MOST_POINTS = 1_000  # on the small map beside the grid
PART = 4_000_000  # pixels, about, that are decoded together
LEAST_SIDE, MOST_WIDE = 32, 1_000  # pixels of an image of the grid, and of all columns
GRID_LINE = {"width": 1, "color": "rgba(128, 128, 128, 0.6)"}


@dataclass(frozen=True)
class Plane:
    """Two axes through the latent space, or one: the test images there, what the axes are called,
    and the way back to latents.

    Attributes:
        points: Test images on the axes, (N, 2), or (N, 1).
        axes: A name for each.
        about: Where the other dimensions are, in a few words.
        lift: Places on the axes (M, 2), or (M, 1) -> latents (M, D).
    """

    points: np.ndarray
    axes: tuple[str, ...]
    about: str
    lift: Callable[[np.ndarray], np.ndarray]


@st.fragment
@explained
def manifold(run: Run) -> None:
    """Decode a regular grid over a plane of the latent space, with the controls to choose the plane
    and the grid.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        plane = _plane(run)
        size = st.slider("Steps", 8, 30, 20, key="grid", bind="query-params", width=180)
        reach = st.slider(
            "Reach",
            50,
            100,
            95,
            key="reach",
            bind="query-params",
            width=180,
            format="%d%%",
            help="The share of the test latents that the grid covers along each axis",
        )
        spacing = st.segmented_control(
            "Spacing",
            SPACINGS,
            default="quantile",
            required=True,
            format_func=SPACINGS.__getitem__,
            key="spacing",
            bind="query-params",
            help=(
                "By quantile: equally many test latents lie between neighbouring steps. Even:"
                " all steps have the same length."
            ),
        )
    if plane is None:
        st.warning("Choose two different dimensions.", icon=":material/warning:")
        return
    positions = [
        sampling.spaced(values, size, spacing=spacing, reach=reach / 100)
        for values in plane.points.T
    ]
    with st.container(horizontal=True, gap="large"):
        with st.container(width="content"):
            _grid(run, plane, positions)
        with st.container():
            _where(run, plane, positions)
            count, drawn = len(plane.points), min(MOST_POINTS, len(plane.points))
            place = (
                "where two of these lines cross" if len(positions) > 1 else "on one of these lines"
            )
            part = f" The plot shows the first {drawn:,} test images." if drawn < count else ""
            st.caption(
                f"Each image is decoded from the latent {place}. The grid has {size} steps along"
                f" each axis and covers {reach}% of the latents of the test images.{part}"
                f"{plane.about}"
            )


def _plane(run: Run) -> Plane | None:
    """The plane that was chosen, with its controls where there is a choice; None if it is a line by
    mistake.
    """
    encoded = latents(run)
    if encoded.shape[1] <= 2:
        return Plane(encoded, ("z0", "z1")[: encoded.shape[1]], "", lambda places: places)
    kind = st.segmented_control(
        "Plane",
        PLANES,
        default="pca",
        required=True,
        format_func=PLANES.__getitem__,
        key="plane",
        bind="query-params",
    )
    if kind == "pca":
        points, pca = latent_pca(run)
        shares = pca.variance / max(pca.total, 1e-12)
        axes = tuple(f"PC {rank} ({share:.0%})" for rank, share in enumerate(shares, start=1))
        return Plane(
            points,
            axes,
            f" The plane is a PCA of the latents with {shares.sum():.0%} of their variance.",
            pca.decode,
        )
    names = [
        f"z{dimension}" for dimension in np.argsort(-encoded.var(axis=0), kind="stable")
    ]  # the most varied first
    across = st.selectbox("Across", names, 0, key="across", bind="query-params", width=100)
    up = st.selectbox("Up", names, 1, key="up", bind="query-params", width=100)
    chosen, mean = [int(name[1:]) for name in (across, up)], encoded.mean(axis=0)

    def lift(places: np.ndarray) -> np.ndarray:
        whole = np.tile(mean, (len(places), 1))
        whole[:, chosen] = places
        return whole

    return (
        None
        if across == up
        else Plane(
            encoded[:, chosen], (across, up), " The other latent values are at their mean.", lift
        )
    )


def _grid(run: Run, plane: Plane, positions: list[np.ndarray]) -> None:
    """What is decoded at each place of the grid, between the axes."""
    ends = [
        (number(each[0]), axis, number(each[-1]))
        for each, axis in zip(positions, plane.axes, strict=True)
    ]
    touching_images(
        _decoded(run, plane.lift(sampling.grid(*positions)).astype(np.float32), len(positions[0])),
        len(positions[0]),
        level=ends[0],
        upright=ends[1] if len(ends) > 1 else ("", "", ""),
        alt=f"Images decoded over {' and '.join(plane.axes)}",
    )


def _decoded(run: Run, places: np.ndarray, columns: int) -> np.ndarray:
    """Latents (M, D) as images (M, C, h, w) uint8, large ones made smaller: all columns together
    have about 1,000 pixels. Decoded in parts, so that not all are held as floats.
    """
    parts = np.array_split(places, max(1, len(places) * run.config.shape.pixels // PART))
    smaller = (shrunk(decode(run, part), max(LEAST_SIDE, MOST_WIDE // columns)) for part in parts)
    return np.concatenate([to_bytes(images) for images in smaller])


def _where(run: Run, plane: Plane, positions: list[np.ndarray]) -> None:
    """The first test images on the same axes, with the lines of the grid."""
    data = evaluation(run)
    shown = slice(MOST_POINTS)  # more would hide the lines
    figure = figures.latent_scatter(
        plane.points[shown], data.labels[shown], run.class_names, axes=plane.axes
    )
    figure.update_layout(
        shapes=_lines(positions),
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "title_text": ""},
    )
    figure.update_traces(marker={"size": 6 if len(plane.points) < MOST_POINTS else 4})
    chart(
        figure,
        "Where the grid lies on the map",
        runs=[run],
        sample=run.images_in_words(len(plane.points[shown])),
        key="grid_map",
        height=440,
        config={"displayModeBar": False},
    )


def _lines(positions: list[np.ndarray]) -> list[dict[str, object]]:
    """The lines of the grid, as shapes of a Plotly figure: as far as it reaches, or all the way
    where there is one axis.
    """
    shapes: list[dict[str, object]] = []
    for axis, other, places, across in zip("xy", "yx", positions, positions[::-1], strict=False):
        span = {f"{other}0": across[0], f"{other}1": across[-1]}
        if len(positions) == 1:
            span = {f"{other}0": 0, f"{other}1": 1, f"{other}ref": f"{other} domain"}
        shapes += [
            {"type": "line", f"{axis}0": place, f"{axis}1": place, **span, "line": GRID_LINE}
            for place in places
        ]
    return shapes
