"""New latents on a map that is there already."""

import numpy as np

from autoencoder.errors import ProjectionError


def place(
    new: np.ndarray, latents: np.ndarray, points: np.ndarray, neighbours: int = 10
) -> np.ndarray:
    """Where new latents (M, D) belong on a map that has `codes` (N, D) at `points` (N, K): (M, K)
    float64.

    Each is put at the mean of its nearest codes' points, weighted by the inverse of their
    distances. This is an approximation: UMAP and t-SNE are not run again, and might put the latent
    elsewhere. It never leaves the points there are, so that a latent far from all others is drawn
    among them too. A latent that is one of the N is put exactly at its point, or in the middle of
    them where several are the same.

    Args:
        new: Finite latents; M may be 0.
        latents: Those the map was made from, at least one.
        points: Where they are on it.
        neighbours: How many of the nearest count, at least 1; all, if there are fewer.

    Raises:
        ProjectionError: The shapes do not fit each other, or a number is not finite.
    """
    new, latents, points = (np.asarray(array, dtype=np.float64) for array in (new, latents, points))
    shapes = f"got {new.shape}, {latents.shape} and {points.shape}"
    fit = (
        new.ndim == latents.ndim == points.ndim == 2
        and new.shape[1] == latents.shape[1]
        and len(latents) == len(points) > 0
    )
    if not fit:
        raise ProjectionError(
            f"new latents, latents and points must be (M, D), (N, D) and (N, K); {shapes}"
        )
    if neighbours < 1:
        raise ProjectionError(f"neighbours must be at least 1; got {neighbours}")
    if not all(np.isfinite(array).all() for array in (new, latents, points)):
        raise ProjectionError(
            "codes and points must be finite; some numbers are infinite or undefined"
        )
    unit = (
        max(np.abs(array).max(initial=0) for array in (new, latents)) or 1.0
    )  # so that no square overflows
    known = latents / unit
    placed = [_placed(latent, known, points, neighbours) for latent in new / unit]
    return np.array(placed).reshape(len(new), points.shape[1])


def _placed(
    latent: np.ndarray, latents: np.ndarray, points: np.ndarray, neighbours: int
) -> np.ndarray:
    """Where one latent (D,) belongs, (K,)."""
    distances = np.linalg.norm(latents - latent, axis=1)
    if (same := distances == 0).any():
        return points[same].mean(axis=0)
    nearest = np.argsort(distances, kind="stable")[:neighbours]
    weights = distances[nearest[0]] / distances[nearest]  # the nearest weighs 1: nothing overflows
    return weights @ points[nearest] / weights.sum()
