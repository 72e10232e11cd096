"""What the array files of a run hold, each read as one whole and checked against the run's config.

Every reader raises OSError or ValueError; a ValueError says what is wrong as the end of "the run is
damaged: ...".
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.analysis.clustering import SPACES, ClusteringScores
from autoencoder.analysis.projections import Pca, Projection
from autoencoder.analysis.sampling import Mixture
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import SamplingError
from autoencoder.runs import files

SCORES = ("trustworthiness", "continuity")


@dataclass(frozen=True)
class Evaluation:
    """The first 10,000 test images in file order (N, C, H, W) uint8 with their labels (N,).

    Once the run is finished also their latents (N, D) float32 and each one's mean squared error
    (N,).
    """

    images: np.ndarray
    labels: np.ndarray
    latents: np.ndarray | None = None
    errors: np.ndarray | None = None


@dataclass(frozen=True)
class NeighbourErrors:
    """How often the nearest of all training codes carries another label than a test code has: 1-NN
    errors, from 0 to 1.

    Attributes:
        latents, pca: In the run's latents, and in PCA's at the same dimension.
        train, test: How many images there are of either, at least 1.
    """

    latents: float
    pca: float
    train: int
    test: int

    def to_dict(self) -> dict[str, float]:
        """Ready for JSON, under the names that run folders of format 1 and `--json` have."""
        return {"codes": self.latents, "pca": self.pca, "train": self.train, "test": self.test}


@dataclass(frozen=True, eq=False)
class Clustering:
    """How the classes of the test images cluster, and what goes with each of their latents, (N,) in
    file
    order.

    Attributes:
        verdict: On latents, pixels and PCA, with as many classes C as occur.
        clusters: From 0 to C - 1, found by k-means without labels.
        densities: float32 from 0.001 to 1,000; 1 is the median, 2 stands for neighbours half as far
            away.
        nearest_other: Class index of the nearest latent of another class; -1 throughout where there
            is no other.
        errors: Against all training latents; None until they were asked for.
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
    """One file of snapshots/."""
    arrays = files.read_arrays(path, {"codes": ("f", 2), "reconstructions": ("u", 4)})
    snapshot = Snapshot(**_renamed(arrays))
    _require(snapshot.latents.shape[1] == config.latent_dim, "codes of another size in a snapshot")
    _require(
        snapshot.reconstructions.shape[1:] == config.shape, "images of another shape in a snapshot"
    )
    return snapshot


def read_evaluation(path: Path, config: RunConfig) -> Evaluation:
    """evaluation.npz."""
    kinds = {"images": ("u", 4), "labels": ("i", 1), "codes": ("f", 2), "errors": ("f", 1)}
    found = Evaluation(**_renamed(files.read_arrays(path, kinds)))
    count = len(found.images)
    _require(count > 0 and found.images.shape[1:] == config.shape, "test images of another shape")
    _require(found.labels.shape == (count,), "labels that do not fit the images")
    _require(
        0 <= found.labels.min() and found.labels.max() < len(config.info.class_names),
        "labels out of range",
    )
    _require(
        found.latents is None or found.latents.shape == (count, config.latent_dim),
        "codes of another shape",
    )
    _require(
        found.errors is None or found.errors.shape == (count,), "errors that do not fit the images"
    )
    return found


def read_pca(path: Path, config: RunConfig) -> Pca:
    """pca.npz."""
    kinds = {"mean": ("f", 1), "components": ("f", 2), "variance": ("f", 1), "total": ("f", 1)}
    found = files.read_arrays(path, kinds)
    _require(
        set(found) == set(kinds)
        and found["components"].shape[1:] == found["mean"].shape == (config.shape.pixels,)
        and found["variance"].shape == found["components"].shape[:1]
        and found["total"].shape == (1,),
        "no PCA of these images",
    )
    return Pca(found["mean"], found["components"], found["variance"], float(found["total"][0]))


def write_projection(path: Path, projection: Projection) -> None:
    """A projection's file, without what is not known. Raises OSError."""
    arrays = {
        "points": projection.points,
        "sha256": np.frombuffer(bytes.fromhex(projection.weights_sha256), np.uint8),
    }
    for name in SCORES:
        score = getattr(projection, name)
        arrays[name] = np.array([] if score is None else [score])
    files.write_arrays(path, {name: array for name, array in arrays.items() if array.size})


def read_projection(path: Path, settings: ProjectionSettings) -> Projection:
    """A projection's file; one of an earlier version has nothing but the points."""
    found = files.read_arrays(
        path, {"points": ("f", 2), "sha256": ("u", 1), **dict.fromkeys(SCORES, ("f", 1))}
    )
    points, digest = found.get("points", np.empty((0, 0))), found.get("sha256")
    _require(points.shape[1] == settings.dimensions, "no points in a projection")
    _require(0 < len(points) <= settings.points, "another number of points in a projection")
    _require(digest is None or digest.shape == (32,), "a projection of unknown weights")
    scores = {name: found[name] for name in SCORES if name in found}
    sound = all(score.shape == (1,) and 0 <= score[0] <= 1 for score in scores.values())
    _require(sound, "a projection whose scores are not from 0 to 1")
    known: dict[str, Any] = {name: float(score[0]) for name, score in scores.items()}
    sha256 = "" if digest is None else digest.tobytes().hex()
    return Projection(points, settings, weights_sha256=sha256, **known)


