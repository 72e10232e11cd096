"""Numbers against values computed by hand or by scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from autoencoder import metrics
from autoencoder.datasets import Dataset
from autoencoder.metrics import majority, nearest_neighbours, neighbour_accuracy, psnr, reconstruction_metrics, squared_errors


def test_pixels_are_scaled_to_one() -> None:
    """0 to 255 become 0 to 1, in float32."""
    unit = metrics.to_unit(np.array([[0, 51, 255]], dtype=np.uint8))

    assert unit.dtype == np.float32
    assert unit.tolist() == [[0.0, pytest.approx(0.2), 1.0]]


def test_squared_errors_by_hand() -> None:
    """One number per image: its mean over channels, rows and columns."""
    images = np.zeros((2, 3, 2, 2))
    other = images.copy()
    other[1, 0, 0, 0], other[1, 2, 1, 1] = 0.5, -1.0

    assert squared_errors(images, other).tolist() == [0.0, pytest.approx(1.25 / 12)]


def test_reconstruction_metrics_by_hand() -> None:
    """SSE sums over an image's pixels where MSE averages, and PSNR is that of the mean MSE."""
    images = np.zeros((4, 1, 2, 5))
    table = reconstruction_metrics(images, images + 0.1)

    assert table == {"mse": pytest.approx(0.01), "sse": pytest.approx(0.1), "psnr": pytest.approx(20.0)}
    assert all(type(value) is float for value in table.values())


@pytest.mark.parametrize(
    ("mse", "decibels"), [(1.0, 0.0), (0.01, 20.0), (0.5, 10 * math.log10(2)), (0.0, 100.0), (1e-30, 100.0)]
)
def test_psnr(mse: float, decibels: float) -> None:
    """10 log10(1 / MSE), and 100 for what is better than anything."""
    assert psnr(mse) == pytest.approx(decibels)


@pytest.mark.parametrize(("count", "dimensions", "k"), [(60, 1, 1), (60, 2, 10), (61, 30, 5), (10, 3, 9), (2, 2, 1)])
def test_neighbours_are_scikit_learns(count: int, dimensions: int, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest others, nearest first, in chunks that do not divide the points evenly, and far from the origin."""
    monkeypatch.setattr(metrics, "CHUNK", 7)
    points = np.random.default_rng(0).normal(size=(count, dimensions)).astype(np.float32) + 50
    expected = NearestNeighbors(n_neighbors=k).fit(points).kneighbors(return_distance=False)

    assert np.array_equal(nearest_neighbours(points, k), expected)


def test_a_point_is_not_its_own_neighbour() -> None:
    """Not even where others lie on the same spot."""
    found = nearest_neighbours(np.zeros((6, 2)), 5)

    assert all(sorted([row, *others]) == list(range(6)) for row, others in enumerate(found.tolist()))


@pytest.mark.parametrize("k", [1, 10])
def test_neighbour_accuracy_is_that_of_leaving_one_out(k: int, digits: Dataset) -> None:
    """On pixels of digits: what scikit-learn's classifier gets for each image from all the others, ties aside."""
    points, labels = digits.test.images[:150].reshape(150, -1) / 255.0, digits.test.labels[:150]
    right = []
    for left_out in range(150):
        others = np.arange(150) != left_out
        votes = KNeighborsClassifier(k).fit(points[others], labels[others]).predict_proba(points[[left_out]])[0]
        right.append(votes.argmax() == labels[left_out] if (votes == votes.max()).sum() == 1 else None)
    sure = [value for value in right if value is not None]
    low, high = sum(sure) / 150, (sum(sure) + right.count(None)) / 150

    assert low <= neighbour_accuracy(points, labels, k=k) <= high
    assert len(sure) > 130
    assert low > 0.8


def test_neighbour_accuracy_by_hand() -> None:
    """Of two pairs and a stray point, the stray one and nobody else has a neighbour of another class."""
    points, labels = np.array([[0.0], [1.0], [10.0], [11.0], [14.0]]), np.array([0, 0, 1, 1, 0])

    assert neighbour_accuracy(points, labels, k=1) == 0.8


@pytest.mark.parametrize("k", [0, 5, -1, 6])
def test_k_must_leave_neighbours(k: int) -> None:
    """From one to one fewer than there are points."""
    with pytest.raises(ValueError, match=f"k must be from 1 to 4, one fewer than there are points; got {k}"):
        neighbour_accuracy(np.zeros((5, 2)), np.zeros(5, dtype=int), k=k)


@pytest.mark.parametrize(
    ("row", "winner"),
    [
        ([3], 3),
        ([1, 2, 2], 2),
        ([1, 2], 1),
        ([2, 1], 2),
        ([5, 1, 1, 5], 5),
        ([1, 5, 5, 1], 1),
        ([0, 4, 4, 9, 9], 4),
        ([7, 8, 9], 7),
    ],
)
def test_majority(row: list[int], winner: int) -> None:
    """The most common label; of equally common ones the one that comes first, that is, the nearest."""
    assert majority(np.array([row, row[::-1][::-1]])).tolist() == [winner, winner]


def test_majority_looks_at_each_row() -> None:
    """Rows do not vote for each other."""
    assert majority(np.array([[1, 2, 2], [3, 3, 1], [4, 5, 6]])).tolist() == [2, 3, 4]


@pytest.mark.parametrize("apart", [1e2, 1e3, 1e4])
def test_neighbours_within_far_clusters_are_found(apart: float) -> None:
    """The distance of the clusters does not drown those within them."""
    points = np.random.default_rng(0).normal(size=(100, 2)) + np.repeat([[0.0], [apart]], 50, axis=0)
    points = points.astype(np.float32)
    expected = NearestNeighbors(n_neighbors=1).fit(points).kneighbors(return_distance=False)

    assert (nearest_neighbours(points, 1) == expected).mean() > 0.97  # but for ties of float32 coordinates
