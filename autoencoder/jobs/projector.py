"""The projection process: lays a run's test codes out by UMAP or t-SNE and keeps the result in the run's folder."""

import os
from collections.abc import Callable

import numpy as np

from autoencoder import projections
from autoencoder.errors import AutoencoderError, JobError, RunBusyError
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import StopWatch
from autoencoder.projections import METHODS, MOST_POINTS, Projection
from autoencoder.runs import Run, RunWriter, Task, TaskState
from autoencoder.runs.state import timestamp

Say = Callable[[str], None]
LOCK_PATIENCE = 2.0


def project_run(queue: Queue, key: str, projection: Projection, say: Say = print) -> str:
    """Compute one projection of a run's codes in this process, unless it is there; returns its final state.

    Raises:
        UnknownRunError, CorruptRunError: There is no such run.
        RunBusyError: Another process is computing it.
    """
    run = queue.store.get(key)
    if not run.is_trained:
        raise JobError(f"{key} has no codes to project before its first epoch is done")
    task = Task(run.folder, projection.name)
    lock = task.lock()
    if not lock.acquire(LOCK_PATIENCE):
        raise RunBusyError(f"{projection.name} of {key} is already being computed by another process")
    stop = StopWatch(task)
    try:
        task.write(TaskState("running", pid=os.getpid(), step="reading the codes", started=timestamp()))
        if run.has_projection(projection):
            stop.finish("finished")
            return "finished"
        with stop.watching():
            try:
                codes = test_codes(run)[:MOST_POINTS]
                words = f"laying out {len(codes):,} test codes with {METHODS[projection.method]}"
                stop.update(step=words)
                say(words)
                RunWriter(run.folder).projection(projection, projections.project(codes, projection))
                stop.finish("finished")
            except AutoencoderError as error:
                stop.finish("failed", error=str(error))
            except Exception as error:
                stop.finish("failed", error=f"unexpected {type(error).__name__}: {str(error)[:300]}")
                raise
        return task.read().state
    finally:
        lock.release()
        queue.tick()


def test_codes(run: Run) -> np.ndarray:
    """Codes of the run's test images (N, D): kept ones, or, before the run is finished, those of its newest weights."""
    evaluation = run.evaluation()
    if evaluation.codes is not None:
        return evaluation.codes
    from autoencoder import inference

    return inference.encode(inference.rebuild(run.config, run.weights()), evaluation.images)
