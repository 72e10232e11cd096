"""What a decoder makes of latents that no image gave: a grid over the latent plane, and samples
from
a density.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import sampling
from autoencoder.analysis.sampling import Mixture
from autoencoder.errors import CorruptRunError
from autoencoder.jobs import MIXTURE
from autoencoder.runs import Run
from autoencoder.ui.decode.mosaic import mosaic
from autoencoder.ui.shared.image_grid import pairs
from autoencoder.ui.shared.run_data import (
    Version,
    decode,
    distances_to_test,
    evaluation,
    latent_pca,
    latents,
)
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.tasks import wait_for
from autoencoder.ui.shared.text import number

PLANES = {"pca": "PCA plane", "two": "Two dimensions"}
SPACINGS = {"quantile": "By quantile", "linear": "Even"}
SOURCES = {"prior": "Prior", MIXTURE: "Gaussian mixture"}
SAMPLES = 32
MOST_POINTS = 1_000  # on the small map beside the grid
SHORT = 3  # letters of a class name that fits under a small image, beside a number
MEASURED = 2_000  # test images whose distances to each other are the yardstick
MOST_SEED = 2**31 - 1
ANY = "Any"
GRID_LINE = {"width": 1, "color": "rgba(128, 128, 128, 0.6)"}


@dataclass(frozen=True)
class Plane:
    """Two axes through the latent space, or one: the test images there, what the axes are called,
    and
    the way back to latents.

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
            help="The share of the test codes, along each axis, that lies between the grid's ends",
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
                "By quantile, as many test codes lie between any two neighbours; even, all steps"
                " are as long"
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
            st.caption(
                f"Each image is decoded from the latent {place}: {size} steps along each axis over"
                f" {reach}% of the latents of {count:,} test"
                f" images{f', the first {drawn:,} of them drawn here' if drawn < count else ''} ·"
                f" {plane.about}latent_dim {run.config.latent_dim} · run's seed {run.config.seed}"
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
            points, axes, f"PCA of the latents, {shares.sum():.0%} of their variance · ", pca.decode
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
        else Plane(encoded[:, chosen], (across, up), "the other dimensions at their mean · ", lift)
    )


def _grid(run: Run, plane: Plane, positions: list[np.ndarray]) -> None:
    """What is decoded at each place of the grid, between the axes."""
    ends = [
        (number(each[0]), axis, number(each[-1]))
        for each, axis in zip(positions, plane.axes, strict=True)
    ]
    mosaic(
        decode(run, plane.lift(sampling.grid(*positions)).astype(np.float32)),
        len(positions[0]),
        level=ends[0],
        upright=ends[1] if len(ends) > 1 else ("", "", ""),
        alt=f"Decoded images over {' and '.join(plane.axes)}",
    )


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
    st.plotly_chart(figure, key="grid_map", height=440, config={"displayModeBar": False})


def _lines(positions: list[np.ndarray]) -> list[dict[str, object]]:
    """The lines of the grid, as shapes of a Plotly figure: as far as it reaches, or all the way
    where there is one axis.
    """
    shapes: list[dict[str, object]] = []
    for axis, other, own, across in zip("xy", "yx", positions, positions[::-1], strict=False):
        span = {f"{other}0": across[0], f"{other}1": across[-1]}
        if len(positions) == 1:
            span = {f"{other}0": 0, f"{other}1": 1, f"{other}ref": f"{other} domain"}
        shapes += [
            {"type": "line", f"{axis}0": place, f"{axis}1": place, **span, "line": GRID_LINE}
            for place in own
        ]
    return shapes


@st.fragment
@explained
def samples(run: Run) -> None:
    """Draw latents from the prior or from a density of the training latents; show what they decode
    to
    beside what is real.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        source = MIXTURE
        if run.config.is_variational:
            source = st.segmented_control(
                "Draw from",
                SOURCES,
                default="prior",
                required=True,
                format_func=SOURCES.__getitem__,
                key="source",
                bind="query-params",
            )
        mixture = _mixture(run) if source == MIXTURE else None
        label = _class(run, mixture) if mixture else None
        if mixture or source == "prior":
            seed = st.number_input("Seed", 0, MOST_SEED, key="seed", bind="query-params", width=140)
            st.button("Next seed", key="next_seed", icon=":material/casino:", on_click=_next_seed)
    if source == "prior":
        _wall(
            run,
            sampling.prior(SAMPLES, run.config.latent_dim, seed=seed),
            f"standard normal prior, seed {seed}",
            None,
        )
    elif mixture:
        latents, classes = mixture.sample(SAMPLES, seed=seed, label=label)
        _wall(
            run,
            latents,
            f"Gaussian mixture of {len(mixture.weights)} components, seed {seed}",
            classes,
        )
    elif run.is_live:
        st.info(
            "Its latents change until the training ends: samples can be drawn after that.",
            icon=":material/hourglass:",
        )
    else:
        st.markdown(
            "A Gaussian mixture is a sum of bell curves, fitted here to the latents of the training"
            " images of each class: what is drawn from it lies where real images lie."
        )
        about = f"Usually under half a minute · by the run's seed {run.config.seed}"
        wait_for(run, MIXTURE, "The Gaussian mixture", about)


def _mixture(run: Run) -> Mixture | None:
    try:
        return run.mixture()
    except CorruptRunError:  # it is fitted again
        return None


def _class(run: Run, mixture: Mixture) -> int | None:
    """The class to draw; None for any."""
    names = {
        ANY: None,
        **{run.class_names[index]: int(index) for index in np.unique(mixture.classes)},
    }
    chosen = st.selectbox("Class", names, key="class", bind="query-params", width=160)
    return names[chosen]


def _next_seed() -> None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (MOST_SEED + 1)


def _wall(run: Run, latents: np.ndarray, about: str, classes: np.ndarray | None) -> None:
    """Samples above their nearest test images, and how near those are; `classes` are those that
    were drawn, if any were.
    """
    data, made = evaluation(run), decode(run, latents)
    nearest, distances = distances_to_test(run, made)
    found = data.labels[nearest]
    captions = [
        f"{number(distance)} · {run.class_names[label]}"
        for distance, label in zip(distances, found, strict=True)
    ]
    small = max(map(len, run.class_names)) <= SHORT
    pairs(
        [made, data.images[nearest]],
        size=56 if small else 112,
        columns=16 if small else 8,
        captions=captions,
        alt="Samples above their nearest test images",
    )
    st.caption(
        f"{SAMPLES} samples from the {about}; below each the nearest of {len(data.images):,} test"
        f" images, its distance (MSE per pixel) and its class · run's seed {run.config.seed}"
    )
    typical, measured = _yardstick(run.key, run.version, run), min(MEASURED, len(data.images))
    agreed = (
        ""
        if classes is None
        else (
            f" {np.sum(found == classes)} of {len(found)} are nearest to the class they were drawn"
            " from."
        )
    )
    st.markdown(
        f"Median distance of a sample to a test image: **{number(float(np.median(distances)))}**;"
        f" of a real test image to another: **{number(typical)}** (from the first {measured:,})."
        " Farther than that looks like nothing real; much nearer is an average of what is"
        f" common.{agreed}"
    )


@st.cache_data(max_entries=32, show_spinner="Comparing test images with each other")
def _yardstick(key: str, version: Version, _run: Run) -> float:
    return sampling.typical_distance(evaluation(_run).images, MEASURED)
