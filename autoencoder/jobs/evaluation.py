"""What a trained run is worth, in numbers: against the test images and against PCA at the same
dimension.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autoencoder.analysis import metrics, projections
from autoencoder.analysis.clustering import sentences
from autoencoder.analysis.threads import one_thread
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.data import loading
from autoencoder.data.dataset import Split
from autoencoder.errors import CorruptRunError, JobError
from autoencoder.jobs.job import require_writable
from autoencoder.progress import ProgressCallback, part_of
from autoencoder.runs import NeighbourErrors, Run, RunWriter, Task

if TYPE_CHECKING:
    from autoencoder.config.run_config import RunConfig
    from autoencoder.networks.modules import Autoencoder


def measure(
    network: "Autoencoder",
    config: "RunConfig",
    train_images: np.ndarray,
    images: np.ndarray,
    labels: np.ndarray,
    writer: RunWriter,
) -> None:
    """Write the finished run's evaluation, baseline and metrics.

    Images are uint8; `images` and `labels` are the test's.
    """
    from autoencoder.analysis.inspection import dead_units
    from autoencoder.networks import inference

    latents, reconstructions = (
        inference.encode(network, images),
        inference.reconstruct(network, images),
    )
    unit = metrics.to_unit(images)
    pca = projections.fit_pca(train_images, config.latent_dim)
    baseline = pca.decode(pca.encode(unit)).reshape(unit.shape)

    pairs = {
        "run": metrics.Reconstructed(images, reconstructions),
        "pca": metrics.Reconstructed(images, baseline),
    }
    table: dict[str, Any] = {
        name: {model: function(pair) for model, pair in pairs.items()}
        for name, function in metrics.RECONSTRUCTION.items()
    }

    writer.pca(pca)
    writer.evaluation(images, labels, latents, pairs["run"].errors)
    about = {"split": "test", "samples": len(images), "seed": config.seed}
    writer.metrics({**table, "dead_units": dead_units(network, images), **about})


def summed_up(run: Run, *, full: bool = False) -> dict[str, Any]:
    """All numbers of a run by name, as plain JSON.

    Args:
        run: A finished run.
        full: Whether to say what `add_neighbour_errors` found.

    Returns:
        As `Run.metrics`; beside them each of CLUSTERING_METRICS, with a mean and its spread in
        the latents, in pixels and in PCA, all of them None before they are measured; the clustering
        "sentences"; and, if wanted and known, "nn_error_full".

    Raises:
        CorruptRunError: The run does not hold what it should.
    """
    clustering = run.clustering()
    known = {
        name: value
        for name, value in run.metrics.items()
        if name not in (*CLUSTERING_METRICS, "sentences", "nn_error_full")
    }
    if not {"split", "samples", "seed"} <= known.keys():
        raise CorruptRunError(f"the run {run.key} is damaged: it has no complete metrics.json")
    if clustering is None:
        return {**known, **dict.fromkeys(CLUSTERING_METRICS), "sentences": []}
    measured = clustering.scores.to_dict()
    names = run.class_names if run.is_labelled else ()
    words = {"sentences": sentences(clustering.scores, names)}
    errors = {"nn_error_full": clustering.errors.to_dict()} if full and clustering.errors else {}
    return {**known, **{name: measured[name] for name in CLUSTERING_METRICS}, **words, **errors}


def add_neighbour_errors(run: Run, data: Path, notify: ProgressCallback) -> None:
    """Measure the 1-NN errors of a run whose clustering is known, against all of its training
    images;
    they are kept, and not measured a second time. Nothing is measured without two classes.

    Args:
        run: The run.
        data: Folder of the data sets.
        notify: Hears before each step what comes next, and the fraction of the work that is done.

    Raises:
        JobError: The clustering of the run is not known, its latents are not finite, or the run is
            read-only.
        CorruptRunError, DatasetError: The run, or the data set, does not hold what it should.
    """
    clustering, digest, evaluation = run.clustering(), run.weights_sha256, run.evaluation()
    if clustering is None or evaluation.latents is None:
        raise JobError(f"{run.key} has no clustering yet: evaluate it first")
    if clustering.errors is not None or not run.has_classes:
        return
    require_writable(Task(run.folder))
    pca, train, latents = run.pca(), *_training_latents(run, data, notify)
    spaces = {
        "latents": (latents, evaluation.latents),
        "pca": (pca.encode(train.images), pca.encode(evaluation.images)),
    }
    by_space = {}
    for number, (name, (known, asked)) in enumerate(spaces.items()):
        notify(
            f"the nearest of {len(train):,} training"
            f" {'latents' if name == 'latents' else 'latents of PCA'}",
            0.3 + 0.4 * number,
        )
        by_space[name] = _neighbour_error(known, train.labels, asked, evaluation.labels)
    errors = NeighbourErrors(**by_space, train=len(train), test=len(evaluation.labels))
    RunWriter(run.folder).clustering(replace(clustering, errors=errors), digest)


def _training_latents(run: Run, data: Path, notify: ProgressCallback) -> tuple[Split, np.ndarray]:
    """All images the run was trained on, and their latents."""
    notify("reading the training images", 0.0)
    train = loading.load(run.config, data, part_of(notify, 0.0, 0.0)).train
    notify(f"encoding {len(train):,} training images", 0.05)
    from autoencoder.networks import inference

    inference.use_one_thread()
    return train, inference.encode(inference.rebuild(run.config, run.weights()), train.images)


def _neighbour_error(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> float:
    try:
        with one_thread():
            return metrics.neighbour_error(train, train_labels, test, test_labels)
    except ValueError as error:
        raise JobError(f"the training latents cannot be compared: {error}") from error
