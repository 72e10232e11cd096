"""The images a training would see: a few of each class kept, and what a denoiser would be given
instead.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.errors import CorruptRunError
from autoencoder.formatting import byte_size
from autoencoder.runs import Run
from autoencoder.ui.shared.class_names import short
from autoencoder.ui.shared.image_grid import image_stacks
from autoencoder.ui.shared.shell import queue, settle_memory, store
from autoencoder.ui.shared.text import literal

EACH = 3  # images of each class
MOST_CLASSES = 20  # of which images are shown
WITHOUT_CLASSES = 10  # times as many images where there are no classes
Sample = tuple[np.ndarray, np.ndarray]


def data_preview(config: RunConfig) -> None:
    """Fold out images of every class kept, each above what the training makes of it.

    Test images: they are at hand.
    """
    with st.expander(
        f"The images of {config.info.title}: {config.info.help}", icon=":material/image:"
    ):
        sample = _sample(_whole(config), str(queue().settings.data))
        if sample is None:
            fetched = (
                f"the training downloads them first ({byte_size(config.info.download)}) and"
                " keeps the files"
            )
            st.caption(
                "Not here yet:"
                f" {fetched if config.info.download else 'they appear after the first training'}."
            )
            return
        images, labels = _of_classes(*sample, config)
        versions = _made_of(images, config)
        names = config.info.class_names if config.info.has_classes else ()
        captions = [short(names[label]) for label in labels] if names else []
        columns = min(MOST_CLASSES, max(1, len(images) // EACH))
        image_stacks(
            [images, *versions.values()],
            size=56,
            columns=columns,
            captions=captions,
            alt="Sample images by class",
        )
        above = f", each above {' and '.join(versions)}" if versions else ""
        st.caption(f"{_which(config, len(images))}{above}.{_classes(captions)}")


def _which(config: RunConfig, count: int) -> str:
    """Which images are shown, at the start of a sentence."""
    if not config.info.has_classes:
        return f"The first {count} test images; they have no classes to tell apart"
    kept = len(config.classes or config.info.class_names)
    of_each = "of each class"
    if kept > MOST_CLASSES:
        of_each = f"of each of the first {MOST_CLASSES} of {kept:,} classes"
    return f"The first {EACH} test images {of_each}"


def _classes(captions: Sequence[str]) -> str:
    names = literal(", ".join(dict.fromkeys(captions)), 300)
    return f" Classes: {names}" if names else ""


def _whole(config: RunConfig) -> RunConfig:
    """The plainest config of the same data set, since nothing else decides what its images are."""
    return RunConfig(dataset=config.dataset, added=config.added, network="linear", batch_size=2)


@st.cache_data(max_entries=8, ttl=60.0, show_spinner=False)
def _sample(config: RunConfig, folder: str) -> Sample | None:
    """Test images and labels, from the data folder or from a run that has them; None if neither
    has.
    """
    if (kept := loading.peek(config, Path(folder))) is not None:
        return kept.images, kept.labels
    runs = [
        run
        for run in store().runs()
        if (run.config.dataset, run.config.added) == (config.dataset, config.added)
        and not run.config.classes
        and run.state == "finished"
    ]
    return next(filter(None, map(_test_images, runs)), None)


def _test_images(run: Run) -> Sample | None:
    try:
        test = run.evaluation()
    except CorruptRunError:
        return None
    return test.images, test.labels


def _of_classes(images: np.ndarray, labels: np.ndarray, config: RunConfig) -> Sample:
    """The first few images of each class kept, first all first ones, then all second ones; of at
    most 20 classes. Without classes, the first ones.
    """
    if not config.info.has_classes:
        return images[: EACH * WITHOUT_CLASSES], labels[: EACH * WITHOUT_CLASSES]
    kept = (config.classes or range(len(config.info.class_names)))[:MOST_CLASSES]
    places = [np.flatnonzero(labels == index)[:EACH] for index in kept]
    order = np.array(
        [members[number] for number in range(EACH) for members in places if number < len(members)],
        dtype=int,
    )
    return images[order], labels[order]


def _made_of(images: np.ndarray, config: RunConfig) -> dict[str, np.ndarray]:
    """What a training makes of images (N, C, H, W) uint8 at its beginning, by its name: warped,
    then corrupted.
    """
    versions: dict[str, np.ndarray] = {}
    if config.augment:
        warped = _corrupted(images, "warp", config.augment)
        versions["a warped copy as at the start of the training"] = warped
        images = np.rint(255 * warped).astype(np.uint8)
    if config.uses("noise"):
        versions["the noisy image that the denoiser receives"] = _corrupted(
            images, config.noise, config.noise_level
        )
    return versions


@st.cache_data(max_entries=16, show_spinner="Loading torch")
def _corrupted(images: np.ndarray, noise: str, level: float) -> np.ndarray:
    from autoencoder.networks import inference

    settle_memory("torch")
    return inference.corrupted(images, noise, level)
