"""The process that fits a density to a run's training latents, so that a page can draw new latents
from it.
"""

from itertools import count

import numpy as np

from autoencoder.analysis import sampling
from autoencoder.data import loading
from autoencoder.jobs.kinds import MIXTURE
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.runner import Say, Tell, run_side_task
from autoencoder.runs import Run, RunWriter

MOST_IMAGES = 20_000  # the first of the run's training images, in their order


def fit_run(queue: Queue, key: str, say: Say = print) -> str:
    """Fit a Gaussian mixture to the latents of a run's training images, with the run's seed, unless
    it
    is there.

    Returns:
        The task's final state.

    Raises:
        UnknownRunError, CorruptRunError, JobError, RunBusyError: As for `run_side_task`.
    """

    def work(run: Run, tell: Tell) -> None:
        tell("reading the training images")
        train = loading.load(run.config, queue.settings.data, tell).train
        images, labels = train.images[:MOST_IMAGES], train.labels[:MOST_IMAGES]

        tell(f"encoding {len(images):,} training images")
        from autoencoder.networks import inference

        digest = (
            run.weights_sha256
        )  # before the weights: if they change in between, the mixture is fitted again
        latents = inference.encode(inference.rebuild(run.config, run.weights()), images)
        classes, done = len(np.unique(labels)), count()
        mixture = sampling.fit_mixture(
            latents,
            labels,
            seed=run.config.seed,
            say=lambda words: tell(words, next(done) / classes),
        )  # it says something before each class
        RunWriter(run.folder).mixture(mixture, digest)

    return run_side_task(queue, key, MIXTURE, work, say)
