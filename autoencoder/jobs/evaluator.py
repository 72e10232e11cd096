"""What a trained run is worth, in numbers: against the test images and against PCA at the same dimension."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autoencoder import metrics, projections
from autoencoder.errors import JobError
from autoencoder.runs import Run, RunWriter

if TYPE_CHECKING:
    from autoencoder.config import RunConfig
    from autoencoder.networks import Autoencoder

Say = Callable[[str], None]
NEIGHBOURS = (1, 10)


def measure(
    network: "Autoencoder",
    config: "RunConfig",
    train_images: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    writer: RunWriter,
) -> None:
    """Write the finished run's evaluation, baseline and metrics. Images are uint8; `images` and `labels` are the test's."""
    from autoencoder import inference

    codes, reconstructions = inference.encode(network, images), inference.reconstruct(network, images)
    unit = metrics.to_unit(images)
    pca = projections.fit_pca(train_images, config.latent_dim)
    baseline = pca.decode(pca.encode(unit)).reshape(unit.shape)

    by_model = {}
    for name, made in (("run", reconstructions), ("pca", baseline)):
        by_model[name] = {**metrics.reconstruction_metrics(unit, made), "ssim": inference.ssim(images, made)}
    table: dict[str, Any] = {metric: {name: by_model[name][metric] for name in by_model} for metric in by_model["run"]}

    writer.pca(pca)
    writer.evaluation(images, labels, codes, metrics.squared_errors(unit, reconstructions))
    writer.metrics({**table, "split": "test", "samples": len(images), "seed": config.seed})


def evaluate(run: Run, say: Say) -> dict[str, Any]:
    """A finished run's metrics with its neighbour accuracies, which are computed once and kept.

    Raises:
        JobError: The run is not finished.
    """
    known = run.metrics
    if run.state != "finished" or not known:
        raise JobError(f"{run.key} is {run.state}: only a finished run can be evaluated")
    if all(f"knn_{k}" in known for k in NEIGHBOURS):
        return known
    evaluation, pca = run.evaluation(), run.pca()
    if evaluation.codes is None:
        raise JobError(f"{run.key} has no codes: train it again")
    codes = {"run": evaluation.codes, "pca": pca.encode(metrics.to_unit(evaluation.images))}
    for k in NEIGHBOURS:
        say(f"label of the {k} nearest test codes, for {len(evaluation.labels)} of them")
        count = min(k, len(evaluation.labels) - 1)
        known[f"knn_{k}"] = {name: _accuracy(points, evaluation.labels, count) for name, points in codes.items()}
    RunWriter(run.folder).metrics(known)
    return known


def _accuracy(points: np.ndarray, labels: np.ndarray, k: int) -> float:
    return metrics.neighbour_accuracy(points, labels, k=k) if k else 0.0
