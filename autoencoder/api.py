"""The Python API: train a run, find runs again, and use their networks on arrays of images.

    import autoencoder as ae

    run = ae.train(ae.RunConfig(dataset="digits", latent_dim=2))
    latents = run.encode(run.images[:5])
    images = run.decode(latents)

    leaves = ae.add_dataset("photos/leaves", "leaves", size=(64,))  # a folder for each class
    run = ae.train(ae.RunConfig(**leaves, latent_dim=2))

Shapes: N = images, (C, H, W) = shape of an image, D = latent_dim.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autoencoder.config.adding import AddOptions
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import added
from autoencoder.data.added import require_free
from autoencoder.errors import RunError
from autoencoder.jobs import Queue
from autoencoder.jobs.teacher import require_teacher
from autoencoder.jobs.torchrun import processes_of, require_processes
from autoencoder.jobs.workers import train_in_processes
from autoencoder.progress import ProgressCallback, print_words
from autoencoder.runs import Evaluation, Run, RunStore

if TYPE_CHECKING:
    from autoencoder.networks.modules import Autoencoder

__all__ = [
    "RunConfig",
    "TrainedRun",
    "add_dataset",
    "dataset_options",
    "list_runs",
    "load",
    "train",
]


@dataclass(frozen=True)
class TrainedRun:
    """A run that has weights: its network, its test images, and how well it does.

    What is read from its folder is read when it is first used. CorruptRunError is raised where the
    folder is damaged.
    """

    run: Run

    def __repr__(self) -> str:
        return f"TrainedRun({self.key!r}, {self.run.state})"

    @property
    def key(self) -> str:
        """The name of its folder, by which `load` finds it."""
        return self.run.key

    @property
    def config(self) -> RunConfig:
        """What it was trained with."""
        return self.run.config

    @property
    def metrics(self) -> dict[str, Any]:
        """Metric -> {"run": number, "pca": number}; empty until the training has finished."""
        return self.run.metrics

    @property
    def images(self) -> np.ndarray:
        """The test images it keeps: (N, C, H, W) uint8."""
        return self._evaluation.images

    @property
    def labels(self) -> np.ndarray:
        """Class indices of the test images, (N,)."""
        return self._evaluation.labels

    @cached_property
    def latents(self) -> np.ndarray:
        """Latents of the test images, (N, D) float32."""
        kept = self._evaluation.latents
        return self.encode(self.images) if kept is None else kept

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Images (N, C, H, W) uint8 -> latents (N, D) float32."""
        from autoencoder.networks import inference

        return inference.encode(self._network, images)

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents (N, D) -> images (N, C, H, W) float32 in [0, 1]."""
        from autoencoder.networks import inference

        return inference.decode(self._network, latents).clip(0, 1)

    def reconstruct(self, images: np.ndarray) -> np.ndarray:
        """Images (N, C, H, W) uint8 -> what comes back of them, float32 in [0, 1]."""
        return self.decode(self.encode(images))

    @cached_property
    def _evaluation(self) -> Evaluation:
        return self.run.evaluation()

    @cached_property
    def _network(self) -> "Autoencoder":
        from autoencoder.networks import inference

        return inference.rebuild(self.run.config, self.run.weights())


def list_runs(models: str | None = None) -> list[TrainedRun]:
    """Every run that has weights and can be read, newest first.

    Args:
        models: The folder of runs; by default that of the settings (AUTOENCODER_MODELS, else
            models/).
    """
    store = _store(models)
    return [TrainedRun(run) for run in store.runs(len(store.keys())) if run.is_trained]


def load(key: str, models: str | None = None) -> TrainedRun:
    """The run of that key.

    Raises:
        UnknownRunError: There is none in the folder `models` (see `list_runs`).
        CorruptRunError: There is one, and it is damaged.
        RunError: It has no weights before its first epoch is done.
    """
    run = _store(models).get(key)
    if not run.is_trained:
        raise RunError(f"{key} has no weights before its first epoch is done")
    return TrainedRun(run)


def train(
    config: RunConfig,
    models: str | None = None,
    data: str | None = None,
    *,
    processes: int = 0,
    notify: ProgressCallback = print_words,
) -> TrainedRun:
    """Train a run in this process, as `python -m autoencoder train` does, and return it; one that
    is finished is returned as it is, one that was stopped goes on.

    Args:
        config: What to train.
        models: The folder of runs (see `list_runs`).
        data: The folder of data sets; by default that of the settings (AUTOENCODER_DATA, else a
            cache folder).
        processes: On how many processes, which torchrun then starts beside this one; by default 1,
            or as many as the run was started with.
        notify: Called with each step in words; printed by default.

    Raises:
        ConfigError: This machine has not the memory to train it, or too few cores or GPUs for the
            processes, or its teacher cannot teach.
        JobError: The run goes on from a checkpoint of another number of processes.
        RunBusyError: Another process is training it.
        RunError: It did not finish, or its folder cannot be written.
    """
    queue = Queue(Settings.from_environment(models, data))
    require_processes(processes or 1, config)
    require_teacher(queue.settings, config)
    queue.store.claim(config, "stopped")
    run = queue.store.get(config.key)
    if run.state != "finished":
        if (count := processes_of(run, processes)) > 1:
            run = train_in_processes(queue, config.key, count, notify)
        else:
            from autoencoder.jobs.training import train_run

            run = train_run(queue, config.key, notify=notify)
    if run.state != "finished":
        raise RunError(f"{run.key} {run.state}: {run.record.error or 'train it again to go on'}")
    return TrainedRun(run)


def add_dataset(
    source: str | Path,
    name: str,
    data: str | None = None,
    *,
    title: str = "",
    notify: ProgressCallback = print_words,
    **options: Any,
) -> dict[str, Any]:
    """Add a data set in this process, as `python -m autoencoder data add` does.

    Args:
        source: A folder of images with a folder for each class; a .zip, .tar or .tar.gz of one; a
            .npz with images (N, H, W) or (N, H, W, 3) uint8 and perhaps labels; or IDX files.
        name: By which runs choose it.
        data: The folder of data sets (see `train`).
        title: On pages; empty: the name.
        notify: Called with each step in words; printed by default.
        **options: Of AddOptions: size, colour, fit, test, seed.

    Returns:
        The arguments of RunConfig that choose it.

    Raises:
        ConfigError: An option, or the name, breaks its rule.
        DatasetError: There is a data set of that name, or the source has no images that can be
            read.
    """
    from autoencoder.data.adding import prepare, survey

    folder, chosen = Settings.from_environment(None, data).data, AddOptions(**options)
    require_free(name, folder)
    prepare(survey(Path(source), notify=notify), name, chosen, folder, title=title, notify=notify)
    return dataset_options(name, data)


def dataset_options(name: str, data: str | None = None) -> dict[str, Any]:
    """The arguments of RunConfig that choose this data set, built in or added: as in
    `RunConfig(**dataset_options("leaves"), latent_dim=2)`. Raises DatasetError if there is none.
    """
    return dict(added.dataset_options(name, Settings.from_environment(None, data).data))


def _store(models: str | None) -> RunStore:
    return RunStore(Settings.from_environment(models).models)
