"""Numbers against values computed by hand or by scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from autoencoder.analysis import metrics, neighbours
from autoencoder.analysis.metrics import (
    majority,
    neighbour_accuracy,
    neighbour_error,
    squared_errors,
)
from autoencoder.data.dataset import Dataset


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


def pair_with(error: float) -> metrics.Reconstructed:
    """Four black images, every pixel of which comes back too light by `error`."""
    images = np.zeros((4, 1, 2, 5), np.uint8)
    return metrics.Reconstructed(images, np.full(images.shape, error))


def test_reconstruction_metrics_by_hand() -> None:
    """SSE sums over an image's pixels where MSE averages, and PSNR is that of the mean MSE."""
    pair = pair_with(0.1)

    assert metrics.mse(pair) == pytest.approx(0.01)
    assert metrics.sse(pair) == pytest.approx(0.1)
    assert metrics.psnr(pair) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("mse", "decibels"),
    [(1.0, 0.0), (0.01, 20.0), (0.5, 10 * math.log10(2)), (0.0, 100.0), (1e-30, 100.0)],
)
def test_psnr(mse: float, decibels: float) -> None:
    """10 log10(1 / MSE), and 100 for what is better than anything."""
    assert metrics.psnr(pair_with(math.sqrt(mse))) == pytest.approx(decibels)


@pytest.mark.parametrize("k", [1, 10])
def test_neighbour_accuracy_is_that_of_leaving_one_out(k: int, digits: Dataset) -> None:
    """On pixels of digits: what scikit-learn's classifier gets for each image from all the others,
    ties aside.
    """
    points, labels = digits.test.images[:150].reshape(150, -1) / 255.0, digits.test.labels[:150]
    right = []
    for left_out in range(150):
        others = np.arange(150) != left_out
        votes = (
            KNeighborsClassifier(k)
            .fit(points[others], labels[others])
            .predict_proba(points[[left_out]])[0]
        )
        right.append(
            votes.argmax() == labels[left_out] if (votes == votes.max()).sum() == 1 else None
        )
    sure = [value for value in right if value is not None]
    low, high = sum(sure) / 150, (sum(sure) + right.count(None)) / 150

    assert low <= neighbour_accuracy(points, labels, k=k) <= high
    assert len(sure) > 130
    assert low > 0.8


def test_neighbour_accuracy_by_hand() -> None:
    """Of two pairs and a stray point, the stray one and nobody else has a neighbour of another
    class.
    """
    points, labels = np.array([[0.0], [1.0], [10.0], [11.0], [14.0]]), np.array([0, 0, 1, 1, 0])

    assert neighbour_accuracy(points, labels, k=1) == 0.8


@pytest.mark.parametrize("k", [0, 5, -1, 6])
def test_k_must_leave_neighbours(k: int) -> None:
    """From one to one fewer than there are points."""
    with pytest.raises(
        ValueError, match=f"k must be from 1 to 4, one fewer than there are points; got {k}"
    ):
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
    """The most common label; of equally common ones the one that comes first, that is, the
    nearest.
    """
    assert majority(np.array([row, row[::-1][::-1]])).tolist() == [winner, winner]


def test_majority_looks_at_each_row() -> None:
    """Rows do not vote for each other."""
    assert majority(np.array([[1, 2, 2], [3, 3, 1], [4, 5, 6]])).tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("known", "asked", "dimensions"), [(200, 90, 1), (211, 97, 30), (1, 5, 2), (50, 1, 784)]
)
def test_neighbour_error_is_scikit_learns(
    known: int, asked: int, dimensions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error of its 1-NN classifier, in chunks that do not divide the points evenly, and far
    from the origin.
    """
    monkeypatch.setattr(neighbours, "BLOCK", 1)
    random = np.random.default_rng(0)
    train, test = (
        random.normal(size=(count, dimensions)).astype(np.float32) + 50 for count in (known, asked)
    )
    train_labels, test_labels = random.integers(0, 3, known), random.integers(0, 3, asked)
    model = KNeighborsClassifier(1, algorithm="brute").fit(train.astype(np.float64), train_labels)
    expected = 1 - model.score(test.astype(np.float64), test_labels)

    assert neighbour_error(train, train_labels, test, test_labels) == pytest.approx(expected)


def test_neighbour_error_by_hand() -> None:
    """Of four test points one is nearest to a training point of the other class."""
    train, test = np.array([[0.0], [10.0]]), np.array([[1.0], [4.9], [5.1], [99.0]])

    assert neighbour_error(train, np.array([0, 1]), test, np.array([0, 0, 0, 1])) == 0.25


@pytest.mark.parametrize("scale", [1.0, 2.0**-660, 2.0**660])
def test_of_equally_near_points_the_first_counts(scale: float) -> None:
    """Doubles, and points on either side, however far from the origin and in whatever unit."""
    train, labels = np.array([[3.0], [7.0], [3.0], [3.0], [7.0]]), np.array([1, 0, 0, 0, 0])

    assert (
        neighbour_error(train * scale, labels, np.array([[5.0], [3.0]]) * scale, np.array([1, 1]))
        == 0
    )
    assert (
        neighbour_error(
            (10 - train) * scale, labels, np.array([[5.0], [7.0]]) * scale, np.array([1, 1])
        )
        == 0
    )


@pytest.mark.parametrize("apart", [0.0, 1e3, 1e6, 1e9])
def test_nearest_training_points_are_exact(apart: float) -> None:
    """Two clusters so far apart that the differences within them drown in the squares of where they
    are.
    """
    random = np.random.default_rng(0)
    far = np.repeat([[0.0, 0.0], [apart, -apart]], 50, axis=0)
    train, test = random.normal(size=(100, 2)) + far, random.normal(size=(100, 2)) + far
    nearest = [int(np.square(train - point).sum(axis=1).argmin()) for point in test]

    assert neighbour_error(train, np.arange(100), test, np.array(nearest)) == 0


@pytest.mark.parametrize(
    ("train", "train_labels", "test", "test_labels", "problem"),
    [
        (np.zeros((0, 2)), [], np.zeros((1, 2)), [0], "both with points"),
        (np.zeros((1, 2)), [0], np.zeros((0, 2)), [], "both with points"),
        (np.zeros((1, 2)), [0], np.zeros((1, 3)), [0], "must be"),
        (np.zeros((1, 0)), [0], np.zeros((1, 0)), [0], "both with points"),
        (np.zeros(2), [0, 0], np.zeros((1, 2)), [0], "must be"),
        (np.zeros((2, 2)), [0], np.zeros((1, 2)), [0], "one label per point"),
        (np.zeros((2, 2)), [0, 0], np.zeros((1, 2)), [0, 1], "one label per point"),
        (np.full((1, 2), np.nan), [0], np.zeros((1, 2)), [0], "must be finite"),
        (np.zeros((1, 2)), [0], np.full((1, 2), np.inf), [0], "must be finite"),
    ],
)
def test_neighbour_error_refuses_what_does_not_fit(
    train: np.ndarray,
    train_labels: list[int],
    test: np.ndarray,
    test_labels: list[int],
    problem: str,
) -> None:
    """No points, other dimensions, labels that are not one per point, numbers that are none."""
    with pytest.raises(ValueError, match=problem):
        neighbour_error(train, np.array(train_labels), test, np.array(test_labels))
