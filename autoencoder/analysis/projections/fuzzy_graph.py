"""UMAP's graph: how strongly each point belongs together with its nearest (McInnes, Healy &
Melville 2018, section 3.1).

Shapes: N = points, D = their dimensions, K = neighbours, each point itself among them.
"""

from typing import Any, TypeAlias

import numpy as np

from autoencoder.analysis import neighbours

Graph: TypeAlias = Any  # a scipy.sparse.csr_array, which is imported when it is needed
BISECTIONS = 64  # at most; this and the two that follow are umap-learn's
NEAR_ENOUGH = 1e-5  # to a point's target
LEAST_SCALE = 1e-3  # of a point's distances, as a share of their mean


def fuzzy_graph(points: np.ndarray, count: int) -> Graph:
    """Points (N, D) as UMAP's graph, whose `count` neighbours, from 2 to N, are exact."""
    return graph_of(*nearest_with_itself(points, count))


def graph_of(nearest: np.ndarray, distances: np.ndarray) -> Graph:
    """Indices and distances (N, K) of each point's neighbours, itself first, as UMAP's symmetric
    graph (N, N) of weights in (0, 1], float32.

    Two points are joined as strongly as either's side or the other's would have it: a + b - ab.
    """
    from scipy.sparse import csr_array

    strengths = _strengths(distances)
    strengths[:, 0] = 0  # no point is its own neighbour
    rows = np.repeat(np.arange(len(nearest)), nearest.shape[1])
    directed = csr_array(
        (strengths.ravel(), (rows, nearest.ravel())), shape=(len(nearest), len(nearest))
    )
    graph = (directed + directed.T - directed.multiply(directed.T)).astype(np.float32)
    graph.eliminate_zeros()
    return graph


def nearest_with_itself(points: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices and distances (N, K) of the `count` nearest of each point, itself first."""
    others, distances = neighbours.nearest(points, count - 1)
    itself = np.arange(len(points))[:, None]
    return np.hstack([itself, others]), np.hstack([np.zeros(itself.shape), distances])


def _strengths(distances: np.ndarray) -> np.ndarray:
    """Distances (N, K) -> exp(-(distance - rho) / sigma): 1 up to the nearest that is no double,
    then falling.

    Each point's sigma makes the strengths of its neighbours, itself left out, sum to log2 K.
    """
    rho = np.where(distances > 0, distances, np.inf).min(axis=1)
    rho[np.isinf(rho)] = 0  # all are doubles
    beyond = np.maximum(distances - rho[:, None], 0)
    means = np.where(rho > 0, distances.mean(axis=1), distances.mean())
    sigma = np.maximum(_scales(beyond[:, 1:], np.log2(distances.shape[1])), LEAST_SCALE * means)
    return np.exp(-beyond / sigma[:, None])


def _scales(beyond: np.ndarray, target: float) -> np.ndarray:
    """The sigma (N,) for which exp(-beyond / sigma) (N, K - 1) sums to the target, by bisection of
    all rows at once.
    """
    low, high, sigma = np.zeros(len(beyond)), np.full(len(beyond), np.inf), np.ones(len(beyond))
    for _ in range(BISECTIONS):
        excess = np.exp(-beyond / sigma[:, None]).sum(axis=1) - target
        missed = np.abs(excess) >= NEAR_ENOUGH
        if not missed.any():
            break
        high, low = (
            np.where(missed & (excess > 0), sigma, high),
            np.where(missed & (excess <= 0), sigma, low),
        )
        sigma = np.where(missed, np.where(np.isinf(high), 2 * sigma, (low + high) / 2), sigma)
    return sigma
