"""Latents of any dimension as points in two or three: PCA at once in NumPy, UMAP and t-SNE slowly, in their own process."""

import re
import warnings
from dataclasses import dataclass

import numpy as np

from autoencoder.errors import ProjectionError

METHODS = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
FEWEST = 5  # points below which UMAP and t-SNE have nothing to say
MOST_POINTS = 5_000  # the first test codes, in file order: what UMAP and t-SNE lay out


@dataclass(frozen=True)
class Pca:
    """Principal components: mean (P,), components (D, P) of length one by falling variance, variance (D,), total variance."""

    mean: np.ndarray
    components: np.ndarray
    variance: np.ndarray
    total: float

    def encode(self, points: np.ndarray) -> np.ndarray:
        """(N, P), or images with P pixels -> (N, D)."""
        scale = 255 if points.dtype == np.uint8 else 1
        return (points.reshape(len(points), -1) / np.float32(scale) - self.mean) @ self.components.T

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """(N, D) -> (N, P)."""
        return codes @ self.components + self.mean


def fit_pca(points: np.ndarray, dimensions: int) -> Pca:
    """The first principal components of points (N, P), or of images with P pixels; uint8 is read as [0, 1].

    There are never more than P of them. The covariance is summed in chunks, so that a large set needs no float copy.
    """
    flat = points.reshape(len(points), -1)
    scale = 255.0 if flat.dtype == np.uint8 else 1.0
    mean = flat.mean(axis=0, dtype=np.float64) / scale
    covariance = np.zeros((flat.shape[1], flat.shape[1]))
    for start in range(0, len(flat), 5_000):
        centred = (flat[start : start + 5_000] / scale - mean).astype(np.float32)
        covariance += centred.T @ centred
    variance, vectors = np.linalg.eigh(covariance / max(1, len(flat) - 1))
    kept = slice(None, -min(dimensions, flat.shape[1]) - 1, -1)
    components = _fixed_signs(vectors[:, kept].T)
    return Pca(
        mean.astype(np.float32),
        components.astype(np.float32),
        np.maximum(variance[kept], 0),
        float(np.maximum(variance, 0).sum()),
    )


def _fixed_signs(components: np.ndarray) -> np.ndarray:
    """Each component turned so that its largest entry is positive: the same picture every time."""
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    return components * np.where(largest < 0, -1.0, 1.0)


def align(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Points (N, K) turned and mirrored about their mean, so that they lie as near as can be to the reference (N, K).

    Orthogonal Procrustes: Schönemann 1966.
    """
    mean = points.mean(axis=0)
    left, _, right = np.linalg.svd((points - mean).T @ (reference - reference.mean(axis=0)))
    return (points - mean) @ (left @ right) + mean


@dataclass(frozen=True)
class Projection:
    """One way of laying latents out. Its name carries every parameter, so that it names its result's file.

    Attributes:
        method: umap or tsne.
        neighbours: UMAP's n_neighbors or t-SNE's perplexity.
        dimensions: 2 or 3.
    """

    method: str
    neighbours: int = 15
    dimensions: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.method not in ("umap", "tsne"):
            raise ProjectionError(f"method must be umap or tsne; got {str(self.method)[:40]}")
        for name in ("neighbours", "dimensions", "seed"):
            if type(value := getattr(self, name)) is not int:
                raise ProjectionError(f"{name} must be a whole number; got {str(value)[:40]}")
        if not 2 <= self.neighbours <= 200:
            raise ProjectionError(f"neighbours must be from 2 to 200; got {self.neighbours}")
        if self.dimensions not in (2, 3):
            raise ProjectionError(f"dimensions must be 2 or 3; got {self.dimensions}")
        if not 0 <= self.seed < 2**31:
            raise ProjectionError(f"seed must be from 0 to {2**31 - 1}; got {self.seed}")

    @property
    def name(self) -> str:
        """For example "projection-umap-n15-d2-s0"."""
        return f"projection-{self.method}-n{self.neighbours}-d{self.dimensions}-s{self.seed}"

    @classmethod
    def parse(cls, name: str) -> "Projection":
        """The inverse of `name`. Raises ProjectionError."""
        found = re.fullmatch(r"projection-([a-z]+)-n(\d{1,3})-d(\d)-s(\d{1,10})", name)
        parsed = cls(found[1], *(int(number) for number in found.groups()[1:])) if found else None
        if parsed is None or parsed.name != name:
            raise ProjectionError(f"not a projection's name: {name[:60]}")
        return parsed


def project(latents: np.ndarray, projection: Projection) -> np.ndarray:
    """Lay out latents (N, D), returning (N, dimensions) float32: the same numbers every time.

    Neighbours are clamped to what N points allow.

    Raises:
        ProjectionError: Too few points, a number that is not finite, or all points the same.
    """
    latents = np.asarray(latents, dtype=np.float32)
    title = METHODS[projection.method]
    if len(latents) < FEWEST:
        raise ProjectionError(f"{title} needs at least {FEWEST} points; got {len(latents)}")
    if not np.isfinite(latents).all():
        raise ProjectionError(f"{title} needs finite latents; some of these are infinite or undefined")
    latents = latents.astype(np.float64)
    spread = np.ptp(latents, axis=0).max()
    if not spread:
        raise ProjectionError(f"{title} has nothing to lay out: all {len(latents)} latents are the same point")
    latents = ((latents - latents.mean(axis=0)) / spread).astype(np.float32)  # far from where squares over- or underflow
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # both libraries warn of what is asked for here on purpose, such as one thread for a seed
        points = _umap(latents, projection) if projection.method == "umap" else _tsne(latents, projection)
    return points.astype(np.float32)


def _umap(latents: np.ndarray, projection: Projection) -> np.ndarray:
    from umap import UMAP

    neighbours = min(projection.neighbours, len(latents) - 1)
    start = "random" if len(latents) <= 4 * projection.dimensions else "spectral"  # eigenvectors need more points than that
    return UMAP(
        n_components=projection.dimensions, n_neighbors=neighbours, init=start, random_state=projection.seed, n_jobs=1
    ).fit_transform(latents)


def _tsne(latents: np.ndarray, projection: Projection) -> np.ndarray:
    from sklearn.manifold import TSNE

    perplexity = min(float(projection.neighbours), (len(latents) - 1) / 3)
    start = "pca" if min(latents.shape) >= projection.dimensions else "random"
    return TSNE(
        n_components=projection.dimensions, perplexity=perplexity, init=start, random_state=projection.seed, n_jobs=1
    ).fit_transform(latents)
