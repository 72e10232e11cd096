"""Test images beside what came back of them: which ones, through which runs, one of them large.

N = images shown, of all that the run keeps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import metrics
from autoencoder.data.choosing import ORDERS, chosen, share_below
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.closeup import Picture, closeup
from autoencoder.ui.reconstruct.errors import baseline_errors, where_it_errs
from autoencoder.ui.reconstruct.image_rows.component import Row, image_rows
from autoencoder.ui.reconstruct.scores import scores
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.image_grid import coloured, scale
from autoencoder.ui.shared.other_runs import ENDING, other_runs, refuse
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal, number, title

SHOWN = 64
MOST_SEED = 2**31 - 1
IMAGE = "image"  # in the address: number of the test image that is shown large
PICKED = "reconstruct_image"  # in the session state: the same, also where nobody has picked one
SENT = "reconstruct_sent"  # the number that the browser was told last
PLACED = "reconstruct_placed"  # how often it was told one
NUMBER, SEED = "image_number", "sample_seed"  # widgets


@dataclass(frozen=True, eq=False)
class ComputeSettings:
    """One way to reconstruct.

    Attributes:
        name, about, title: Two short texts, and a long one.
        make: Indices of test images (N,) -> reconstructions (N, C, H, W) in [0, 1].
        errors: Mean squared error of each test image; None before a run is finished.
    """

    name: str
    about: str
    title: str
    make: Callable[[np.ndarray], np.ndarray]
    errors: np.ndarray | None


@explained
def reconstruction_wall(run: Run) -> None:
    """Draw the wall of test images, what the address or the visitor asks for, and below it what
    their errors say.
    """
    finished = run.state == "finished"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        indices = _indices(run)
        with_errors = st.toggle(
            "Errors", key="errors", bind="query-params", help="How far off each pixel is."
        )
        with_pca = st.toggle(
            "PCA at the same size", key="pca", bind="query-params", disabled=not finished
        )
    others = [each for each in other_runs(run, key="with_runs") if _same_images(each, run)]
    ways = [
        *(_way(each) for each in (run, *others)),
        *([_pca_way(run)] if with_pca and finished else []),
    ]
    if not len(indices):
        st.info("There are no test images of this class.", icon=":material/image:")
        return
    _choose(run, indices)
    _instrument(run, indices, ways, with_errors)


# ---- Which images ----


def _indices(run: Run) -> np.ndarray:
    """Of the images to show; draws what decides about them."""
    data = run_data.evaluation(run)
    orders = [
        order for order in ORDERS if data.errors is not None or order not in ("worst", "best")
    ]
    order = st.segmented_control(
        "Test images",
        orders,
        default="first",
        required=True,
        format_func=ORDERS.__getitem__,
        key="order",
        bind="query-params",
    )
    seed, label = 0, int(data.labels[0])
    if order == "random":
        seed = st.number_input("Seed", 0, MOST_SEED, key=SEED, bind="query-params", width=130)
        st.button(
            "Next", key="next_sample", on_click=_next_sample, help="The next seed: other images."
        )
    if order == "class":
        there = [int(each) for each in np.unique(data.labels)]
        label = st.selectbox(
            "Class",
            there,
            format_func=run.class_names.__getitem__,
            key="of_class",
            bind="query-params",
            width=160,
        )
    return chosen(order, data.labels, data.errors, most=SHOWN, seed=seed, label=label)


def _next_sample() -> None:
    st.session_state[SEED] = (st.session_state[SEED] + 1) % (MOST_SEED + 1)


def _choose(run: Run, indices: np.ndarray) -> None:
    """The image to show large: the address's, else the first shown; whatever else the address says
    is refused in words.
    """
    count, asked = len(run_data.evaluation(run).images), st.query_params.get(IMAGE)
    if asked is not None and not (
        asked.isascii() and asked.isdecimal() and len(asked) < 10 and int(asked) < count
    ):
        refuse(
            f"image must be the number of a test image, from 0 to {count - 1}; got {asked[:20]!r}."
            " The first one is shown."
        )
        del st.query_params[IMAGE]
        asked = None
    index = int(indices[0]) if asked is None else int(asked)
    if index != st.session_state.get(PICKED):
        _place(index)


def _place(index: int) -> None:
    """Show this image large, and tell the browser so."""
    st.session_state[PICKED] = st.session_state[SENT] = index
    st.session_state[PLACED] = st.session_state.get(PLACED, 0) + 1


def _type_number() -> None:
    _place(st.session_state[NUMBER])
    st.query_params[IMAGE] = str(st.session_state[NUMBER])


# ---- Which ways ----


def _way(run: Run) -> ComputeSettings:
    config = run.config
    objective = "" if config.objective == "plain" else f" {config.objective}"
    return ComputeSettings(
        f"{config.network} d = {config.latent_dim}",
        f"{run.key[-ENDING:]}{objective}",
        title(run),
        lambda indices: run_data.reconstructions(run, indices),
        run_data.evaluation(run).errors,
    )


def _pca_way(run: Run) -> ComputeSettings:
    images, dim = run_data.evaluation(run).images, run.config.latent_dim
    make = lambda indices: run_data.baseline(run, images[indices])  # noqa: E731
    return ComputeSettings(
        f"PCA d = {dim}", "", f"PCA with {dim} numbers per image", make, baseline_errors(run)
    )


def _same_images(other: Run, run: Run) -> bool:
    if np.array_equal(run_data.evaluation(other).images, run_data.evaluation(run).images):
        return True
    refuse(f"{title(other)} was tested on other images, so it is left out.")
    return False


# ---- What is drawn ----


@st.fragment
def _instrument(
    run: Run, indices: np.ndarray, ways: Sequence[ComputeSettings], with_errors: bool
) -> None:
    """What reruns when the visitor has picked an image."""
    data = run_data.evaluation(run)
    names = [run.class_names[label] for label in data.labels[indices]]
    rows = _rows(
        data.images[indices], [way.make(indices) for way in ways], ways, indices, with_errors
    )
    picked = image_rows(
        rows,
        indices,
        names,
        chosen=st.session_state[SENT],
        placed=st.session_state[PLACED],
        key="reconstruct_image_rows",
    )
    if picked is not None and 0 <= picked < len(data.images):
        st.session_state[PICKED] = picked
        st.query_params[IMAGE] = str(picked)
    st.caption(
        f"{len(indices)} of {len(data.images):,} test images, which the network has never seen. At"
        f" the right the MSE of the {len(indices)} shown, and below it of all."
    )
    _large(run, ways)
    scores(run)
    where_it_errs(run, st.session_state[PICKED])


def _rows(
    images: np.ndarray,
    made: Sequence[np.ndarray],
    ways: Sequence[ComputeSettings],
    indices: np.ndarray,
    with_errors: bool,
) -> list[Row]:
    """The rows of the wall: originals, then each way's reconstructions and, if wanted, how far off
    each pixel is.
    """
    unit = metrics.to_unit(images)
    here = [
        float(
            (
                metrics.squared_errors(unit, pixels) if way.errors is None else way.errors[indices]
            ).mean()
        )
        for way, pixels in zip(ways, made, strict=True)
    ]
    rows = [Row(images, "original", here="MSE shown", everywhere="all")]
    for way, pixels, mse in zip(ways, made, here, strict=True):
        everywhere = "" if way.errors is None else f"{number(float(way.errors.mean()))} all"
        rows.append(
            Row(
                pixels,
                way.name,
                way.about,
                number(mse),
                everywhere,
                best=len(ways) > 1 and mse == min(here),
            )
        )
        if with_errors:
            rows.append(Row(coloured(figures.error_maps(unit, pixels)), "error"))
    return rows


def _large(run: Run, ways: Sequence[ComputeSettings]) -> None:
    """The picked image, what came back of it, how far off every pixel is, and where it ranks."""
    data, index = run_data.evaluation(run), st.session_state[PICKED]
    st.session_state[NUMBER] = index
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.number_input(
            "Test image no.",
            0,
            len(data.images) - 1,
            key=NUMBER,
            on_change=_type_number,
            width=160,
            label_visibility="visible",
        )
        st.markdown(_about(run, index))
    original = metrics.to_unit(data.images[[index]])
    groups = [[Picture(original[0], "Original")]]
    for way in ways:
        made = way.make(np.array([index]))
        mse = float(
            metrics.squared_errors(original, made)[0] if way.errors is None else way.errors[index]
        )
        error = Picture(coloured(figures.error_maps(original, made))[0], "error")
        groups.append([Picture(made[0], way.name, f"MSE {number(mse)}"), error])
    closeup(groups)
    scale("Absolute error of a pixel", "0", "1")


def _about(run: Run, index: int) -> str:
    data = run_data.evaluation(run)
    words = f"Class **{literal(run.class_names[data.labels[index]])}**"
    if data.errors is None:
        return words
    error = float(data.errors[index])
    worse = share_below(data.errors, error)
    return f"{words} · MSE {number(error)} · worse than {worse:.0%} of test images"
