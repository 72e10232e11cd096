"""What a run makes of a visitor's image: its reconstruction, its latent, its place on the map, its
nearest test images.

N = test images; D = latent_dim; C, H, W = channels, height and width of one.
"""

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import metrics
from autoencoder.analysis.neighbours import nearest
from autoencoder.data.choosing import share_below
from autoencoder.data.fitting import Fitted, smaller
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.colour_scale import colour_scale, coloured
from autoencoder.ui.shared.image_grid import LARGE, Picture, image_stacks, large_images

NEIGHBOURS = 5
ON_MAP = 2_000  # test images
MOST_DIMENSIONS = 32  # of the latent that are drawn
TALL = 340  # CSS pixels


def own_result(run: Run, image: np.ndarray, fitted: Fitted) -> None:
    """Draw it all for one image.

    Args:
        image: As it was given, (H, W, 1 or 3) uint8 of any size.
        fitted: As the network takes it.
    """
    latent = run_data.encode(run, fitted.pixels[None])
    reconstructions = run_data.decode(run, latent)
    unit = metrics.to_unit(fitted.pixels[None])
    error = float(metrics.squared_errors(unit, reconstructions)[0])
    seen = [
        Picture(smaller(image, LARGE).transpose(2, 0, 1), "Your image"),
        Picture(fitted.pixels, "What the network sees"),
    ]
    off = coloured(figures.error_maps(unit, reconstructions))[0]
    came_back = Picture(reconstructions[0], "Reconstruction", f"MSE {number(error)}")
    back = [came_back, Picture(off, "error")]
    large_images([seen, back])
    colour_scale("Absolute error of a pixel", "0", "1")
    st.markdown(_rank(run, error))
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=440):
            _place(run, latent)
        with st.container(width=440):
            _latent(run, latent[0])
    _neighbours(run, latent[0], unit[0])


def _rank(run: Run, error: float) -> str:
    errors = run_data.evaluation(run).errors
    if errors is None:
        return f"MSE {number(error)}"
    worse = share_below(errors, error)
    return (
        f"MSE {number(error)}: {worse:.0%} of the test images have a smaller MSE. The"
        f" mean MSE of all test images is {number(float(errors.mean()))}."
    )


def _accent() -> str:
    """The colour of what is the visitor's own."""
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor"))


def _place(run: Run, latent: np.ndarray) -> None:
    """Its place among the first test images."""
    data, latents = run_data.evaluation(run), run_data.latents(run)
    if run.config.latent_dim > 2:
        points, pca = run_data.latent_pca(run)
        place, axes, about = (
            pca.encode(latent)[0],
            ("PC 1", "PC 2"),
            "the first two principal components of the latents",
        )
    else:
        nearest = int(np.linalg.norm(latents - latent, axis=1).argmin())
        points, axes, about = latents, ("z0", "z1"), "the latent values"
        place = np.append(latent[0], data.labels[nearest])[:2]
    figure = figures.latent_scatter(
        points[:ON_MAP],
        data.labels[:ON_MAP],
        run.class_names,
        axes=axes[: points.shape[1]],
        equal=points.shape[1] == 2,
    )
    st.markdown("**Its place on the map**")
    st.plotly_chart(
        figures.marked(figure, place, "Your image", _accent()),
        height=TALL,
        key="own_map",
        config={"displayModeBar": False},
    )
    st.caption(
        f"The first {min(ON_MAP, len(points)):,} test images by {about}. The cross is your image."
    )


def _latent(run: Run, latent: np.ndarray) -> None:
    dims = run_data.dimensions(run)
    order = dims.order[:MOST_DIMENSIONS]
    st.markdown("**Its latent vector**")
    figure = figures.latent_bars(latent, dims.low, dims.high, order, _accent())
    st.plotly_chart(figure, height=TALL, key="own_code", config={"displayModeBar": False})
    some = (
        f"The {len(order)} most informative of {len(latent)} latent values"
        if len(order) < len(latent)
        else "The latent values"
    )
    listed = ", ".join(f"z{index} = {number(float(latent[index]))}" for index in order[:4])
    more = " and so on" if len(order) > 4 else ""
    st.caption(
        f"{some}, the most informative first: {listed}{more}. Bars show the range of the"
        " test images."
    )


def _neighbours(run: Run, latent: np.ndarray, pixels: np.ndarray) -> None:
    data = run_data.evaluation(run)
    count = min(NEIGHBOURS, len(data.images))
    spaces = {
        "latent": nearest(run_data.latents(run), count, latent[None]),
        "pixel": nearest(metrics.to_unit(data.images), count, pixels[None]),
    }
    with st.container(horizontal=True, gap="medium"):
        for space, ((indices,), (distances,)) in spaces.items():
            with st.container(width=440):
                st.markdown(f"**Nearest test images in {space} space**")
                captions = [
                    f"{run.class_names[data.labels[index]]} · {number(float(distance))}"
                    for index, distance in zip(indices, distances, strict=True)
                ]
                image_stacks(
                    [data.images[indices]],
                    size=72,
                    columns=NEIGHBOURS,
                    captions=captions,
                    alt=f"Nearest in {space} space",
                )
    st.caption("Class and Euclidean distance, nearest first.")
