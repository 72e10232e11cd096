"""The teacher: a finished run among whose latents another run looks for the neighbours of its
images (option neighbour_space).
"""

from collections.abc import Callable

import numpy as np

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError, ConfigError
from autoencoder.jobs.neighbour_graph import needs_graph
from autoencoder.runs import Run, RunStore


def may_teach(run: Run, *, dataset: str, latent_dim: int) -> bool:
    """Whether the run is offered as a teacher for trainings with that data set and bottleneck: it
    is finished, of the same data set, and its bottleneck is not smaller.
    """
    config = run.config
    is_large_enough = config.latent_dim >= latent_dim
    return run.state == "finished" and config.dataset == dataset and is_large_enough


def require_teacher(settings: Settings, config: RunConfig) -> None:
    """Check the teacher of a training that would be new.

    Raises ConfigError if it is needed, because the neighbour graph is not kept, and cannot teach.
    """
    is_new = not (settings.models / config.key).exists()
    if is_new and config.neighbour_space and needs_graph(config, settings.data):
        teacher_of(config, RunStore(settings.models))


def teacher_of(config: RunConfig, store: RunStore, fingerprint: str = "") -> Run:
    """The run that `config` names as its teacher.

    Args:
        config: Its neighbour_space is not empty.
        store: Where the run is.
        fingerprint: Of the images of the training, where it is known.

    Raises:
        ConfigError: There is no such run, it is not finished, it was trained on other images, or it
            cannot be read.
    """
    try:
        run = store.get(config.neighbour_space)
        if not (problem := _problem(run, config, fingerprint)):
            run.weights()
            return run
    except AutoencoderError as error:
        problem = str(error)
    raise ConfigError(
        f"neighbour_space must name a finished run of the same images ({config.info.title}),"
        f" because the neighbours are not in the data folder yet; {problem}"
    )


def _problem(run: Run, config: RunConfig, fingerprint: str) -> str:
    """Why the run cannot teach `config`; empty if it can."""
    if run.config.dataset != config.dataset:
        return f"{run.key} was trained on {run.config.info.title}"
    if run.state != "finished":
        return f"{run.key} is {run.state}"
    stored = run.dataset.fingerprint if run.dataset else "unknown"
    if fingerprint and stored != fingerprint:
        return f"the images of {run.key} have the fingerprint {stored} instead of {fingerprint}"
    return ""


def encoder_of(run: Run) -> Callable[[np.ndarray], np.ndarray]:
    """Images (N, C, H, W) uint8 -> the run's latents (N, D). Raises CorruptRunError."""
    from autoencoder.networks import inference

    network = inference.rebuild(run.config, run.weights())
    return lambda images: inference.encode(network, images)
