"""One run as its folder tells it: cheap to make, reading what is asked for when it is asked for."""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load as load_tensors

from autoencoder.config import RunConfig
from autoencoder.errors import ConfigError, CorruptRunError
from autoencoder.progress import Checkpoint, Progress
from autoencoder.projections import Pca, Projection
from autoencoder.runs import files
from autoencoder.runs.state import Task, TaskState

MAX_WEIGHTS = 2 << 30  # bytes
T = TypeVar("T")


@dataclass(frozen=True)
class Evaluation:
    """The first 10,000 test images in file order (N, C, H, W) uint8 with their labels (N,).

    Once the run is finished also their codes (N, D) float32 and each one's mean squared error (N,).
    """

    images: np.ndarray
    labels: np.ndarray
    codes: np.ndarray | None = None
    errors: np.ndarray | None = None


@dataclass(frozen=True)
class Snapshot:
    """One epoch: codes of the first 1,000 test images (N, D) and reconstructions of the first 16 (N, C, H, W) uint8."""

    codes: np.ndarray
    reconstructions: np.ndarray


@dataclass(frozen=True)
class DamagedRun:
    """A folder that should be a run and cannot be read as one."""

    key: str
    problem: str


@dataclass(frozen=True)
class Run:
    """A run folder at one moment. `state` adds "interrupted" to what the state file can say."""

    key: str
    folder: Path
    config: RunConfig
    record: TaskState
    state: str

    @classmethod
    def read(cls, folder: Path) -> "Run":
        """Raises CorruptRunError if the folder is not a run."""

        def reading() -> "Run":
            config = RunConfig.from_dict(files.read_json(folder / "config.json"))
            if config.key != folder.name:
                raise ValueError(f"its config belongs to {config.key}")
            task = Task(folder)
            state = task.now()
            return cls(folder.name, folder, config, task.read(), state)

        return _translated(folder.name, reading)

    @property
    def is_live(self) -> bool:
        """Whether it is waiting or being trained, so that its files will change."""
        return self.state in ("queued", "running")

    @property
    def is_trained(self) -> bool:
        """Whether there are weights to look at: final ones, or a checkpoint's."""
        return self._weights_file.exists() or self._checkpoint_file.exists()

    @property
    def class_names(self) -> Sequence[str]:
        """Names of all classes of the data set, by index."""
        return self.config.info.class_names

    @property
    def history(self) -> list[Progress]:
        """One Progress per finished epoch; empty before the first."""
        if not (path := self.folder / "history.jsonl").exists():
            return []
        return _translated(self.key, lambda: [Progress.from_dict(line) for line in files.read_lines(path)])

    @property
    def metrics(self) -> dict[str, Any]:
        """Metric -> {"run": number, "pca": number}, with "split", "samples" and "seed" beside; empty until finished."""
        path = self.folder / "metrics.json"
        return _translated(self.key, lambda: _checked_metrics(files.read_json(path))) if path.exists() else {}

    @property
    def version(self) -> tuple[str, int]:
        """Changes whenever the weights or codes may have: part of every cache key."""
        for path in (self._weights_file, self._checkpoint_file):
            with contextlib.suppress(OSError):
                return path.name, path.stat().st_mtime_ns
        return "", 0

    def snapshots(self) -> list[int]:
        """The epochs that have a snapshot, ascending."""
        if (self.folder / "snapshots").is_symlink():
            return []
        return sorted(int(path.stem) for path in (self.folder / "snapshots").glob("*.npz") if path.stem.isdecimal())

    def snapshot(self, epoch: int) -> Snapshot:
        """What the network did after `epoch` (one of `snapshots`). Raises CorruptRunError."""
        kinds = {"codes": ("f", 2), "reconstructions": ("u", 4)}
        path = self.folder / "snapshots" / f"{epoch:04d}.npz"
        snapshot = _translated(self.key, lambda: Snapshot(**files.read_arrays(path, kinds)))
        self._require(snapshot.codes.shape[1] == self.config.latent_dim, "codes of another size in a snapshot")
        self._require(snapshot.reconstructions.shape[1:] == self.config.shape, "images of another shape in a snapshot")
        return snapshot

    def evaluation(self) -> Evaluation:
        """The test images, and their codes once there are any. Raises CorruptRunError."""
        kinds = {"images": ("u", 4), "labels": ("i", 1), "codes": ("f", 2), "errors": ("f", 1)}
        found = _translated(self.key, lambda: Evaluation(**files.read_arrays(self.folder / "evaluation.npz", kinds)))
        count = len(found.images)
        self._require(count > 0 and found.images.shape[1:] == self.config.shape, "test images of another shape")
        self._require(found.labels.shape == (count,), "labels that do not fit the images")
        self._require(0 <= found.labels.min() and found.labels.max() < len(self.class_names), "labels out of range")
        self._require(found.codes is None or found.codes.shape == (count, self.config.latent_dim), "codes of another shape")
        self._require(found.errors is None or found.errors.shape == (count,), "errors that do not fit the images")
        return found

    def pca(self) -> Pca:
        """Principal components of the training images, as many as latent_dim: the baseline. Raises CorruptRunError."""
        kinds = {"mean": ("f", 1), "components": ("f", 2), "variance": ("f", 1), "total": ("f", 1)}
        found = _translated(self.key, lambda: files.read_arrays(self.folder / "pca.npz", kinds))
        self._require(
            set(found) == set(kinds)
            and found["components"].shape[1:] == found["mean"].shape == (self.config.shape.pixels,)
            and found["variance"].shape == found["components"].shape[:1]
            and found["total"].shape == (1,),
            "no PCA of these images",
        )
        return Pca(found["mean"], found["components"], found["variance"], float(found["total"][0]))

    def has_projection(self, projection: Projection) -> bool:
        """Whether it has been computed and can be read."""
        try:
            return self.projection(projection) is not None
        except CorruptRunError:
            return False

    def projection(self, projection: Projection) -> np.ndarray | None:
        """Coordinates of the first test codes, (N, dimensions); None before they are computed. Raises CorruptRunError."""
        if not (path := self.folder / f"{projection.name}.npz").exists():
            return None
        found = _translated(self.key, lambda: files.read_arrays(path, {"points": ("f", 2)}))
        self._require("points" in found and found["points"].shape[1] == projection.dimensions, "no points in a projection")
        return found["points"]

    def weights(self) -> dict[str, np.ndarray]:
        """The network's arrays by name: the final ones, or the checkpoint's while there are none.

        Raises:
            CorruptRunError: There are none, or they are not those that were saved.
        """
        if not self._weights_file.exists():
            return self.checkpoint().weights
        content = _translated(self.key, lambda: files.read_bytes(self._weights_file, MAX_WEIGHTS))
        self._require(
            hashlib.sha256(content).hexdigest() == _translated(self.key, Task(self.folder).read).weights_sha256,
            "weights that changed after they were saved",
        )
        return self._finite(_translated(self.key, lambda: load_tensors(content)))

    def checkpoint(self) -> Checkpoint:
        """All it takes to go on from where the training last stopped. Raises CorruptRunError."""

        def reading() -> Checkpoint:
            files.read_bytes(self._checkpoint_file, MAX_WEIGHTS)  # refuses what is no regular file, or too large
            with safe_open(self._checkpoint_file, framework="numpy") as file:
                return Checkpoint({name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {}))

        checkpoint = _translated(self.key, reading)
        known = checkpoint.header.pop("sha256", "")
        self._require(known == checkpoint.digest, "a checkpoint that changed after it was saved")
        self._finite(checkpoint.weights)
        return checkpoint

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is something to go on from."""
        return self._checkpoint_file.exists()

    @property
    def _weights_file(self) -> Path:
        return self.folder / "weights.safetensors"

    @property
    def _checkpoint_file(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    def _finite(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        self._require(all(np.isfinite(array).all() for array in arrays.values()), "weights that are not finite")
        return arrays

    def _require(self, condition: bool, problem: str) -> None:
        if not condition:
            raise CorruptRunError(f"the run {self.key} is damaged: it has {problem}")


def _checked_metrics(data: dict[str, Any]) -> dict[str, Any]:
    for name, value in data.items():
        if name in ("split", "samples", "seed"):
            if not isinstance(value, str if name == "split" else int):
                raise ValueError(f"{name} in metrics.json is not what it should be")
        elif not isinstance(value, dict) or not all(_is_number(value.get(model)) for model in ("run", "pca")):
            raise ValueError(f"{name} in metrics.json has no numbers for the run and PCA")
    return data


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) < 1e300


def _translated(key: str, reading: Callable[[], T]) -> T:
    """What `reading` returns; whatever a damaged folder makes it raise becomes a CorruptRunError."""
    try:
        return reading()
    except (OSError, ValueError, TypeError, KeyError, RecursionError, ConfigError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CorruptRunError(f"the run {key} is damaged: {' '.join(reason.split())[:300]}") from error
