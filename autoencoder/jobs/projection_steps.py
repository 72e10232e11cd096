"""The job that lays a run's test latents or images out step by step, and keeps the steps in the
run's folder: while it goes on, too, so that a page can show the map move.
"""

from functools import partial
from time import monotonic

import numpy as np

from autoencoder.analysis.projections import ProjectionSteps, Step, umap_steps
from autoencoder.config.projections import ProjectionSettings
from autoencoder.jobs.job import JobKind, RunningJob, require_weights
from autoencoder.jobs.projection import is_name, point_count, points_of
from autoencoder.runs import Run, RunWriter, Task

INTERVAL = 0.2  # seconds between two writes of the steps so far


def lay_out_step_by_step(job: RunningJob) -> None:
    """Compute the steps of the projection that the task's name describes.

    Raises:
        ProjectionError: The points cannot be laid out.
        CorruptRunError: The run does not hold what it should.
    """
    run, settings = job.run, ProjectionSettings.parse_steps(job.task.name)
    digest, _, points = points_of(run, settings, job.notify)
    writer, steps, written = RunWriter(run.folder), [], 0.0
    for step in umap_steps(points, settings, job.notify):
        steps.append(step)
        if monotonic() - written > INTERVAL:
            writer.steps(_joined(settings, steps, digest))
            written = monotonic()
    writer.steps(_joined(settings, steps, digest))


def _joined(settings: ProjectionSettings, steps: list[Step], digest: str) -> ProjectionSteps:
    return ProjectionSteps(
        settings,
        np.array([step.epoch for step in steps]),
        np.stack([step.points for step in steps]),
        np.array([step.loss for step in steps]),
        digest,
    )


def _is_there(task: Task) -> bool:
    return Run.read(task.folder).has_steps(ProjectionSettings.parse_steps(task.name))


def _series(name: str) -> str:
    settings = ProjectionSettings.parse_steps(name)
    return f"{settings.method} of {settings.space} step by step"


JOB = JobKind(
    title="step-by-step map",
    matches=partial(is_name, ProjectionSettings.parse_steps),
    is_done=_is_there,
    work=lay_out_step_by_step,
    check=require_weights,
    points=partial(point_count, ProjectionSettings.parse_steps),
    series=_series,
)
