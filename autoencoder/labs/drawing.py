"""The pictures that several labs share: maps of latents, originals above reconstructions, curves
over epochs.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autoencoder import figures
from autoencoder.analysis import projections
from autoencoder.config.projections import ProjectionSettings
from autoencoder.figures.comparison import Curve, curves
from autoencoder.labs.pictures import Picture, figure, wall

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained
    from autoencoder.runs import Run


SETTINGS = ProjectionSettings("tsne")
LAID_OUT = f"laid out by {SETTINGS.spec.title} ({SETTINGS.in_words()})."


def latent_map(trained: "Trained", run: "Run", name: str, title: str) -> Picture:
    """The latents of the chosen test images on a flat map: as they are, or by t-SNE where they have
    more than two numbers.
    """
    chosen, latents = trained.chosen, trained.latents(run)[trained.chosen]
    labels, names = trained.data.test.labels[chosen], run.class_names
    about = f"{len(chosen):,} random test images, run {run.key}, seed {run.config.seed}"
    if latents.shape[1] <= 2:
        axes = [f"z{dimension}" for dimension in range(latents.shape[1])]
        return figure(
            name,
            title,
            f"Latents of {about}.",
            figures.latent_scatter(latents, labels, names, axes=axes),
        )
    projection = projections.project(latents, SETTINGS)
    return figure(name, title, f"Latents of {about}, {LAID_OUT}", _drawn(projection, labels, names))


def pixel_map(trained: "Trained", run: "Run", name: str, title: str) -> Picture:
    """The chosen test images themselves, laid out by t-SNE."""
    images, labels = (
        trained.data.test.images[trained.chosen],
        trained.data.test.labels[trained.chosen],
    )
    projection = projections.project(projections.pixel_space(images), SETTINGS)
    caption = f"Pixels of {len(labels):,} random test images, {LAID_OUT}"
    return figure(name, title, caption, _drawn(projection, labels, run.class_names))


def _drawn(projection: projections.Projection, labels: np.ndarray, names: Sequence[str]) -> Any:
    axes = projection.axis_names
    return figures.latent_scatter(projection.points, labels, names, axes=axes, equal=True)


def originals(trained: "Trained", runs: Mapping[str, "Run"], name: str, title: str) -> Picture:
    """The first 64 test images, and below each what the runs make of it."""
    rows = [trained.data.test.images[:64], *(trained.reconstructions(run) for run in runs.values())]
    count = len(rows[0])
    caption = (
        f"The first {count} test images; in each stack the original, then {', then '.join(runs)}."
    )
    return wall(name, title, caption, rows)


def by_epoch(
    histories: Mapping[str, Sequence["Run"]], name: str, title: str, loss: str = "mse"
) -> Picture:
    """A test loss after each epoch, the mean over seeds."""
    drawn = []
    for role, runs in histories.items():
        rows = [[progress.test[loss] for progress in run.history] for run in runs]
        shortest = min(map(len, rows))
        drawn.append(
            Curve(
                role,
                range(1, shortest + 1),
                np.mean([row[:shortest] for row in rows], axis=0).tolist(),
            )
        )
    words = {"mse": "Test MSE", "total": "Test loss"}[loss]
    seeds = len(next(iter(histories.values())))
    caption = f"{words} after each epoch, mean over {seeds} seed{'s' if seeds > 1 else ''}."
    return figure(name, title, caption, curves(drawn, x_title="Epoch", y_title=words))


def paths_wall(rows: Mapping[str, np.ndarray], name: str, title: str, caption: str) -> Picture:
    """Ways between the same two images (F, C, H, W), one below the other."""
    order = " Rows: " + ", then ".join(rows) + "."
    return wall(
        name, title, caption + order, list(rows.values()), columns=len(next(iter(rows.values())))
    )
