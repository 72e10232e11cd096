"""The projection process: lays a run's test codes out by UMAP or t-SNE and keeps the result in the run's folder."""

import numpy as np

from autoencoder import projections
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.side import Say, run_side_task
from autoencoder.projections import METHODS, MOST_POINTS, Projection
from autoencoder.runs import Run, RunWriter


def project_run(queue: Queue, key: str, projection: Projection, say: Say = print) -> str:
    """Compute one projection of a run's codes in this process, unless it is there; returns its final state.

    Raises:
        UnknownRunError, CorruptRunError, JobError, RunBusyError: As for `run_side_task`.
    """

    def work(run: Run, step: Say) -> None:
        step("reading the codes")
        codes = test_codes(run)[:MOST_POINTS]
        step(f"laying out {len(codes):,} test codes with {METHODS[projection.method]}")
        RunWriter(run.folder).projection(projection, projections.project(codes, projection))

    return run_side_task(queue, key, projection.name, work, say)


def test_codes(run: Run) -> np.ndarray:
    """Codes of the run's test images (N, D): kept ones, or, before the run is finished, those of its newest weights."""
    evaluation = run.evaluation()
    if evaluation.codes is not None:
        return evaluation.codes
    from autoencoder import inference

    return inference.encode(inference.rebuild(run.config, run.weights()), evaluation.images)
