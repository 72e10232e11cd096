"""Where a run errs: by pixel, by class, from image to image, beside PCA with as many numbers per
image.

N = test images kept; H, W = height and width of one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import metrics
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.class_names import short
from autoencoder.ui.shared.shell import explained

CHUNK_PIXELS = 1_000_000  # of the images that are reconstructed at once, about
SMALLEST = 1e-7  # probability that a cross-entropy is taken of
TALL = 340  # CSS pixels


@dataclass(frozen=True, eq=False)
class Summary:
    """What all test images together say.

    Attributes:
        squares: Mean squared error of each pixel (H, W), over images and channels.
        cross_entropy: Binary, in nats, mean over pixels and images; None where outputs are no
            probabilities.
        least: The cross-entropy of a perfect reconstruction: pixels that are grey have an entropy
            of their own.
    """

    squares: np.ndarray
    cross_entropy: float | None
    least: float


@explained
def summary(run: Run) -> Summary:
    """Of all test images that the run keeps."""
    return Summary(**_summary(run))


@cached_per_run(max_entries=8, spinner="Reconstructing every test image", on_disk=1)
def _summary(run: Run) -> dict[str, Any]:
    """The fields of a Summary."""
    images, latents = run_data.evaluation(run).images, run_data.latents(run)
    squares, totals = np.zeros(images.shape[2:]), np.zeros(2)
    step = _chunk(images)
    for start in range(0, len(images), step):
        chunk = slice(start, start + step)
        pixels = metrics.to_unit(images[chunk])
        reconstructions = run_data.decode(run, latents[chunk], clipped=False)
        squares += np.square(pixels - reconstructions).mean(axis=1).sum(axis=0, dtype=np.float64)
        totals += _cross_entropy(pixels, reconstructions), _cross_entropy(pixels, pixels)
    entropy, least = totals / images.size
    probable = ACTIVATIONS[run.config.output_activation].is_probability
    return {
        "squares": squares / len(images),
        "cross_entropy": float(entropy) if probable else None,
        "least": float(least),
    }


def _chunk(images: np.ndarray) -> int:
    """How many of the images (N, C, H, W) are reconstructed at once."""
    return max(1, CHUNK_PIXELS // images[0].size)


def _cross_entropy(pixels: np.ndarray, reconstructions: np.ndarray) -> float:
    """Summed over everything, in nats."""
    sure = reconstructions.clip(SMALLEST, 1 - SMALLEST)
    return -float((pixels * np.log(sure) + (1 - pixels) * np.log1p(-sure)).sum(dtype=np.float64))


@explained
@cached_per_run(max_entries=8, spinner="Reconstructing every test image by PCA", on_disk=1)
def baseline_errors(run: Run) -> np.ndarray:
    """PCA's mean squared error of each test image (N,), at the run's dimension."""
    return metrics.pca_errors(run.pca(), run_data.evaluation(run).images)


def where_it_errs(run: Run, image: int) -> None:
    """Draw the mean error of each pixel, of each class, and the spread over images with that of
    test image `image` marked.
    """
    st.subheader("Where the errors are", anchor=False)
    data = run_data.evaluation(run)
    if data.errors is None:
        st.info(
            "The errors of all test images are measured when the training ends.",
            icon=":material/hourglass:",
        )
        return
    errors, marked = data.errors, float(data.errors[image])
    by_pixel, by_class = _lasting(run, errors)
    spread = figures.error_histogram(
        errors, baseline_errors(run), marked=marked, mark=f"no. {image}: {number(marked)}"
    )
    shown = {
        "pixels": (360, "Each pixel", by_pixel),
        "classes": (440, "Each class (PCA in grey)", by_class),
        "images": (440, "All images", spread),
    }
    if by_class is None:
        del shown["classes"]
    with st.container(horizontal=True, gap="small"):
        for name, (width, words, figure) in shown.items():
            with st.container(width=width, gap="small"):
                st.markdown(f"**{words}**")
                chart(
                    figure,
                    f"Errors: {words}",
                    runs=[run],
                    sample=run.images_in_words(len(errors)),
                    height=TALL,
                    key=f"errors_{name}",
                    config={"displayModeBar": False},
                )
    st.caption(
        f"Errors are mean squared errors (MSE). {_about_classes(run)} The last bin of the"
        " histogram also counts all larger errors."
    )


def _about_classes(run: Run) -> str:
    if not run.has_classes:
        return "There are no bars by class, because these images do not have two classes."
    count = len(np.unique(run_data.evaluation(run).labels))
    most = figures.MOST_BARS
    some = f"the {most} of {count} classes with the largest means" if count > most else "each class"
    return (
        f"Bars show the mean of {some}. Whiskers go from the {figures.LOW}th to the"
        f" {figures.HIGH}th percentile of the images of the class."
    )


@cached_per_run(max_entries=8)
def _lasting(run: Run, _errors: np.ndarray) -> tuple[Any, Any]:
    """The figures of pixels and of classes (None where there are not two), which no picked image
    changes: Plotly takes longer to build them than all else.
    """
    pixels = figures.pixel_errors(summary(run).squares)
    if not run.has_classes:
        return pixels, None
    labels, names = run_data.evaluation(run).labels, [short(name) for name in run.class_names]
    network, pca = (
        figures.class_errors(each, labels, len(names)) for each in (_errors, baseline_errors(run))
    )
    return pixels, figures.class_bars(network, pca, names)
