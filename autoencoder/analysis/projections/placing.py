"""New codes on a map that is there already."""

import numpy as np

from autoencoder.errors import ProjectionError


def place(
    new: np.ndarray, codes: np.ndarray, points: np.ndarray, neighbours: int = 10
) -> np.ndarray:
    """Where new codes (M, D) belong on a map that has `codes` (N, D) at `points` (N, K): (M, K)
    float64.

    Each is put at the mean of its nearest codes' points, weighted by the inverse of their
    distances. This is an approximation: UMAP and t-SNE are not run again, and might put the code
    elsewhere. It never leaves the points there are, so that a code far from all others is drawn
    among them too. A code that is one of the N is put exactly at its point, or in the middle of
    them where several are the same.

    Args:
        new: Finite codes; M may be 0.
        codes: Those the map was made from, at least one.
        points: Where they are on it.
        neighbours: How many of the nearest count, at least 1; all, if there are fewer.

    Raises:
        ProjectionError: The shapes do not fit each other, or a number is not finite.
    """
    new, codes, points = (np.asarray(array, dtype=np.float64) for array in (new, codes, points))
    shapes = f"got {new.shape}, {codes.shape} and {points.shape}"
    fit = (
        new.ndim == codes.ndim == points.ndim == 2
        and new.shape[1] == codes.shape[1]
        and len(codes) == len(points) > 0
    )
    if not fit:
        raise ProjectionError(
            f"new codes, codes and points must be (M, D), (N, D) and (N, K); {shapes}"
        )
    if neighbours < 1:
        raise ProjectionError(f"neighbours must be at least 1; got {neighbours}")
    if not all(np.isfinite(array).all() for array in (new, codes, points)):
        raise ProjectionError(
            "codes and points must be finite; some numbers are infinite or undefined"
        )
    unit = (
        max(np.abs(array).max(initial=0) for array in (new, codes)) or 1.0
    )  # so that no square overflows
    known = codes / unit
    placed = [_placed(code, known, points, neighbours) for code in new / unit]
    return np.array(placed).reshape(len(new), points.shape[1])


def _placed(code: np.ndarray, codes: np.ndarray, points: np.ndarray, neighbours: int) -> np.ndarray:
    """Where one code (D,) belongs, (K,)."""
    distances = np.linalg.norm(codes - code, axis=1)
    if (same := distances == 0).any():
        return points[same].mean(axis=0)
    nearest = np.argsort(distances, kind="stable")[:neighbours]
    weights = distances[nearest[0]] / distances[nearest]  # the nearest weighs 1: nothing overflows
    return weights @ points[nearest] / weights.sum()
