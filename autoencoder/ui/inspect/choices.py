"""What the views of the inspection share: the choice of stage and of test images, and how both are
told.
"""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from autoencoder.analysis.stages import Stage
from autoencoder.runs import Run
from autoencoder.ui.shared.text import name

SHOWN = 16  # test images in a row
MEASURED = 1_000  # of the first test images, errors are the mean over
MEASURED_PIXELS = 8_000_000  # at most, of those images
OTHERS = "inspect_others"  # the widget that chooses other runs
SPLIT = "first {:,} test images"


def choose_stage(stages: Sequence[Stage], *, key: str, label: str = "Layer") -> Stage:
    """Draw a choice of stage, kept in the address under `key`, and return the chosen one; at first
    the first.
    """
    by_name = {stage.name: stage for stage in stages}
    return by_name[st.selectbox(label, list(by_name), key=key, bind="query-params", width=160)]


def choose_image(count: int, *, label: str = "Test image", several: bool = False) -> int:
    """Draw a choice among the first `count` test images by number, kept in the address as
    "image".
    """
    about = (
        (f"The number of the first test image. The page shows {SHOWN} images in file order")
        if several
        else "The number of the test image, in file order"
    )
    return int(
        st.number_input(
            label, 0, count - 1, key="image", bind="query-params", width=150, help=about
        )
    )


def from_there(first: int, count: int) -> np.ndarray:
    """Indices of the test images from `first` on, at most 16; after the last comes the first."""
    return (first + np.arange(min(SHOWN, count))) % count


def described(stage: Stage) -> str:
    """What a stage is, in a few words: "convolution, 32 units of 14x14, SiLU"."""
    size = f" of {stage.shape[1]}x{stage.shape[2]}" if len(stage.shape) == 3 else ""
    count = f"{stage.units:,} unit{'s' if stage.units > 1 else ''}"
    activation = "no activation" if stage.activation.is_identity else stage.activation.title
    return f"{stage.kind_name}, {count}{size}, {activation}"


def short(run: Run) -> str:
    """A run among others on the same data: without its data set, with what tells it apart."""
    activation = f", {run.config.activation}" if run.config.uses("activation") else ""
    return f"{name(run.config).partition(', ')[2]}{activation} · {run.key[-8:]}"


def measured_images(images: np.ndarray) -> np.ndarray:
    """The first of the test images (N, C, H, W): those that errors are the mean over."""
    return images[: max(1, min(MEASURED, MEASURED_PIXELS // images[0].size))]
