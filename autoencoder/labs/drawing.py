"""The pictures that several labs share: maps of latents, originals above reconstructions, curves
over epochs, ways between two images.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autoencoder import figures
from autoencoder.analysis import metrics, projections
from autoencoder.config.projections import ProjectionSettings
from autoencoder.figures.comparison import Curve, curves
from autoencoder.labs.pictures import Picture, figure, wall

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run


SETTINGS = ProjectionSettings("tsne")
LAID_OUT = f"Computed with {SETTINGS.spec.title} ({SETTINGS.in_words()})."


def latent_map(trained: "Trained", run: "Run", name: str, title: str) -> Picture:
    """The latents of the chosen test images on a flat map: as they are, or by t-SNE where they have
    more than two dimensions.
    """
    latents = trained.latents(run)[trained.chosen]
    labels, names = trained.data.test.labels[trained.chosen], run.class_names
    if latents.shape[1] <= 2:
        axes = [f"z{dimension}" for dimension in range(latents.shape[1])]
        drawn = figures.latent_scatter(latents, labels, names, axes=axes)
        return figure(name, title, "The axes are the latent values.", drawn)
    projection = projections.project(latents, SETTINGS)
    return figure(name, title, LAID_OUT, _drawn(projection, labels, names))


def pixel_map(trained: "Trained", run: "Run", name: str, title: str) -> Picture:
    """The chosen test images themselves, laid out by t-SNE."""
    images = trained.data.test.images[trained.chosen]
    labels = trained.data.test.labels[trained.chosen]
    projection = projections.project(projections.pixel_space(images), SETTINGS)
    return figure(name, title, LAID_OUT, _drawn(projection, labels, run.class_names))


def _drawn(projection: projections.Projection, labels: np.ndarray, names: Sequence[str]) -> Any:
    axes = projection.axis_names
    return figures.latent_scatter(projection.points, labels, names, axes=axes, equal=True)


def originals(
    trained: "Trained", runs: Mapping[str, "Run"], name: str, title: str, count: int = 64
) -> Picture:
    """The first test images, at most 64, and below each what the runs make of it."""
    rows = {"original": trained.data.test.images[:count]}
    rows |= {label: trained.reconstructions(run)[:count] for label, run in runs.items()}
    return wall(name, title, f"The first {len(rows['original'])} test images.", rows)


def samples(trained: "Trained", run: "Run", name: str, role: str) -> Picture:
    """What latents from the standard normal distribution decode to."""
    caption = "Decoded latents from the standard normal distribution."
    return wall(name, f"Samples: {role}", caption, {"": trained.prior_images(run)}, columns=8)


def new_images(trained: "Trained", run: "Run", name: str, role: str) -> Picture:
    """What random latents like those of the test images decode to."""
    caption = (
        "Each latent value is drawn independently, with the mean and the standard"
        " deviation of this value."
    )
    return wall(name, f"New images: {role}", caption, {"": trained.random_images(run)}, columns=8)


def by_epoch(histories: Mapping[str, Sequence["Run"]], name: str, title: str) -> Picture:
    """The test error after each epoch, the mean over seeds."""
    drawn = []
    for role, runs in histories.items():
        rows = [[progress.test["mse"] for progress in run.history] for run in runs]
        shortest = min(map(len, rows))
        means = np.mean([row[:shortest] for row in rows], axis=0).tolist()
        drawn.append(Curve(role, range(1, shortest + 1), means))
    words = "Test MSE"
    caption = "Test MSE after each epoch, mean over the seeds."
    return figure(name, title, caption, curves(drawn, x_title="Epoch", y_title=words))


def paths_wall(
    trained: "Trained", ways: Mapping[str, np.ndarray], pair: tuple[int, int], name: str, title: str
) -> Picture:
    """Ways between the same two test images (F, C, H, W), one below the other, each between the
    images themselves.
    """
    one, two = metrics.to_unit(trained.data.test.images[list(pair)])
    rows = {label: np.concatenate([one[None], frames, two[None]]) for label, frames in ways.items()}
    caption = f"The first and the last image of a row are the test images {pair[0]} and {pair[1]}."
    return wall(name, title, caption, rows, columns=len(next(iter(rows.values()))))
