"""What goes with each point of a space: its cluster, how crowded it is there, and the nearest class
that is not its own.

N = points, D = dimensions, with points as `space.scaled` gives them.
"""

import numpy as np

from autoencoder.analysis import neighbours

NEIGHBOURS = 10  # whose mean distance tells how crowded it is
MOST_DENSE = 1_000.0


def densities(points: np.ndarray) -> np.ndarray:
    """One over the mean distance to the 10 nearest other points of (N, D), 1 at the median: (N,)
    float32, 0.001 to 1,000.

    Where more than half of the points lie on ten others, 1 stands for the smallest distance that is
    not 0.

    Raises:
        ValueError: There are no more than 10 points.
    """
    if len(points) <= NEIGHBOURS:
        raise ValueError(f"a density takes more than {NEIGHBOURS} points; got {len(points)}")
    distances = neighbours.nearest(points, NEIGHBOURS)[1].mean(axis=1)
    if not distances.any():
        return np.ones(len(points), np.float32)
    usual = np.median(distances) or distances[distances > 0].min()
    return np.clip(
        usual / np.maximum(distances, usual / MOST_DENSE), 1 / MOST_DENSE, MOST_DENSE
    ).astype(np.float32)


def nearest_other(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Label of the nearest point that has another label, of (N, D) and (N,) labels; -1 throughout
    if all have the same.
    """
    other_labels = np.full(len(points), -1)
    for label in np.unique(labels):
        own, others = np.flatnonzero(labels == label), np.flatnonzero(labels != label)
        if len(others):
            nearest = neighbours.nearest(points[others], 1, points[own])[0][:, 0]
            other_labels[own] = labels[others[nearest]]
    return other_labels
