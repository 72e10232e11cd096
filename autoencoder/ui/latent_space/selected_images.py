"""What a visitor has selected: how many of which class, the images, their mean, the neighbours of a
single one, and files.

Shapes: N = test images, S = those selected.
"""

import html
from collections.abc import Callable

import numpy as np
import streamlit as st

from autoencoder.analysis import metrics
from autoencoder.analysis.distance_to_data import nearest_images
from autoencoder.analysis.neighbours import nearest
from autoencoder.errors import CorruptRunError
from autoencoder.export.tables import as_csv, as_npz
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.class_names import class_captions, class_colour, short
from autoencoder.ui.shared.image_grid import image_stacks, large_image
from autoencoder.ui.shared.run_data import decode, evaluation, latents, reconstructions
from autoencoder.ui.shared.styles import style_beside

MOST_SHOWN = 48
MOST_CLASSES = 30  # whose means are shown, or which are counted: the most common ones
NEIGHBOURS = 10
SHARED = "•"  # marks a neighbour in both spaces
STYLE = style_beside(__file__)


def selected_images(run: Run, indices: np.ndarray, shown: int, hint: str, *, wide: bool) -> None:
    """Draw the selection; if there is none, a hint and what is typical of each class.

    Args:
        indices: Of the selected test images, ascending.
        shown: How many test images the map shows: the first.
        hint: How to select.
        wide: There is all of the page's width.
    """
    if not len(indices):
        st.caption(hint)
        if run.has_classes:
            _typical(run, wide)
        return
    hidden = int((indices >= shown).sum())
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.markdown(
            f"**{len(indices):,} selected**"
            + (f", {hidden:,} of them not on this map" if hidden else "")
        )
        _downloads(run, indices)
    if run.has_classes:
        _class_counts(run, indices)
    if len(indices) == 1:
        _one(run, int(indices[0]), columns=NEIGHBOURS if wide else NEIGHBOURS // 2)
    else:
        _several(run, indices, wide)


def _typical(run: Run, wide: bool) -> None:
    """Each class's mean image, and what its mean latent decodes to."""
    means = _class_means(run)
    if means is None:
        return
    labels, mean_images, decoded = means
    image_stacks(
        [mean_images, decoded],
        size=40,
        columns=10 if wide else 5,
        captions=class_captions(run, labels),
        alt="The mean image of each class above the decoded mean of its latents",
    )
    st.caption("The mean image of each class, above the decoded mean of its latents.")


@cached_per_run(max_entries=8, on_disk=1)
def _class_means(run: Run) -> list[np.ndarray] | None:
    """Classes that occur (C,), their mean images and decoded mean latents; None if they are many or
    the weights are damaged.
    """
    data, encoded = evaluation(run), latents(run)
    labels = np.unique(data.labels)
    if len(labels) > MOST_CLASSES:
        return None
    try:
        run.weights()
    except CorruptRunError:
        return None
    members = [data.labels == label for label in labels]
    images = np.stack([data.images[each].mean(axis=0, dtype=np.float64) / 255 for each in members])
    decoded = decode(run, np.stack([encoded[each].mean(axis=0) for each in members]))
    return [labels, images, decoded]


def counted(labels: np.ndarray, classes: int) -> list[tuple[int, int]]:
    """(class, how many) of the classes that occur among labels (S,), the most common first."""
    counts = np.bincount(labels, minlength=classes)
    return [
        (int(label), int(counts[label]))
        for label in np.argsort(-counts, kind="stable")
        if counts[label]
    ]


def _class_counts(run: Run, indices: np.ndarray) -> None:
    counts = counted(evaluation(run).labels[indices], len(run.class_names))
    more = len(counts) - MOST_CLASSES
    counts = counts[:MOST_CLASSES]
    swatches = [class_colour(label) for label, _ in counts]
    parts = "".join(
        f'<i style="flex:{count};background:{colour}"></i>'
        for (_, count), colour in zip(counts, swatches, strict=True)
    )
    names = "".join(
        f'<span style="--swatch:{colour}">{html.escape(short(run.class_names[label]))}'
        f" <b>{count:,}</b></span>"
        for (label, count), colour in zip(counts, swatches, strict=True)
    )
    st.html(
        f'{STYLE}<div class="counts" aria-hidden="true">{parts}</div><div'
        f' class="counted">{names}{f"and {more:,} more classes" if more > 0 else ""}</div>'
    )


def _several(run: Run, indices: np.ndarray, wide: bool) -> None:
    images, means = st.columns([2, 1], gap="large") if wide else (st.container(), st.container())
    some = indices[:MOST_SHOWN]
    with images:
        rows = [evaluation(run).images[some], reconstructions(run, some)]
        image_stacks(rows, size=28, columns=12, alt="Selected images and reconstructions")
        first = (
            f"The first {MOST_SHOWN} of {len(indices):,}: originals"
            if len(indices) > MOST_SHOWN
            else "Originals"
        )
        st.caption(f"{first} above, reconstructions below.")
    mean_image = metrics.to_unit(evaluation(run).images[indices]).mean(axis=0)
    mean_latent = decode(run, latents(run)[indices].mean(axis=0, keepdims=True))[0]
    with means.container(horizontal=True, gap="large"):
        for image, words in (
            (mean_image, "Mean of the images"),
            (mean_latent, "Mean latent, decoded"),
        ):
            with st.container(width="content"):
                large_image(image, size=140, alt=words)
                st.caption(words)


def _one(run: Run, index: int, columns: int) -> None:
    data = evaluation(run)
    error = "" if data.errors is None else f" · error {number(float(data.errors[index]))}"
    image_stacks(
        [data.images[[index]], reconstructions(run, np.array([index]))],
        size=112,
        columns=1,
        alt="The image and its reconstruction",
    )
    st.caption(f"Test image {index} above its reconstruction{error}")
    if len(data.images) < 2:
        return
    near = {
        "latent": _nearest(latents(run), index),
        "pixel": _nearest_images(data.images, index),
    }
    shared = set(near["latent"][0]) & set(near["pixel"][0])
    for space, (indices, distances) in near.items():
        st.markdown(f"Nearest in {space} space")
        marks = [
            f"{number(float(far))}{SHARED if i in shared else ''}"
            for i, far in zip(indices, distances, strict=True)
        ]
        image_stacks(
            [data.images[indices]],
            size=40,
            columns=columns,
            captions=marks,
            alt=f"Nearest in {space} space",
        )
    of = min(NEIGHBOURS, len(data.images) - 1)
    st.caption(
        f"Euclidean distances, nearest first. {len(shared)} of {of} images are among the"
        f" nearest in both spaces ({SHARED})."
    )


def _nearest(points: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray]:
    """The points of (N, ...) nearest to one of them: indices and distances, at most 10 of each."""
    count = min(NEIGHBOURS, len(points) - 1)
    indices, distances = nearest(points, count, points[[index]], itself=np.array([index]))
    return indices[0], distances[0]


def _nearest_images(images: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of images (N, C, H, W), by their pixels."""
    count = min(NEIGHBOURS, len(images) - 1)
    found, distances = nearest_images(images, count + 1, metrics.to_unit(images[[index]]))
    others = np.flatnonzero(found[0] != index)[:count]
    return found[0][others], distances[0][others]


def _downloads(run: Run, indices: np.ndarray) -> None:
    data, encoded = evaluation(run), latents(run)
    known = {} if data.errors is None else {"errors": data.errors}
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "CSV": (
            "text/csv",
            lambda: as_csv(indices, data.labels, list(run.class_names), encoded, data.errors),
        ),
        "npz": (
            "application/octet-stream",
            lambda: as_npz(
                indices, images=data.images, labels=data.labels, latents=encoded, **known
            ),
        ),
    }
    with st.container(horizontal=True, width="content"):
        for kind, (mime, make) in files.items():
            st.download_button(
                kind,
                make,
                f"{run.key}-selected.{kind.lower()}",
                mime,
                key=f"selected_{kind.lower()}",
                on_click="ignore",
                icon=":material/download:",
            )
