"""The results that a run keeps in npz files, and a function to read or write each of them.

Every reader checks the file against the run's config and raises OSError or ValueError; a
ValueError's message can stand after "the run is damaged:".
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Raw, to_builtins

from autoencoder.analysis.clustering import SPACES, ClusteringScores
from autoencoder.analysis.clustering.result import MOST_IN_MATRIX
from autoencoder.analysis.projections import Pca, Projection, ProjectionSteps
from autoencoder.analysis.projections.steps import MOST_FRAMES
from autoencoder.analysis.sampling import COMPONENTS, MOST_FULL, Mixture
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import SamplingError
from autoencoder.runs import files, format_1, schemas
from autoencoder.validation import Exact, PositiveCount, Share, decode

MOST_LETTERS = 40  # of a library's name
SCORES = ("trustworthiness", "continuity")
SNAPSHOT_LATENTS = 1_000
SNAPSHOT_IMAGES = 16
CLUSTERS_WITHOUT_CLASSES = 10  # that k-means looks for where there are not two classes
# At most, of the JSON in clustering.npz: all but its tables, a class, a pair of classes in tables.
SCORES_BYTES, CLASS_BYTES, CELL_BYTES = 16 << 10, 2 * 16, 6 * 32


@dataclass(frozen=True)
class Evaluation:
    """The first test images in file order.

    Attributes:
        images: (N, C, H, W) uint8, N at most 10,000.
        labels: Class indices (N,).
        latents: (N, D) float32; None until the run is finished.
        errors: Mean squared error of each image (N,); None until the run is finished.
    """

    images: np.ndarray
    labels: np.ndarray
    latents: np.ndarray | None = None
    errors: np.ndarray | None = None


class NeighbourErrors(Exact, frozen=True):
    """1-NN errors: the share of test images whose nearest training image has another label.

    Attributes:
        latents, pca: Nearest in the run's latents, and in PCA's at the same dimension; from 0 to 1.
        train, test: How many images there are of either, at least 1.
    """

    latents: Share
    pca: Share
    train: PositiveCount
    test: PositiveCount

    def to_dict(self) -> dict[str, float]:
        """Ready for JSON."""
        return dict(to_builtins(self))


@dataclass(frozen=True, eq=False)
class Clustering:
    """How the classes of the test images cluster, and values for each image (N,), in file order.

    Attributes:
        scores: Of latents, pixels and PCA. C classes occur.
        clusters: From 0 to C - 1, or to 9 where C = 1, by k-means without labels.
        densities: float32 from 0.001 to 1,000; 1 is the median, and at 2 the neighbours are half as
            far away.
        nearest_other: Class index of the nearest latent of another class; -1 for all where there is
            only one class.
        errors: Against all training latents; None until they are computed.
    """

    scores: ClusteringScores
    clusters: np.ndarray
    densities: np.ndarray
    nearest_other: np.ndarray
    errors: NeighbourErrors | None = None


@dataclass(frozen=True)
class Snapshot:
    """One epoch: latents of the first 1,000 test images (N, D) and reconstructions of the first 16
    (N, C, H, W) uint8.
    """

    latents: np.ndarray
    reconstructions: np.ndarray


def read_snapshot(path: Path, config: RunConfig) -> Snapshot:
    """One file of snapshots/, of the images in evaluation.npz."""
    images = _image_count(path.parents[1], config)
    sizes = {"N": min(images, SNAPSHOT_LATENTS), "M": min(images, SNAPSHOT_IMAGES)}
    arrays = schemas.read(path, schemas.SNAPSHOT, **_sizes(config), **sizes)
    return Snapshot(arrays["latents"], arrays["reconstructions"])


def read_evaluation(path: Path, config: RunConfig) -> Evaluation:
    """evaluation.npz."""
    images = _image_count(path.parent, config)
    arrays = schemas.read(path, schemas.EVALUATION, **_sizes(config), N=images)
    return Evaluation(
        arrays["images"], arrays["labels"], arrays.get("latents"), arrays.get("errors")
    )


def read_first_images(path: Path, config: RunConfig, count: int) -> np.ndarray:
    """At most `count` of the images in evaluation.npz, without unpacking the others."""
    images = _image_count(path.parent, config)
    arrays = schemas.read(path, schemas.IMAGES, rows=count, **_sizes(config), N=images)
    return arrays["images"]


def read_pca(path: Path, config: RunConfig) -> Pca:
    """pca.npz."""
    sizes = _sizes(config)
    arrays = schemas.read(path, schemas.PCA, **sizes, K=min(sizes["D"], sizes["P"]))
    return Pca(arrays["mean"], arrays["components"], arrays["variance"], float(arrays["total"][0]))


def _image_count(folder: Path, config: RunConfig) -> int:
    """How many test images the run in `folder` has, by the labels in evaluation.npz.

    Raises OSError, or ValueError if there are more than the data set has.
    """
    count = schemas.first_size(folder / "evaluation.npz", "labels", schemas.LABELS["labels"])
    most = config.info.evaluated
    _require(count <= most, f"{count:,} test images, of which {config.dataset} has {most:,}")
    return count


def write_projection(path: Path, projection: Projection) -> None:
    """A projection's file, without scores that were not measured. Raises OSError."""
    arrays = {
        "points": projection.points,
        "sha256": _sha256(projection.weights_sha256),
        "library": np.frombuffer(projection.library.encode(), np.uint8),
    }
    for name in SCORES:
        score = getattr(projection, name)
        arrays[name] = np.array([] if score is None else [score])
    files.write_arrays(path, {name: array for name, array in arrays.items() if array.size})


