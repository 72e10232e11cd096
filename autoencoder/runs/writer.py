"""The writer of a run's folder, for the processes that work on the run.

Files are replaced as a whole; only the history grows, by whole lines.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import to_builtins
from safetensors.numpy import save as save_tensors

from autoencoder.analysis.projections import Pca, Projection, ProjectionSteps
from autoencoder.analysis.sampling import Mixture
from autoencoder.runs import dataset as dataset_file
from autoencoder.runs import files
from autoencoder.runs.arrays import (
    Clustering,
    write_clustering,
    write_mixture,
    write_projection,
    write_steps,
)
from autoencoder.runs.dataset import StoredDataset
from autoencoder.runs.files import SCRATCH
from autoencoder.training.progress import Checkpoint, Progress
from autoencoder.validation import JsonObject


class RunWriter:
    """Writes into one run's folder. Errors of the disk pass through as OSError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dataset(self, dataset: StoredDataset) -> None:
        """What the run's images are."""
        files.write_json(self.folder / dataset_file.FILE, to_builtins(dataset))

    def test_images(self, images: np.ndarray, labels: np.ndarray) -> None:
        """The test images, before there are latents of them."""
        files.write_arrays(self.folder / "evaluation.npz", {"images": images, "labels": labels})

    def evaluation(
        self, images: np.ndarray, labels: np.ndarray, latents: np.ndarray, errors: np.ndarray
    ) -> None:
        """The test images with their latents and errors by the trained network."""
        arrays = {
            "images": images,
            "labels": labels,
            "latents": latents,
            "errors": errors.astype(np.float32),
        }
        files.write_arrays(self.folder / "evaluation.npz", arrays)

    def epoch(
        self,
        progress: Progress,
        latents: np.ndarray,
        reconstructions: np.ndarray,
        checkpoint: Checkpoint,
    ) -> None:
        """One finished epoch: snapshot, then history, then the checkpoint that makes it final."""
        (self.folder / "snapshots").mkdir(exist_ok=True)
        pixels = np.rint(reconstructions.clip(0, 1) * 255).astype(np.uint8)
        arrays = {
            "latents": latents.clip(-6e4, 6e4).astype(np.float16),  # which ends at 65,504
            "reconstructions": pixels,
        }
        files.write_arrays(self.folder / "snapshots" / f"{progress.epoch:04d}.npz", arrays)
        files.append_line(self.folder / "history.jsonl", progress.to_dict())
        self.checkpoint(checkpoint)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        """All that is needed to go on from here."""
        header = {**checkpoint.header, "sha256": checkpoint.digest}
        files.write_bytes(
            self.folder / "checkpoint.safetensors", save_tensors(checkpoint.arrays, header)
        )

    def rewind(self, epochs: int) -> None:
        """Keep only the first `epochs` of history and snapshots, before a training goes on from
        there.

        Also removes scratch files of a process that was killed while it wrote: the caller holds the
        lock, so that nobody else is writing.
        """
        for folder in (self.folder, self.folder / "snapshots"):
            for path in folder.glob(".*"):
                if SCRATCH.fullmatch(path.name):
                    path.unlink(missing_ok=True)
        history = self.folder / "history.jsonl"
        lines = files.read_lines(history, JsonObject)[:epochs] if history.exists() else []
        files.write_bytes(history, "".join(json.dumps(line) + "\n" for line in lines).encode())
        snapshots = self.folder / "snapshots"
        if snapshots.is_symlink():
            snapshots.unlink()
        for path in snapshots.glob("*.npz"):
            if not path.stem.isdecimal() or int(path.stem) > epochs:
                path.unlink()

    def weights(self, arrays: Mapping[str, np.ndarray], record: Callable[[str], object]) -> None:
        """The trained network. `record` writes its sha256 first: no reader sees weights without."""
        content = save_tensors(dict(arrays))
        record(hashlib.sha256(content).hexdigest())
        files.write_bytes(self.folder / "weights.safetensors", content)

    def drop_checkpoint(self) -> None:
        """Remove the checkpoint, which nothing needs once the weights are final."""
        (self.folder / "checkpoint.safetensors").unlink(missing_ok=True)

    def pca(self, pca: Pca) -> None:
        """The baseline."""
        arrays = {
            "mean": pca.mean,
            "components": pca.components,
            "variance": pca.variance,
            "total": np.array([pca.total]),
        }
        files.write_arrays(self.folder / "pca.npz", arrays)

    def metrics(self, metrics: Mapping[str, Any]) -> None:
        """The numbers the pages show."""
        files.write_json(self.folder / "metrics.json", metrics)

    def projection(self, projection: Projection) -> None:
        """Where the first test images lie."""
        write_projection(self.folder / f"{projection.settings.name}.npz", projection)

    def steps(self, steps: ProjectionSteps) -> None:
        """Where the first test images lie, epoch by epoch."""
        write_steps(self.folder / f"{steps.settings.steps_name}.npz", steps)

    def mixture(self, mixture: Mixture, weights_sha256: str) -> None:
        """The density of the training latents, with `Run.weights_sha256` of their network."""
        write_mixture(self.folder / "mixture.npz", mixture, weights_sha256)

    def clustering(self, clustering: Clustering, weights_sha256: str) -> None:
        """How the classes cluster, with `Run.weights_sha256` of the network of the latents."""
        write_clustering(self.folder / "clustering.npz", clustering, weights_sha256)
