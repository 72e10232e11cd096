"""What pages show first of a run and a job has to compute: asked for as soon as its training has
finished, so that it is there when a visitor looks.

It starts while no training runs, and the next training cancels it: see `Queue.precompute`.
"""

import contextlib

from autoencoder.analysis.clustering import FEWEST
from autoencoder.config.projections import FEWEST_POINTS, JOBS, ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError
from autoencoder.jobs.clustering import CLUSTERING
from autoencoder.jobs.job import count_test_images
from autoencoder.jobs.queue import Queue
from autoencoder.runs import Run
from autoencoder.runs.series import read_series

MAP_DIMENSIONS = 2  # of latents that are a map themselves


def precompute(queue: Queue, run: Run) -> None:
    """Ask for what pages show first of a finished run, unless the settings say not to, or a lab or
    a sweep had the run made. A queue that cannot take it is no reason for a training to fail.
    """
    is_of_a_series = any(each.created for each in read_series(run.folder))
    if queue.settings.precompute and run.state == "finished" and not is_of_a_series:
        with contextlib.suppress(AutoencoderError):
            queue.precompute(run.key, shown_first(run.config))


def cancel(queue: Queue) -> None:
    """Stop all precomputations, where the queue can be had. They do not disturb a training that an
    engine has started: that is on another machine.
    """
    if not queue.settings.engine_job:
        with contextlib.suppress(AutoencoderError):
            queue.cancel_precomputations()


def shown_first(config: RunConfig) -> list[str]:
    """Names of the tasks: how the classes cluster; and where the latents have too many dimensions
    to be a map, the usual projection that takes a job. None of what needs more test images.
    """
    tasks = {CLUSTERING: FEWEST}
    if config.latent_dim > MAP_DIMENSIONS:
        tasks[ProjectionSettings.usual(JOBS[0]).name] = FEWEST_POINTS
    images = count_test_images(config)
    return [name for name, fewest in tasks.items() if images >= fewest]
