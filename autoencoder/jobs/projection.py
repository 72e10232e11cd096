"""The job that lays a run's test latents or images out by UMAP or t-SNE, and keeps the map in the
run's folder.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from autoencoder.analysis import projections
from autoencoder.analysis.clustering.faithfulness import faithfulness
from autoencoder.analysis.clustering.space import MOST_COMPARED, scaled
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ProjectionError
from autoencoder.jobs.job import JobKind, RunningJob, count_test_images, require_weights
from autoencoder.progress import ProgressCallback
from autoencoder.runs import Run, RunWriter, Task

NEIGHBOURS = 12  # among which a map's trustworthiness and continuity are measured

Parse = Callable[[str], ProjectionSettings]  # a task's name; raises ProjectionError for another


def project(job: RunningJob) -> None:
    """Compute the projection that the task's name describes.

    Raises:
        ProjectionError: The points cannot be laid out.
        CorruptRunError: The run does not hold what it should.
    """
    run, settings = job.run, ProjectionSettings.parse(job.task.name)
    digest, space, seen = points_of(run, settings, job.notify)
    projection = projections.project(seen, settings, job.notify)
    job.notify(f"measuring the trustworthiness of the map by {settings.spec.title}")
    trustworthiness, continuity = _scores(space, projection.points)
    projection = replace(
        projection,
        trustworthiness=trustworthiness,
        continuity=continuity,
        weights_sha256=digest,
    )
    RunWriter(run.folder).projection(projection)


def points_of(
    run: Run, settings: ProjectionSettings, notify: ProgressCallback
) -> tuple[str, np.ndarray, np.ndarray]:
    """The sha256 of the weights that matter, the points (N, D) of the space to be shown, and what
    the method sees of them.
    """
    if settings.space == "pixels":
        notify("reading the images")
        images = run.evaluation().images[: settings.points]
        return "", images.reshape(len(images), -1), projections.pixel_space(images)
    notify("reading the latents")
    # Before the weights: if they change in between, the projection is made again.
    digest = run.weights_sha256
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
    """Latents of the run's test images (N, D): kept ones, or, before the run is finished, those of
    its newest weights.
    """
    evaluation = run.evaluation()
    if evaluation.latents is not None:
        return evaluation.latents
    from autoencoder.networks import inference

    return inference.encode(inference.rebuild(run.config, run.weights()), evaluation.images)


def is_name(parse: Parse, name: str) -> bool:
    """Whether a task's name is one that `parse` takes."""
    try:
        return bool(parse(name))
    except ProjectionError:
        return False


def point_count(parse: Parse, config: RunConfig, name: str) -> int:
    """How many points a run has for the projection of that name, about."""
    return min(parse(name).points, count_test_images(config))


def _is_there(task: Task) -> bool:
    return Run.read(task.folder).has_projection(ProjectionSettings.parse(task.name))


def _series(name: str) -> str:
    settings = ProjectionSettings.parse(name)
    return f"{settings.method} of {settings.space} in {settings.dimensions}"


JOB = JobKind(
    title="projection",
    matches=partial(is_name, ProjectionSettings.parse),
    is_done=_is_there,
    work=project,
    check=require_weights,
    points=partial(point_count, ProjectionSettings.parse),
    series=_series,
)