def read_projection(path: Path, settings: ProjectionSettings, config: RunConfig) -> Projection:
    """A projection's file, of the images in evaluation.npz; one of an earlier version has nothing
    but the points, or does not name a library.
    """
    sizes = {"A": settings.dimensions, "N": min(settings.points, _image_count(path.parent, config))}
    arrays = schemas.read(path, schemas.PROJECTION, {"letters": MOST_LETTERS}, **sizes)
    points, digest = arrays["points"], arrays.get("sha256", np.empty(0))
    facts: dict[str, Any] = {name: float(arrays[name][0]) for name in SCORES if name in arrays}
    facts["library"] = arrays.get("library", np.empty(0)).tobytes().decode("ascii")
    _require(
        bool(re.fullmatch("[a-z-]*", facts["library"])), f"library in {path.name} is no name of one"
    )
    return Projection(points, settings, weights_sha256=digest.tobytes().hex(), **facts)


def write_steps(path: Path, steps: ProjectionSteps) -> None:
    """The file of a projection's steps. Raises OSError."""
    arrays = {
        "epochs": steps.epochs,
        "points": steps.points.astype(np.float16),
        "losses": steps.losses,
        "sha256": _sha256(steps.weights_sha256),
    }
    files.write_arrays(path, {name: array for name, array in arrays.items() if array.size})


def read_steps(path: Path, settings: ProjectionSettings, config: RunConfig) -> ProjectionSteps:
    """The file of a projection's steps, of the images in evaluation.npz; it grows while a job
    computes them.
    """
    sizes = {"A": settings.dimensions, "N": min(settings.points, _image_count(path.parent, config))}
    arrays = schemas.read(path, schemas.STEPS, {"F": MOST_FRAMES}, **sizes)
    epochs, digest = arrays["epochs"], arrays.get("sha256", np.empty(0))
    _require(bool((np.diff(epochs) > 0).all()), f"the epochs in {path.name} do not ascend")
    points, losses = arrays["points"].astype(np.float32), arrays["losses"]
    return ProjectionSteps(settings, epochs, points, losses, digest.tobytes().hex())


def _sha256(digest: str) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(digest), np.uint8)


def write_mixture(path: Path, mixture: Mixture, weights_sha256: str) -> None:
    """mixture.npz; full and diagonal scales have different names in it. Raises OSError."""
    scales = "factors" if mixture.scales.ndim == 3 else "deviations"
    arrays = {
        "weights": mixture.weights,
        "means": mixture.means,
        scales: mixture.scales,
        "classes": mixture.classes,
    }
    files.write_arrays(path, {**arrays, "sha256": _sha256(weights_sha256)})


