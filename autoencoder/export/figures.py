"""A run's figures, each as a page of HTML that needs no server and no network: the loss curves, the
maps, the errors, and how far apart the classes are.

Every page draws with plotly.min.js, which lies beside it, and saves its figure as PNG or SVG.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autoencoder import figures
from autoencoder.analysis import metrics
from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import ExportError
from autoencoder.export.tables import kept_maps
from autoencoder.figures import Curve
from autoencoder.figures.page import LIBRARY_FILE, Figure, library, page_of
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Evaluation, Run


def write_figures(run: Run, folder: Path, notify: ProgressCallback = ignore) -> None:
    """Write a page for each figure of a finished run into an empty folder.

    Raises ExportError for a run without latents, CorruptRunError, and OSError.
    """
    notify("reading the run", 0.0)
    evaluation = run.evaluation()
    if evaluation.latents is None or evaluation.errors is None:
        raise ExportError(f"{run.key} has no figures of its test images before it is finished")
    notify("drawing", 0.2)
    (folder / LIBRARY_FILE).write_text(library(), encoding="utf-8")
    for name, title, figure, count in _figures(run, evaluation):
        about = f"{run.key} · {run.images_in_words(count)} · training seed {run.config.seed}"
        page = page_of(figure, title=title, about=about, name=f"{run.key}-{name}")
        (folder / f"{name}.html").write_text(page, encoding="utf-8")


def figure_bytes(run: Run) -> int:
    """About how much that is, packed."""
    images, maps = run.config.info.evaluated, 2 + len(kept_maps(run))
    return len(library()) // 4 + images * maps * 8


def _figures(run: Run, evaluation: Evaluation) -> Iterator[tuple[str, str, Figure, int]]:
    """Name of the file, title, figure, and of how many test images it is."""
    every = len(evaluation.images)
    yield "training", "Training", _curves(run), every
    yield from _maps(run, evaluation)
    errors, baseline = evaluation.errors, metrics.pca_errors(run.pca(), evaluation.images)
    assert errors is not None
    spread = figures.error_histogram(errors, baseline)
    yield "errors", "Errors of the test images (PCA as a line)", spread, every
    if not run.has_classes:
        return
    count = len(run.class_names)
    by_class = [figures.class_errors(each, evaluation.labels, count) for each in (errors, baseline)]
    bars = figures.class_bars(by_class[0], by_class[1], run.class_names)
    yield "class-errors", "Errors of each class (PCA in grey)", bars, every


def _curves(run: Run) -> Figure:
    epochs = run.history
    numbers = [each.epoch for each in epochs]
    shown = [
        Curve(f"{split} {name}", numbers, [getattr(each, split)[name] for each in epochs])
        for split in ("train", "test")
        for name in (epochs[0].test if epochs else ())
        if all(getattr(each, split).get(name, 0.0) > 0 for each in epochs)
    ]
    return figures.curves(shown, x_title="Epoch", y_title="Loss")


def _maps(run: Run, evaluation: Evaluation) -> Iterator[tuple[str, str, Figure, int]]:
    latents, labels = evaluation.latents, evaluation.labels
    assert latents is not None
    if latents.shape[1] <= 2:
        axes = [f"z{number}" for number in range(latents.shape[1])]
        yield "map-latents", "Latents", _scatter(run, latents, labels, axes), len(latents)
    for settings in kept_maps(run):
        projection = run.projection(settings)
        if projection is None:
            continue
        points, name = projection.points, settings.name.replace("projection", "map", 1)
        axes = [f"{settings.spec.title} {number + 1}" for number in range(settings.dimensions)]
        figure = _scatter(run, points, labels[: len(points)], axes)
        yield name, _title(settings), figure, len(points)


def _title(settings: ProjectionSettings) -> str:
    return f"{settings.spec.title} of the {settings.space} in {settings.dimensions} dimensions"


def _scatter(run: Run, points: np.ndarray, labels: np.ndarray, axes: list[str]) -> Figure:
    return figures.latent_scatter(points, labels, run.class_names, axes=axes, equal=True)
