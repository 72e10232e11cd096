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
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.error_charts import baseline_errors, where_it_errs
from autoencoder.ui.reconstruct.image_rows.component import Row, image_rows
from autoencoder.ui.reconstruct.scores import scores
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.class_names import class_captions
from autoencoder.ui.shared.colour_scale import colour_scale, coloured
from autoencoder.ui.shared.image_grid import Picture, large_images
from autoencoder.ui.shared.other_runs import other_runs, refuse
from autoencoder.ui.shared.run_titles import distinct_titles
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal, name, title

SHOWN = 64
MOST_PIXELS = 3_000_000  # of all images shown, channels included: fewer large ones are
MOST_SEED = 2**31 - 1
IMAGE = "image"  # in the address: number of the test image that is shown large
PICKED = "reconstruct_image"  # in the session state: the same, also where nobody has picked one
SENT = "reconstruct_sent"  # the number that the browser was told last
PLACED = "reconstruct_placed"  # how often it was told one
NUMBER, SEED = "image_number", "sample_seed"  # widgets


@dataclass(frozen=True, eq=False)
class Reconstructor:
    """A way to make reconstructions: a run, or PCA.

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

    def errors_of(
        self, indices: np.ndarray, originals: np.ndarray, reconstructions: np.ndarray
    ) -> np.ndarray:
        """Mean squared errors (N,) of its reconstructions (N, C, H, W) of test images."""
        if self.errors is None:
            return metrics.squared_errors(originals, reconstructions)
        return self.errors[indices]


@explained
def reconstruction_wall(run: Run) -> None:
    """Draw the wall of test images, what the address or the visitor asks for, and below it what
    their errors say.
    """
    finished = run.state == "finished"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        indices = _indices(run)
        with_errors = st.toggle(
            "Errors", key="errors", bind="query-params", help="The absolute error of each pixel."
        )
        with_pca = st.toggle(
            "PCA with the same bottleneck", key="pca", bind="query-params", disabled=not finished
        )
    others = [each for each in other_runs(run, key="with_runs") if _same_images(each, run)]
    names = distinct_titles([run, *others])
    reconstructors = [
        *(_by_run(each, names[each.key]) for each in (run, *others)),
        *([_by_pca(run)] if with_pca and finished else []),
    ]
    if not len(indices):
        st.info("There are no test images of this class.", icon=":material/image:")
        return
    _choose(run, indices)
    _wall(run, indices, reconstructors, with_errors)


# ---- Which images ----


def _indices(run: Run) -> np.ndarray:
    """Of the images to show; draws what decides about them."""
    data = run_data.evaluation(run)
    orders = [
        name
        for name, order in ORDERS.items()
        if (data.errors is not None or not order.needs_errors)
        and (run.has_classes or not order.needs_label)
    ]
    order = st.segmented_control(
        "Test images",
        orders,
        default="first",
        required=True,
        format_func=lambda name: ORDERS[name].title,
        key="order",
        bind="query-params",
    )
    seed, label = 0, int(data.labels[0])
    if ORDERS[order].needs_seed:
        seed = st.number_input("Seed", 0, MOST_SEED, key=SEED, bind="query-params", width=130)
        st.button(
            "Next", key="next_sample", on_click=_next_sample, help="The next seed: other images."
        )
    if ORDERS[order].needs_label:
        there = [int(each) for each in np.unique(data.labels)]
        label = st.selectbox(
            "Class",
            there,
            format_func=run.class_names.__getitem__,
            key="of_class",
            bind="query-params",
            width=160,
        )
    return chosen(order, data.labels, data.errors, most=_most_shown(run), seed=seed, label=label)


def _most_shown(run: Run) -> int:
    return min(SHOWN, MOST_PIXELS // run.config.shape.pixels)


def _next_sample() -> None:
    st.session_state[SEED] = (st.session_state[SEED] + 1) % (MOST_SEED + 1)


def _choose(run: Run, indices: np.ndarray) -> None:
    """The image to show large: the address's, else the first shown; whatever else the address says
    is refused in words.
    """
    count, address = len(run_data.evaluation(run).images), st.query_params.get(IMAGE)
    if address is not None and not (
        address.isascii() and address.isdecimal() and len(address) < 10 and int(address) < count
    ):
        refuse(
            f"image must be the number of a test image, from 0 to {count - 1}; got"
            f" {address[:20]!r}. The first one is shown."
        )
        del st.query_params[IMAGE]
        address = None
    index = int(indices[0]) if address is None else int(address)
    if index != st.session_state.get(PICKED):
        _place(index)


def _place(index: int) -> None:
    """Show this image large, and tell the browser so."""
    st.session_state[PICKED] = st.session_state[SENT] = index
    st.session_state[PLACED] = st.session_state.get(PLACED, 0) + 1


def _type_number() -> None:
    _place(st.session_state[NUMBER])
    st.query_params[IMAGE] = str(st.session_state[NUMBER])


# ---- Through what ----


def _by_run(run: Run, called: str) -> Reconstructor:
    """The run, which is called so among those that stand beside it."""
    config = run.config
    differing = called.replace(name(config), "").strip(" ,·")
    return Reconstructor(
        f"{config.network} d = {config.latent_dim}",
        ", ".join([*config.objective_part, *([differing] if differing else [])]),
        called,
        lambda indices: run_data.reconstructions(run, indices),
        run_data.evaluation(run).errors,
    )


def _by_pca(run: Run) -> Reconstructor:
    images, dim = run_data.evaluation(run).images, run.config.latent_dim
    make = lambda indices: run_data.baseline(run, images[indices])  # noqa: E731
    return Reconstructor(
        f"PCA d = {dim}", "", f"PCA with {dim} components", make, baseline_errors(run)
    )


def _same_images(other: Run, run: Run) -> bool:
    if np.array_equal(run_data.evaluation(other).images, run_data.evaluation(run).images):
        return True
    refuse(f"{title(other)} is not shown: its test images are different.")
    return False


# ---- What is drawn ----


@st.fragment
def _wall(
    run: Run, indices: np.ndarray, reconstructors: Sequence[Reconstructor], with_errors: bool
) -> None:
    """What reruns when the visitor has picked an image."""
    data = run_data.evaluation(run)
    names = class_captions(run, data.labels[indices])
    rows = _rows(data.images[indices], indices, reconstructors, with_errors)
    picked = image_rows(
        rows,
        indices,
        names,
        chosen=st.session_state[SENT],
        placed=st.session_state[PLACED],
        key="reconstruct_image_rows",
    )
    if picked is not None:
        st.session_state[PICKED] = picked
        st.query_params[IMAGE] = str(picked)
    st.caption(
        f"{len(indices)} of {len(data.images):,} test images; the network did not train"
        f" on them. At the right of each row: the mean MSE of the {len(indices)} images"
        " shown, and below it the mean MSE of all test images."
    )
    _large(run, reconstructors)
    scores(run)
    where_it_errs(run, st.session_state[PICKED])


def _rows(
    images: np.ndarray,
    indices: np.ndarray,
    reconstructors: Sequence[Reconstructor],
    with_errors: bool,
) -> list[Row]:
    """The rows of the wall: originals, then each reconstructor's images and, if wanted, how far off
    each pixel is.
    """
    unit = metrics.to_unit(images)
    reconstructions = [each.make(indices) for each in reconstructors]
    errors = [
        float(each.errors_of(indices, unit, pixels).mean())
        for each, pixels in zip(reconstructors, reconstructions, strict=True)
    ]
    rows = [Row(images, "original", here="MSE shown", everywhere="all")]
    for each, pixels, mse in zip(reconstructors, reconstructions, errors, strict=True):
        is_best = len(reconstructors) > 1 and mse == min(errors)
        rows.append(_row(each, pixels, mse, is_best))
        if with_errors:
            rows.append(Row(coloured(figures.error_maps(unit, pixels)), "error"))
    return rows


def _row(reconstructor: Reconstructor, pixels: np.ndarray, mse: float, is_best: bool) -> Row:
    errors = reconstructor.errors
    everywhere = "" if errors is None else f"{number(float(errors.mean()))} all"
    return Row(
        pixels, reconstructor.name, reconstructor.about, number(mse), everywhere, best=is_best
    )


def _large(run: Run, reconstructors: Sequence[Reconstructor]) -> None:
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
    for each in reconstructors:
        reconstructions = each.make(np.array([index]))
        mse = float(each.errors_of(np.array([index]), original, reconstructions)[0])
        error = Picture(coloured(figures.error_maps(original, reconstructions))[0], "error")
        groups.append([Picture(reconstructions[0], each.name, f"MSE {number(mse)}"), error])
    large_images(groups)
    colour_scale("Absolute error of a pixel", "0", "1")


def _about(run: Run, index: int) -> str:
    data = run_data.evaluation(run)
    label = data.labels[index]
    words = [f"Class **{literal(run.class_names[label])}**"] if run.has_classes else []
    if data.errors is not None:
        error = float(data.errors[index])
        worse = share_below(data.errors, error)
        words += [f"MSE {number(error)}", f"{worse:.0%} of the test images have a smaller MSE"]
    return " · ".join(words)
