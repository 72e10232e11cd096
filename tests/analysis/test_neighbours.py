"""The neighbour search against scikit-learn's and brute force, where rounding is hardest."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from autoencoder.analysis import neighbours
from autoencoder.analysis.neighbours import Neighbours, nearest


@pytest.mark.parametrize(
    ("count", "dimensions", "k"), [(60, 1, 1), (60, 2, 10), (61, 30, 5), (10, 3, 9), (2, 2, 1)]
)
def test_neighbours_are_scikit_learns(
    count: int, dimensions: int, k: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest others, nearest first, in chunks that do not divide the points evenly, and far
    from the origin.
    """
    monkeypatch.setattr(neighbours, "BLOCK", 430)
    points = np.random.default_rng(0).normal(size=(count, dimensions)).astype(np.float32) + 50
    expected = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)

    assert np.array_equal(nearest(points, k)[0], expected)


def test_a_point_is_not_its_own_neighbour() -> None:
    """Not even where others lie on the same spot."""
    found = nearest(np.zeros((6, 2)), 5)[0]

    assert all(
        sorted([row, *others]) == list(range(6)) for row, others in enumerate(found.tolist())
    )


@pytest.mark.parametrize("apart", [1e2, 1e3, 1e4])
def test_neighbours_within_far_clusters_are_found(apart: float) -> None:
    """The distance of the clusters does not drown those within them."""
    points = np.random.default_rng(0).normal(size=(100, 2)) + np.repeat(
        [[0.0], [apart]], 50, axis=0
    )
    points = points.astype(np.float32)
    expected = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)

    assert (nearest(points, 1)[0] == expected).mean() > 0.97  # but for ties of float32 coordinates


def brute(points: np.ndarray, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices and distances by comparing each query with each point."""
    table = np.linalg.norm(queries[:, None].astype(float) - points[None].astype(float), axis=2)
    order = np.argsort(table, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(table, order, axis=1)


@pytest.mark.parametrize("count", [1, 7, 300, 1_100])
@pytest.mark.parametrize("kind", [np.float32, np.float64, np.uint8])
def test_neighbours_of_queries_are_those_of_brute_force(count: int, kind: type) -> None:
    """Indices and distances, of queries that are none of the points."""
    random = np.random.default_rng(0)
    points = (random.normal(size=(count, 3)) * 20 + 100).astype(kind)
    queries = (random.normal(size=(5, 3)) * 20 + 100).astype(kind)
    indices, distances = nearest(points, min(4, count), queries)

    expected = brute(points, queries, min(4, count))
    assert np.array_equal(indices, expected[0])
    assert np.allclose(distances, expected[1], rtol=1e-12)


@pytest.mark.parametrize("width", [1e2, 1e5, 1e12])
def test_one_far_point_costs_no_accuracy(width: float) -> None:
    """A stray point so far away that float32 cannot tell the others from each other."""
    points = np.random.default_rng(0).normal(size=(700, 2))
    points[3] = width

    assert np.array_equal(nearest(points, 5, points)[0], brute(points, points, 5)[0])


@pytest.mark.parametrize("unit", [2.0**-660, 1.0, 2.0**660])
def test_units_of_any_size_are_compared(unit: float) -> None:
    """Squares neither overflow nor vanish, and distances are in the unit of the points."""
    points = np.random.default_rng(0).normal(size=(60, 2))
    indices, distances = nearest(points * unit, 3)

    assert np.array_equal(indices, nearest(points, 3)[0])
    assert np.allclose(distances / unit, nearest(points, 3)[1])


def test_of_doubles_the_first_come_first() -> None:
    """However many of them there are, and the point itself is left out."""
    points = np.repeat([[0.0, 1.0], [5.0, 5.0]], 1_000, axis=0)

    assert nearest(points, 3)[0][[0, 1, 1_999]].tolist() == [
        [1, 2, 3],
        [0, 2, 3],
        [1000, 1001, 1002],
    ]


def test_numbers_that_are_not_finite_are_nobodys_neighbours() -> None:
    """A point without a place is found last, and has k neighbours all the same."""
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    points[7], points[8] = np.nan, np.inf
    indices = nearest(points, 5)[0]

    usual = np.delete(np.arange(40), [7, 8])
    assert not np.isin(indices[usual], [7, 8]).any()
    assert all(len(set(row)) == 5 for row in indices.tolist())


def test_images_are_points_as_well() -> None:
    """Whatever follows the first dimension is one point."""
    images = np.random.default_rng(0).integers(0, 255, (30, 1, 4, 4), np.uint8)

    assert np.array_equal(nearest(images, 2)[0], nearest(images.reshape(30, 16), 2)[0])


@pytest.mark.parametrize(
    ("k", "queries"), [(0, None), (5, None), (6, np.zeros((1, 2))), (1, np.zeros((1, 3)))]
)
def test_what_cannot_be_looked_up_is_refused(k: int, queries: np.ndarray | None) -> None:
    """More neighbours than there are, or queries of other dimensions."""
    with pytest.raises(ValueError, match="must"):
        Neighbours(np.zeros((5, 2))).nearest(k, queries)
