"""How far a flat map can be trusted: neighbours it invents, and neighbours it tears apart (Venna &
Kaski 2001).
"""

import numpy as np


def trustworthiness(points: np.ndarray, flat: np.ndarray, k: int) -> float:
    """1 if the k nearest on the map `flat` (N, 2) are among the k nearest of `points` (N, D), else
    less, down to 0.

    As sklearn.manifold.trustworthiness, but that points equally far away count as equally near.

    Raises:
        ValueError: If k is not at least 1 and less than N / 2.
    """
    return _kept(squared_distances(points), squared_distances(flat), k)


def continuity(points: np.ndarray, flat: np.ndarray, k: int) -> float:
    """Trustworthiness the other way round: 1 if the k nearest of `points` are all among the k
    nearest on the map.
    """
    return trustworthiness(flat, points, k)


def faithfulness(points: np.ndarray, flat: np.ndarray, k: int) -> tuple[float, float]:
    """Trustworthiness and continuity of a map, at the price of one."""
    distances, mapped = squared_distances(points), squared_distances(flat)
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


def squared_distances(points: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (N, N) of points (N, D), float64; exactly 0 from each to itself
    and to its doubles.
    """
    distinct, inverse = np.unique(np.asarray(points, dtype=np.float64), axis=0, return_inverse=True)
    distinct -= distinct.mean(axis=0)
    squares = np.einsum("nd,nd->n", distinct, distinct)
    distances = np.maximum(squares[:, None] + squares - 2 * distinct @ distinct.T, 0)
    np.fill_diagonal(distances, 0)
    return distances[inverse[:, None], inverse]