def write_mixture(path: Path, mixture: Mixture, weights_sha256: str) -> None:
    """mixture.npz; its scales under a name of their own each way, so that a reader knows their
    dimensions. Raises OSError.
    """
    scales = "factors" if mixture.scales.ndim == 3 else "deviations"
    arrays = {
        "weights": mixture.weights,
        "means": mixture.means,
        scales: mixture.scales,
        "classes": mixture.classes,
    }
    files.write_arrays(
        path, {**arrays, "sha256": np.frombuffer(bytes.fromhex(weights_sha256), np.uint8)}
    )


def read_mixture(path: Path, config: RunConfig) -> tuple[Mixture, str]:
    """mixture.npz: the mixture, and the sha256 of the network's weights whose latents it was fitted
    to.
    """
    kinds = {
        "weights": ("f", 1),
        "means": ("f", 2),
        "factors": ("f", 3),
        "deviations": ("f", 2),
        "classes": ("i", 1),
    }
    found = files.read_arrays(path, {**kinds, "sha256": ("u", 1)})
    scales = found.get("factors", found.get("deviations"))
    if scales is None or not {"weights", "means", "classes", "sha256"} <= set(found):
        raise ValueError("it has no whole mixture")
    try:
        mixture = Mixture(found["weights"], found["means"], scales, found["classes"])
    except SamplingError as error:
        raise ValueError(f"it has a mixture that is none: {error}") from error
    _require(mixture.means.shape[1] == config.latent_dim, "a mixture of latents of another size")
    _require(found["sha256"].shape == (32,), "a mixture of unknown weights")
    _require(
        mixture.classes.max() < len(config.info.class_names),
        "a mixture of classes that there are not",
    )
    return mixture, found["sha256"].tobytes().hex()


def write_clustering(path: Path, clustering: Clustering, weights_sha256: str) -> None:
    """verdict.npz, the words and numbers of the verdict as JSON in it. Raises OSError."""
    errors = clustering.errors and clustering.errors.to_dict()
    text = json.dumps({"verdict": clustering.scores.to_dict(), "errors": errors}, allow_nan=False)
    arrays = {
        name: getattr(clustering, name) for name in ("clusters", "densities", "nearest_other")
    }
    sha256 = np.frombuffer(bytes.fromhex(weights_sha256), np.uint8)
    files.write_arrays(
        path, {**arrays, "json": np.frombuffer(text.encode(), np.uint8), "sha256": sha256}
    )


def read_clustering(path: Path, config: RunConfig) -> tuple[Clustering, str]:
    """verdict.npz, checked against the labels in evaluation.npz; and the sha256 of the weights that
    made the latents.
    """
    each = {"clusters": ("i", 1), "densities": ("f", 1), "nearest_other": ("i", 1)}
    kinds = {**each, "json": ("u", 1), "sha256": ("u", 1)}
    found = files.read_arrays(path, kinds)
    _require(set(found) == set(kinds), "no whole verdict")
    _require(found["sha256"].shape == (32,), "a verdict on unknown weights")
    _require(
        found["json"].dtype == np.uint8 and found["json"].size <= files.MAX_JSON,
        "a verdict that is none",
    )
    data = json.loads(found["json"].tobytes())
    _require(
        isinstance(data, dict) and data.keys() == {"verdict", "errors"}, "a verdict that is none"
    )
    scores = ClusteringScores.from_dict(data["verdict"])
    labels = files.read_arrays(path.with_name("evaluation.npz"), {"labels": ("i", 1)}).get(
        "labels", np.empty(0)
    )
    classes, counts = np.unique(labels, return_counts=True)
    judged = scores.classes == classes.tolist() and scores.counts == counts.tolist()
    _require(judged and classes[-1] < len(config.info.class_names), "a verdict on other images")
    _require(set(scores.overlap) == set(SPACES), "a verdict without a comparison")
    arrays = {name: found[name] for name in each}
    _require(
        all(array.shape == labels.shape for array in arrays.values()),
        "a verdict that does not fit the images",
    )
    clusters, densities, other = arrays.values()
    _require(0 <= clusters.min() and clusters.max() < len(classes), "clusters out of range")
    _require(0.001 <= densities.min() and densities.max() <= 1_000, "densities out of range")
    sound = np.isin(other, [-1] if len(classes) == 1 else classes) & (other != labels)
    _require(bool(sound.all()), "a verdict with nearest classes that there are not")
    return (
        Clustering(scores, **arrays, errors=_errors(data["errors"])),
        found["sha256"].tobytes().hex(),
    )


def _errors(data: Any) -> NeighbourErrors | None:
    if data is None:
        return None
    _require(
        isinstance(data, dict) and data.keys() == {"codes", "pca", "train", "test"},
        "no 1-NN errors",
    )
    for name, value in data.items():
        kind, most = (int, 2**63) if name in ("train", "test") else (float, 1.0)
        _require(
            type(value) is kind and (kind is float or value > 0) and 0 <= value <= most,
            "1-NN errors out of range",
        )
    return NeighbourErrors(**_renamed(data))


def _renamed(found: dict[str, Any]) -> dict[str, Any]:
    """Files of format 1 call latents codes."""
    return {"latents" if name == "codes" else name: value for name, value in found.items()}


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(f"it has {problem}")
