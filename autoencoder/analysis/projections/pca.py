"""Principal component analysis in NumPy: at once, and the same every time."""

from dataclasses import dataclass

import numpy as np


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
        scale = 255 if points.dtype == np.uint8 else 1
        return (points.reshape(len(points), -1) / np.float32(scale) - self.mean) @ self.components.T

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """(N, D) -> (N, P)."""
        return latents @ self.components + self.mean


def fit_pca(points: np.ndarray, dimensions: int) -> Pca:
    """The first principal components of points (N, P), or of images with P pixels; uint8 is read as
    [0, 1].

    There are never more than P of them. The covariance is summed in chunks, so that a large set
    needs no float copy.
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
    """Points (N, K) turned and mirrored about their mean, so that they lie as near as can be to the
    reference (N, K).

    Orthogonal Procrustes: Schönemann 1966. SciPy's takes longer to import than the page that needs
    it has.
    """
    mean = points.mean(axis=0)
    left, _, right = np.linalg.svd((points - mean).T @ (reference - reference.mean(axis=0)))
    return (points - mean) @ (left @ right) + mean
