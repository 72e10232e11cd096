"""Samples: latents drawn from the prior or from a Gaussian mixture of the training latents, decoded
and compared with what is real.
"""

import numpy as np
import streamlit as st

from autoencoder.analysis import sampling
from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.analysis.sampling import Mixture
from autoencoder.errors import CorruptRunError
from autoencoder.formatting import number
from autoencoder.jobs import MIXTURE
from autoencoder.runs import Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.class_names import class_captions
from autoencoder.ui.shared.image_grid import image_stacks
from autoencoder.ui.shared.run_data import decode, distances_to_test, evaluation
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.tasks import wait_for

SOURCES = {"prior": "Prior", MIXTURE: "Gaussian mixture"}
SAMPLES = 32
SHORT = 3  # letters of a class name that fits under a small image, beside a number
MEASURED = 2_000  # test images whose distances to each other are the yardstick
MOST_COMPARED = 16_000_000  # pixels of test images that are compared with each other
MOST_SEED = 2**31 - 1
ANY = -1  # of the classes


@st.fragment
@explained
def samples(run: Run) -> None:
    """Draw latents from the prior or from a density of the training latents; show what they decode
    to beside what is real.
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
        label = _class(run, mixture) if mixture and run.has_classes else None
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
            "The latents change during training. You can draw samples after the training.",
            icon=":material/hourglass:",
        )
    else:
        st.markdown(
            "A Gaussian mixture is a sum of normal distributions. It is fitted to the"
            f" latents of the training images{' of each class' if run.has_classes else ''}. Latents"
            " drawn from it lie where the latents of real images lie."
        )
        about = f"By the run's seed {run.config.seed}"
        wait_for(run, MIXTURE, "The Gaussian mixture", about)


def _mixture(run: Run) -> Mixture | None:
    try:
        return run.mixture()
    except CorruptRunError:  # it is fitted again
        return None


def _class(run: Run, mixture: Mixture) -> int | None:
    """The class to draw; None for any."""
    chosen: int = st.selectbox(
        "Class",
        [ANY, *np.unique(mixture.classes).tolist()],
        format_func=lambda index: "Any" if index == ANY else run.class_names[index],
        key="class",
        bind="query-params",
        width=160,
    )
    return None if chosen == ANY else chosen


def _next_seed() -> None:
    st.session_state["seed"] = (st.session_state["seed"] + 1) % (MOST_SEED + 1)


def _wall(run: Run, latents: np.ndarray, about: str, classes: np.ndarray | None) -> None:
    """Samples above their nearest test images, and how near those are; `classes` are those that
    were drawn, if any were.
    """
    data, decoded = evaluation(run), decode(run, latents)
    nearest, distances = distances_to_test(run, decoded)
    nearest_labels = data.labels[nearest]
    names = class_captions(run, nearest_labels)
    captions = [
        " · ".join(filter(None, [number(distance), name]))
        for distance, name in zip(distances, names, strict=True)
    ]
    small = max(map(len, names)) <= SHORT
    image_stacks(
        [decoded, data.images[nearest]],
        size=56 if small else 112,
        columns=16 if small else 8,
        captions=captions,
        alt="Samples above their nearest test images",
    )
    st.caption(
        f"{SAMPLES} samples from the {about}. Below each sample: the nearest test image,"
        f" its distance (MSE per pixel){' and its class' if run.has_classes else ''}."
    )
    typical, measured = _yardstick(run), min(MEASURED, len(_compared(run)))
    agreed = (
        ""
        if classes is None or not run.has_classes
        else (
            f" For {np.sum(nearest_labels == classes)} of {len(nearest_labels)} samples, the"
            " nearest test image has the class of the sample."
        )
    )
    st.markdown(
        "Median distance from a sample to its nearest test image:"
        f" **{number(float(np.median(distances)))}**. Median distance from a test image"
        f" to its nearest other test image: **{number(typical)}** (the first"
        f" {measured:,}). A much larger distance means that the sample is unlike all"
        " test images. A much smaller distance means that the sample is a blurred"
        f" average.{agreed}"
    )


@cached_per_run(
    max_entries=32, spinner="Comparing test images with each other", copies=True, on_disk=1
)
def _yardstick(run: Run) -> float:
    return typical_distance(_compared(run), MEASURED)


def _compared(run: Run) -> np.ndarray:
    """The test images that are compared with each other: the first, if all would be too many."""
    images = evaluation(run).images
    return images[: max(2, MOST_COMPARED // images[0].size)]
