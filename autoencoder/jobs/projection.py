"""The projection process: lays a run's test codes or images out by UMAP or t-SNE and keeps the map
in the run's folder.
"""

from dataclasses import replace

import numpy as np

from autoencoder.analysis import projections
from autoencoder.analysis.clustering.faithfulness import faithfulness
from autoencoder.analysis.clustering.space import MOST_COMPARED, scaled
from autoencoder.config.projections import ProjectionSettings
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.runner import Say, Tell, run_side_task
from autoencoder.runs import Run, RunWriter

NEIGHBOURS = 12  # among which a map's trustworthiness and continuity are measured


def project_run(queue: Queue, key: str, settings: ProjectionSettings, say: Say = print) -> str:
    """Compute one projection of a run in this process, unless it is there; returns its final state.

    Raises:
        UnknownRunError, CorruptRunError, JobError, RunBusyError: As for `run_side_task`.
    """

    def work(run: Run, tell: Tell) -> None:
        digest, space, seen = _space(run, settings, tell)
        projection = projections.project(seen, settings, tell)
        tell(f"measuring how far the map by {settings.spec.title} can be trusted")
        trustworthiness, continuity = _scores(space, projection.points)
        projection = replace(
            projection,
            trustworthiness=trustworthiness,
            continuity=continuity,
            weights_sha256=digest,
        )
        RunWriter(run.folder).projection(projection)

    return run_side_task(queue, key, settings.name, work, say)


def _space(
    run: Run, settings: ProjectionSettings, tell: Tell
) -> tuple[str, np.ndarray, np.ndarray]:
    """The sha256 of the weights that matter, the points (N, D) of the space to be shown, and what
    the method sees of them.
    """
    if settings.space == "pixels":
        tell("reading the images")
        images = run.evaluation().images[: settings.points]
        return "", images.reshape(len(images), -1), projections.pixel_space(images)
    tell("reading the codes")
    digest = (
        run.weights_sha256
    )  # before the weights: if they change in between, the projection is made again
    latents = test_latents(run)[: settings.points]
    return digest, latents, latents


def _scores(space: np.ndarray, points: np.ndarray) -> tuple[float, float]:
    """Trustworthiness and continuity of a map, on 2,000 points evenly spread over it, or all that
    there are.
    """
    rows = np.linspace(0, len(points) - 1, min(len(points), MOST_COMPARED)).round().astype(int)
    neighbours = min(NEIGHBOURS, (len(rows) - 1) // 2)  # of more than that, none could be wrong
    return faithfulness(scaled(space[rows]), scaled(points[rows]), neighbours)


def test_latents(run: Run) -> np.ndarray:
    """Codes of the run's test images (N, D): kept ones, or, before the run is finished, those of
    its newest weights.
    """
    evaluation = run.evaluation()
    if evaluation.latents is not None:
        return evaluation.latents
    from autoencoder.networks import inference

    return inference.encode(inference.rebuild(run.config, run.weights()), evaluation.images)
