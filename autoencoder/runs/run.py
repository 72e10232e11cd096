"""A run: its state and config, and methods that read the rest of its folder when called."""

import contextlib
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from autoencoder.analysis.projections import Pca, Projection, ProjectionSteps
from autoencoder.analysis.sampling import Mixture
from autoencoder.config import format_1
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError, CorruptRunError
from autoencoder.runs import arrays, dataset, files, weights
from autoencoder.runs.arrays import Clustering, Evaluation, Snapshot
from autoencoder.runs.dataset import StoredDataset
from autoencoder.runs.format_1 import CLUSTERING as OLD_CLUSTERING
from autoencoder.runs.history import read_history
from autoencoder.runs.metrics import read_metrics
from autoencoder.runs.state import Task, TaskState
from autoencoder.training.progress import Checkpoint, Progress
from autoencoder.validation import JsonObject

UNLABELLED = ("image",)
SHA256 = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")


@dataclass(frozen=True)
class DamagedRun:
    """A folder that should be a run and cannot be read as one."""

    key: str
    problem: str


@dataclass(frozen=True)
class Run:
    """A run folder at one moment.

    Attributes:
        key: Its name, and that of the folder.
        record: The state file.
        state: As in the state file; "interrupted" if that says running and nobody holds the lock.
        is_read_only: Whether an earlier version made it: it can be looked at, deleted, and trained
            again under a new key, and nothing is added to its folder.
    """

    key: str
    folder: Path
    config: RunConfig
    record: TaskState
    state: str
    is_read_only: bool = False

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Raises CorruptRunError if the folder is not a run."""

        def reading() -> "Run":
            stored = files.read_json(folder / "config.json", JsonObject, files.MAX_CONFIG)
            is_old = stored.get("format") == format_1.FORMAT
            config, key = format_1.read(stored) if is_old else _config(stored)
            if key != folder.name:
                raise ValueError(f"its config belongs to {key}")
            task = Task(folder)
            state = task.now()
            record = task.read()
            if record.progress and record.progress.epochs != config.epochs:
                raise ValueError(f"its progress is not one of {config.epochs} epochs")
            return cls(folder.name, folder, config, record, state, is_read_only=is_old)

        return _translated(folder.name, reading)

    @property
    def is_live(self) -> bool:
        """Whether it is waiting or being trained, so that its files will change."""
        return self.state in ("queued", "running")

    @property
    def is_trained(self) -> bool:
        """Whether there are weights, final ones or a checkpoint's."""
        return self._weights_file.exists() or self._checkpoint_file.exists()

    @property
    def class_names(self) -> Sequence[str]:
        """Names of all classes of the data set, by index; one for all images without labels."""
        return self.config.info.class_names or UNLABELLED

    @property
    def is_labelled(self) -> bool:
        """Whether the images have labels, be it those of a single class."""
        return bool(self.config.info.class_names)

    def images_in_words(self, count: int) -> str:
        """The first `count` of its test images, in words: "all 10,000 test images"."""
        which = "all" if count >= self.config.info.test else "the first"
        return f"{which} {count:,} test images"

    @property
    def has_classes(self) -> bool:
        """Whether the data set has at least two classes, so that there is something to tell by
        them.
        """
        return self.config.info.has_classes

    @property
    def dataset(self) -> StoredDataset | None:
        """What its images are; None before its training has read them. Raises CorruptRunError."""
        if not (path := self.folder / dataset.FILE).exists():
            return None
        return _translated(self.key, lambda: dataset.read_dataset(path, self.config))

    @property
    def history(self) -> list[Progress]:
        """One Progress per finished epoch; empty before the first."""
        if not (path := self.folder / "history.jsonl").exists():
            return []
        return _translated(self.key, lambda: read_history(path, self.config))

    @property
    def metrics(self) -> dict[str, Any]:
        """Metric -> {"run": number, "pca": number}, with "split", "samples", "seed" and
        "dead_units" (layer -> count, not in runs of earlier versions) beside; empty until finished.
        """
        if not (path := self.folder / "metrics.json").exists():
            return {}
        return _translated(self.key, lambda: read_metrics(path, self.config))

    @property
    def version(self) -> tuple[str, int]:
        """Changes whenever the weights or latents may have changed: part of every cache key."""
        for path in (self._weights_file, self._checkpoint_file):
            with contextlib.suppress(OSError):
                return path.name, path.stat().st_mtime_ns
        return "", 0

    def log(self, most: int) -> str:
        """The last `most` bytes of what its trainings wrote; empty if that cannot be read."""
        with contextlib.suppress(OSError, ValueError):
            return files.read_end(Task(self.folder).log_file, most).decode(errors="replace")
        return ""

    def snapshots(self) -> list[int]:
        """The epochs that have a snapshot, ascending."""
        folder = self.folder / "snapshots"
        if folder.is_symlink():
            return []
        names = {path.name for path in folder.glob("*.npz")}
        return [epoch for epoch in range(1, self.config.epochs + 1) if _file_of(epoch) in names]

    def snapshot(self, epoch: int) -> Snapshot:
        """What the network did after `epoch` (one of `snapshots`). Raises CorruptRunError."""
        path = self.folder / "snapshots" / _file_of(epoch)
        return _translated(self.key, lambda: arrays.read_snapshot(path, self.config))

    def evaluation(self) -> Evaluation:
        """The test images, and their latents once there are any. Raises CorruptRunError."""
        return _translated(
            self.key, lambda: arrays.read_evaluation(self.folder / "evaluation.npz", self.config)
        )

    def first_images(self, count: int) -> np.ndarray:
        """The first `count` test images (N, C, H, W) uint8, in a fraction of the time that
        `evaluation` takes. Raises CorruptRunError.
        """
        path = self.folder / "evaluation.npz"
        return _translated(self.key, lambda: arrays.read_first_images(path, self.config, count))

    def pca(self) -> Pca:
        """Principal components of the training images, as many as latent_dim: the baseline.

        Raises CorruptRunError.
        """
        return _translated(self.key, lambda: arrays.read_pca(self.folder / "pca.npz", self.config))

    def has_projection(self, settings: ProjectionSettings) -> bool:
        """Whether there is one of the present weights that can be read."""
        return _readable(lambda: self.projection(settings))

    def projection(self, settings: ProjectionSettings) -> Projection | None:
        """Where the first test images lie; None until computed from the present weights.

        A projection of pixels needs no weights. One from an earlier version does not say which
        weights it had; in a finished run these are the present ones. Raises CorruptRunError.
        """
        if not (path := self.folder / f"{settings.name}.npz").exists():
            return None
        projection = _translated(
            self.key, lambda: arrays.read_projection(path, settings, self.config)
        )
        if projection.weights_sha256:
            return projection if projection.weights_sha256 == self.weights_sha256 else None
        return projection if settings.space == "pixels" or self.state == "finished" else None

    def has_steps(self, settings: ProjectionSettings) -> bool:
        """Whether all steps of a projection of the present weights are there and can be read."""
        return _readable(lambda: self.steps(settings, complete=True))

    def steps(
        self, settings: ProjectionSettings, *, complete: bool = False
    ) -> ProjectionSteps | None:
        """The steps of a projection, those that are there so far, or only if all of them are; None
        until there are any of the present weights. Raises CorruptRunError.
        """
        if not (path := self.folder / f"{settings.steps_name}.npz").exists():
            return None
        steps = _translated(self.key, lambda: arrays.read_steps(path, settings, self.config))
        if complete and not steps.is_complete:
            return None
        if settings.space == "pixels" or steps.weights_sha256 == self.weights_sha256:
            return steps
        return None

    def has_mixture(self) -> bool:
        """Whether one has been fitted to the latents of these weights and can be read."""
        return _readable(self.mixture)

    def mixture(self) -> Mixture | None:
        """The density of the training latents; None until fitted to those of the present weights.

        Raises CorruptRunError.
        """
        if not (path := self.folder / "mixture.npz").exists():
            return None
        mixture, digest = _translated(self.key, lambda: arrays.read_mixture(path, self.config))
        return mixture if digest == self.weights_sha256 else None

    def has_clustering(self) -> bool:
        """Whether there is a clustering of the present weights that can be read."""
        return _readable(self.clustering)

    def clustering(self) -> Clustering | None:
        """How the classes cluster; None until it was measured on the finished run's latents.

        Raises CorruptRunError.
        """
        name = OLD_CLUSTERING if self.is_read_only else "clustering.npz"
        if self.state != "finished" or not (path := self.folder / name).exists():
            return None
        clustering, digest = _translated(
            self.key, lambda: arrays.read_clustering(path, self.config)
        )
        return clustering if digest == self.weights_sha256 else None

    @property
    def weights_sha256(self) -> str:
        """sha256 of the weights file or of the checkpoint, recorded when it was saved.

        Raises CorruptRunError.
        """
        if self._weights_file.exists():
            return _translated(self.key, Task(self.folder).read).weights_sha256
        header = _translated(
            self.key, lambda: weights.read_checkpoint_header(self._checkpoint_file)
        )
        recorded = header.get("sha256", "")
        self._require(
            not recorded or bool(SHA256.fullmatch(recorded)), "a checkpoint without its sha256"
        )
        return recorded

    def weights(self) -> dict[str, np.ndarray]:
        """The network's arrays by name: the final ones, or the checkpoint's while there are none.

        Raises:
            CorruptRunError: There are none, they are not those that were saved, or they are another
            network's.
        """
        is_final = self._weights_file.exists()
        tensors = self._final_weights() if is_final else self.checkpoint().weights
        self._require(
            weights.are_of(tensors, self.config), "weights that are not those of this network"
        )
        return tensors

    def _final_weights(self) -> dict[str, np.ndarray]:
        content = _translated(
            self.key, lambda: weights.read_content(self._weights_file, self.config)
        )
        self._require(
            hashlib.sha256(content).hexdigest() == self.weights_sha256,
            "weights that changed after they were saved",
        )
        tensors = _translated(self.key, lambda: load_tensors(content))
        return self._checked(weights.as_float32(tensors))

    def checkpoint(self) -> Checkpoint:
        """All that is needed to go on where the training stopped. Raises CorruptRunError."""
        checkpoint = _translated(
            self.key, lambda: weights.read_checkpoint(self._checkpoint_file, self.config)
        )
        recorded = checkpoint.header.pop("sha256", "")
        self._require(recorded == checkpoint.digest, "a checkpoint that changed after it was saved")
        self._checked(checkpoint.weights)
        return checkpoint

    @property
    def has_checkpoint(self) -> bool:
        """Whether the training can go on from a checkpoint."""
        return self._checkpoint_file.exists()

    @property
    def _weights_file(self) -> Path:
        return self.folder / "weights.safetensors"

    @property
    def _checkpoint_file(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    def _checked(self, tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self._require(
            weights.are_numbers(tensors), "weights that are not finite numbers of 32 bits"
        )
        return tensors

    def _require(self, condition: bool, problem: str) -> None:
        if not condition:
            raise CorruptRunError(f"the run {self.key} is damaged: it has {problem}")


def _file_of(epoch: int) -> str:
    """The name of the snapshot of an epoch."""
    return f"{epoch:04d}.npz"


def _config(stored: JsonObject) -> tuple[RunConfig, str]:
    config = RunConfig.from_dict(stored)
    return config, config.key


def _readable(reading: Callable[[], object]) -> bool:
    """Whether `reading` returns something, and not None or a CorruptRunError."""
    try:
        return reading() is not None
    except CorruptRunError:
        return False


def _translated(key: str, reading: Callable[[], T]) -> T:
    """What `reading` returns; errors that come from a damaged folder become a CorruptRunError."""
    try:
        return reading()
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        ConfigError,
        SafetensorError,
    ) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CorruptRunError(
            f"the run {key} is damaged: {' '.join(reason.split())[:300]}"
        ) from error