def read_mixture(path: Path, config: RunConfig) -> tuple[Mixture, str]:
    """mixture.npz: the mixture, and the sha256 of the weights whose latents it was fitted to."""
    sizes = _sizes(config)
    most = {"K": max(COMPONENTS) * sizes["L"]}
    schema = schemas.MIXTURE_FULL if sizes["D"] <= MOST_FULL else schemas.MIXTURE_DIAGONAL
    arrays = schemas.read(path, schema, most, **sizes)
    scales = arrays.get("factors", arrays.get("deviations"))
    if scales is None:
        raise ValueError("it has a mixture without scales")
    try:
        mixture = Mixture(arrays["weights"], arrays["means"], scales, arrays["classes"])
    except SamplingError as error:
        raise ValueError(f"it has a mixture that is none: {error}") from error
    return mixture, arrays["sha256"].tobytes().hex()


def write_clustering(path: Path, clustering: Clustering, weights_sha256: str) -> None:
    """clustering.npz; the scores are one of its arrays, as JSON. Raises OSError."""
    errors = clustering.errors and clustering.errors.to_dict()
    text = json.dumps({"scores": clustering.scores.to_dict(), "errors": errors}, allow_nan=False)
    arrays = {
        name: getattr(clustering, name) for name in ("clusters", "densities", "nearest_other")
    }
    sha256 = np.frombuffer(bytes.fromhex(weights_sha256), np.uint8)
    files.write_arrays(
        path, {**arrays, "json": np.frombuffer(text.encode(), np.uint8), "sha256": sha256}
    )


def read_clustering(path: Path, config: RunConfig) -> tuple[Clustering, str]:
    """clustering.npz, checked against the labels in evaluation.npz; and the sha256 of the weights
    that made the latents.
    """
    sizes = {**_sizes(config), "N": _image_count(path.parent, config)}
    labels = schemas.read(path.with_name("evaluation.npz"), schemas.LABELS, **sizes)["labels"]
    classes = sizes["L"]
    cells = min(classes, MOST_IN_MATRIX) ** 2
    most = {"bytes": SCORES_BYTES + CLASS_BYTES * classes + CELL_BYTES * cells}
    arrays = schemas.read(path, schemas.CLUSTERING, most, **sizes)
    text = arrays["json"].tobytes()
    stored = decode(format_1.scores(text) if path.name == format_1.CLUSTERING else text, _Stored)
    clustering = Clustering(
        ClusteringScores.from_json(bytes(stored.scores)),
        arrays["clusters"],
        arrays["densities"],
        arrays["nearest_other"],
        stored.errors,
    )
    _check_labels(clustering, labels)
    return clustering, arrays["sha256"].tobytes().hex()


class _Stored(Exact, frozen=True):
    """The JSON in clustering.npz; the scores are what `ClusteringScores.to_dict` gave."""

    scores: Raw
    errors: NeighbourErrors | None


def _check_labels(clustering: Clustering, labels: np.ndarray) -> None:
    """Raises ValueError unless the clustering is one of images with these labels (N,)."""
    scores, other = clustering.scores, clustering.nearest_other
    classes, counts = (values.tolist() for values in np.unique(labels, return_counts=True))
    _require(
        scores.classes == classes and scores.counts == counts, "clustering scores of other images"
    )
    _require(set(scores.overlap) == set(SPACES), "clustering scores without a comparison")
    clusters = len(classes) if len(classes) > 1 else CLUSTERS_WITHOUT_CLASSES
    _require(clustering.clusters.max() < clusters, "more clusters than classes")
    known = np.isin(other, [-1] if len(classes) == 1 else classes) & (other != labels)
    _require(bool(known.all()), "nearest classes that there are not")


def _sizes(config: RunConfig) -> dict[str, int]:
    """The sizes that a run's config says, by their names in `schemas`."""
    channels, height, width = config.shape
    return {
        "D": config.latent_dim,
        "C": channels,
        "H": height,
        "W": width,
        "P": config.shape.pixels,
        "L": max(1, len(config.info.class_names)),
    }


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(f"it has {problem}")
