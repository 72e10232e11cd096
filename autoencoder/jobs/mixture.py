"""The job that fits a density to a run's training latents, so that a page can draw new latents from
it.
"""

from autoencoder.analysis import sampling
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.jobs.job import JobKind, RunningJob, require_weights
from autoencoder.runs import Run, RunWriter

MIXTURE = "mixture"  # the task's name
MOST_IMAGES = 20_000  # the first of the run's training images, in their order


def fit(job: RunningJob) -> None:
    """Fit a Gaussian mixture to the latents of a run's training images, with the run's seed.

    Raises:
        DatasetError: The training images cannot be had.
        CorruptRunError, SamplingError: The run does not hold what it should.
    """
    run = job.run
    job.notify("reading the training images")
    train = loading.load(run.config, job.settings.data, job.notify).train
    images, labels = train.images[:MOST_IMAGES], train.labels[:MOST_IMAGES]

    job.notify(f"encoding {len(images):,} training images")
    from autoencoder.networks import inference

    # Before the weights: if they change in between, the mixture is fitted again.
    digest = run.weights_sha256
    latents = inference.encode(inference.rebuild(run.config, run.weights()), images)
    mixture = sampling.fit_mixture(latents, labels, seed=run.config.seed, notify=job.notify)
    RunWriter(run.folder).mixture(mixture, digest)


def _training_images(config: RunConfig, name: str) -> int:
    return min(MOST_IMAGES, config.train_size or config.info.train)


JOB = JobKind(
    title="mixture",
    matches=lambda name: name == MIXTURE,
    is_done=lambda task: Run.read(task.folder).has_mixture(),
    work=fit,
    check=require_weights,
    points=_training_images,
)
