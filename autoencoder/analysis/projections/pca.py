"""Principal component analysis in NumPy, the same every time.

Points of at most 2,000 dimensions: exact, from their covariance. Of more: randomised subspace
iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4), which reads the points in batches and
never has a matrix of all dimensions by all dimensions.

Shapes: N = points, P = their dimensions, D = components, K = columns of the sketch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MOST_EXACT = 2_000  # dimensions
BATCH = 1 << 22  # numbers of the points that are looked at together
OVERSAMPLED = 10  # columns of the sketch more than components
ITERATIONS = 6  # of the subspace: the points are read once in each


@dataclass(frozen=True)
class Pca:
    """Principal components: mean (P,), components (D, P) of length one by falling variance,
    variance (D,), total variance.
    """

    mean: np.ndarray
    components: np.ndarray
    variance: np.ndarray
    total: float

    def encode(self, points: np.ndarray) -> np.ndarray:
        """(N, P), or images with P pixels -> (N, D)."""
        flat = points.reshape(len(points), -1)
        encoded = [batch @ self.components.T for batch in _centred(flat, self.mean)]
        return np.concatenate(encoded) if encoded else np.empty((0, len(self.components)))

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """(N, D) -> (N, P)."""
        return latents @ self.components + self.mean


def fit_pca(points: np.ndarray, dimensions: int) -> Pca:
    """The first principal components of points (N, P), or of images with P pixels; uint8 is read as
    [0, 1].

    There are never more than P of them. No copy of all points is made.
    """
    flat = points.reshape(len(points), -1)
    mean = flat.mean(axis=0, dtype=np.float64)
    if flat.dtype == np.uint8:
        mean = (mean / 255).astype(np.float32)
    solve = _randomised if is_randomised(flat.shape[1]) else _exact
    components, variance, total = solve(flat, mean, min(dimensions, flat.shape[1]))
    return Pca(
        mean.astype(np.float32),
        _fixed_signs(components).astype(np.float32),
        np.maximum(variance, 0),
        total,
    )


def is_randomised(pixels: int) -> bool:
    """Whether `fit_pca` is randomised for images of so many pixels, channels included."""
    return pixels > MOST_EXACT


def _exact(
    flat: np.ndarray, mean: np.ndarray, dimensions: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Components (D, P) and variances (D,) of points (N, P), and their total variance."""
    covariance = np.zeros((flat.shape[1], flat.shape[1]))
    for batch in _centred(flat, mean):
        covariance += batch.T @ batch
    variance, vectors = np.linalg.eigh(covariance / max(1, len(flat) - 1))
    kept = slice(None, -dimensions - 1, -1)
    return vectors[:, kept].T, variance[kept], float(np.maximum(variance, 0).sum())


def _randomised(
    flat: np.ndarray, mean: np.ndarray, dimensions: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """The same, of many dimensions."""
    columns = min(dimensions + OVERSAMPLED, flat.shape[1], max(dimensions, len(flat)))
    basis = np.random.default_rng(0).standard_normal((flat.shape[1], columns), np.float32)
    freedom = max(1, len(flat) - 1)
    for _ in range(ITERATIONS):
        basis = np.linalg.qr(basis)[0]
        basis = sum((batch.T @ (batch @ basis) for batch in _centred(flat, mean)), 0 * basis)
    basis = np.linalg.qr(basis)[0]
    covariance, total = np.zeros((columns, columns)), 0.0
    for batch in _centred(flat, mean):
        sketch = batch @ basis  # (B, K)
        covariance += sketch.T @ sketch
        total += float(np.square(batch).sum(dtype=np.float64))
    variance, vectors = np.linalg.eigh(covariance / freedom)
    kept = slice(None, -dimensions - 1, -1)
    return (basis @ vectors[:, kept]).T, variance[kept], total / freedom


def _centred(flat: np.ndarray, mean: np.ndarray) -> Iterator[np.ndarray]:
    """Points (N, P) about the mean, in batches (B, P), floating point."""
    step = max(1, BATCH // flat.shape[1])
    for start in range(0, len(flat), step):
        batch = flat[start : start + step]
        yield (batch / np.float32(255) if flat.dtype == np.uint8 else batch) - mean


def _fixed_signs(components: np.ndarray) -> np.ndarray:
    """Each component turned so that its largest entry is positive: the same picture every time."""
    largest = np.take_along_axis(components, np.abs(components).argmax(axis=1)[:, None], axis=1)
    return components * np.where(largest < 0, -1.0, 1.0)


def align(points: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Points (N, K) turned and mirrored about their mean, so that they lie as near as can be to the
    reference (N, K).

    Orthogonal Procrustes: Schönemann 1966. SciPy's takes longer to import than the page that needs
    it has.
    """
    mean = points.mean(axis=0)
    left, _, right = np.linalg.svd((points - mean).T @ (reference - reference.mean(axis=0)))
    return (points - mean) @ (left @ right) + mean
