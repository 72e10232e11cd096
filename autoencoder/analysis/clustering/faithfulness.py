"""How far a flat map can be trusted: neighbours it invents, and neighbours it tears apart (Venna &
Kaski 2001).
"""

import numpy as np

from autoencoder.analysis import metrics


def trustworthiness(points: np.ndarray, flat: np.ndarray, k: int) -> float:
    """1 if the k nearest on the map `flat` (N, 2) are among the k nearest of `points` (N, D), else
    less, down to 0.

    As sklearn.manifold.trustworthiness, but that points equally far away count as equally near.

    Raises:
        ValueError: If k is not at least 1 and less than N / 2.
    """
    return _kept(metrics.squared_distances(points), metrics.squared_distances(flat), k)


def continuity(points: np.ndarray, flat: np.ndarray, k: int) -> float:
    """Trustworthiness the other way round: 1 if the k nearest of `points` are all among the k
    nearest on the map.
    """
    return trustworthiness(flat, points, k)


def faithfulness(points: np.ndarray, flat: np.ndarray, k: int) -> tuple[float, float]:
    """Trustworthiness and continuity of a map, at the price of one."""
    distances, mapped = metrics.squared_distances(points), metrics.squared_distances(flat)
    return _kept(distances, mapped, k), _kept(mapped, distances, k)


def _kept(true: np.ndarray, claimed: np.ndarray, k: int) -> float:
    """1 less the penalty for the k nearest by `claimed` distances (N, N) whose rank by `true` ones
    is above k.
    """
    count = len(true)
    if not 1 <= k < count / 2:
        raise ValueError(f"k must be at least 1 and less than half of {count} points; got {k}")
    itself = np.eye(count, dtype=bool)
    nearest = np.argpartition(np.where(itself, np.inf, claimed), k - 1, axis=1)[:, :k]
    others, rows, excess = np.where(itself, np.inf, true), np.arange(count), 0
    for column in nearest.T:
        nearer = (others < others[rows, column][:, None]).sum(axis=1)
        excess += int(np.maximum(nearer + 1 - k, 0).sum())
    return 1 - 2 * excess / (count * k * (2 * count - 3 * k - 1))
