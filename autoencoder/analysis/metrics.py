"""How good is it? Numbers from arrays, in NumPy.

Images and reconstructions are (N, C, H, W), or any shape with images first, with pixels in [0, 1].
"""

import numpy as np

CHUNK = 1_000  # rows of a distance matrix held at once


def to_unit(images: np.ndarray) -> np.ndarray:
    """uint8 pixels -> float32 in [0, 1]."""
    return images.astype(np.float32) / 255


def squared_errors(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Mean squared error of each image over its pixels, (N,)."""
    difference = (images - reconstructions).reshape(len(images), -1)
    return np.mean(np.square(difference), axis=1)


def reconstruction_metrics(images: np.ndarray, reconstructions: np.ndarray) -> dict[str, float]:
    """MSE per pixel, SSE (summed over an image's pixels, mean over images) and PSNR in dB of the
    mean MSE.
    """
    mse = float(squared_errors(images, reconstructions).mean())
    return {"mse": mse, "sse": mse * images[0].size, "psnr": psnr(mse)}


def psnr(mse: float) -> float:
    """Peak signal-to-noise ratio in dB for pixels in [0, 1]: 10 log10(1 / MSE). 100 for anything
    better than that.
    """
    return float(10 * np.log10(1 / max(mse, 1e-10)))


def neighbour_accuracy(latents: np.ndarray, labels: np.ndarray, *, k: int = 10) -> float:
    """Share of points whose k nearest latents mostly carry their own label; of equally common
    labels
    the nearest one's wins.

    Args:
        latents: (N, D).
        labels: Class indices, (N,).
        k: Neighbours consulted, the point itself excluded.

    Returns:
        Between 0 and 1; chance level is the largest class's share.

    Raises:
        ValueError: If k is not between 1 and N - 1.
    """
    if not 1 <= k < len(latents):
        raise ValueError(
            f"k must be from 1 to {len(latents) - 1}, one fewer than there are points; got {k}"
        )
    nearest = nearest_neighbours(latents, k)
    return float(np.mean(majority(labels[nearest]) == labels))


def nearest_neighbours(latents: np.ndarray, k: int) -> np.ndarray:
    """Indices (N, k) of the k nearest other points of each, nearest first, by Euclidean
    distance.
    """
    points = np.asarray(latents, dtype=np.float64)
    points = points - points.mean(
        axis=0
    )  # keeps the squares small, so that little is lost in the difference below
    squares = np.einsum("nd,nd->n", points, points)
    found = np.empty((len(points), k), dtype=np.int64)
    for start in range(0, len(points), CHUNK):
        rows = slice(start, start + CHUNK)
        distances = squares[rows, None] + squares - 2 * points[rows] @ points.T
        distances[np.arange(len(distances)), np.arange(start, start + len(distances))] = np.inf
        candidates = np.argpartition(distances, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(distances, candidates, axis=1), axis=1, kind="stable")
        found[rows] = np.take_along_axis(candidates, order, axis=1)
    return found


def majority(labels: np.ndarray) -> np.ndarray:
    """The most common label of each row (N, k), nearest first; of equally common ones, that of the
    nearest. (N,)
    """
    votes = (labels[:, :, None] == labels[:, None, :]).sum(axis=2)
    return labels[np.arange(len(labels)), votes.argmax(axis=1)]


def neighbour_error(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> float:
    """Share of test points whose nearest training point carries another label: the error of a 1-NN
    classifier.

    Args:
        train: (M, D), any finite numbers; M at least 1.
        train_labels: Class indices, (M,).
        test: (N, D); N at least 1.
        test_labels: (N,).

    Returns:
        Between 0 and 1. Of training points that are equally near, the first one's label counts.

    Raises:
        ValueError: The shapes do not fit each other, there is no point, or a number is not finite.
    """
    known, asked = np.asarray(train, dtype=np.float64), np.asarray(test, dtype=np.float64)
    if (
        known.ndim != 2
        or asked.ndim != 2
        or known.shape[1] != asked.shape[1]
        or not (known.size and asked.size)
    ):
        raise ValueError(
            f"train and test must be (M, D) and (N, D), both with points; got {known.shape} and"
            f" {asked.shape}"
        )
    if np.shape(train_labels) != known.shape[:1] or np.shape(test_labels) != asked.shape[:1]:
        raise ValueError(
            f"there must be one label per point; got {np.shape(train_labels)} and"
            f" {np.shape(test_labels)}"
        )
    if not (np.isfinite(known).all() and np.isfinite(asked).all()):
        raise ValueError("train and test must be finite; some numbers are infinite or undefined")
    distinct, first = np.unique(known, axis=0, return_index=True)
    order = np.argsort(first)  # as they came, so that of equally near ones the first is found
    nearest = first[order][_nearest(distinct[order], asked)]
    return float(np.mean(np.asarray(train_labels)[nearest] != np.asarray(test_labels)))


def _nearest(known: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Index (N,) of the row of `known` (M, D) nearest to each of `asked` (N, D), the first of
    equally
    near ones.

    A matrix product gives each squared distance less its largest rounding error; those that could
    be the least are redone.
    """
    exponent = np.frexp(max(np.abs(known).max(), np.abs(asked).max()))[1]
    known, asked = (
        np.ldexp(known, -exponent),
        np.ldexp(asked, -exponent),
    )  # exact, and far from where squares overflow
    middle = known.mean(axis=0)
    centred = known - middle  # keeps the squares small
    error = (
        4 * (known.shape[1] + 8) * np.finfo(np.float64).eps
    )  # of |x|^2 + |y|^2 - 2xy, as a share of |x|^2 + |y|^2
    squares = np.einsum("md,md->m", centred, centred) * (1 - error)
    found = np.empty(len(asked), dtype=np.int64)
    step = max(1, CHUNK * 10_000 // len(known))
    for start in range(0, len(asked), step):
        rows = asked[start : start + step]
        shifted = rows - middle
        least = (-2 * shifted) @ centred.T
        least += squares
        least += (np.einsum("nd,nd->n", shifted, shifted) * (1 - error))[:, None]
        bound = np.square(rows - known[least.argmin(axis=1)]).sum(axis=1) * (1 + error)
        found[start : start + step] = _first_nearest(
            known, rows, *np.nonzero(least <= bound[:, None])
        )
    return found


def _first_nearest(
    known: np.ndarray, asked: np.ndarray, rows: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    """The nearest of each row's candidates, exactly; `rows` ascend, and the candidates within
    each.
    """
    distances = np.empty(len(rows))
    step = max(1, CHUNK * 1_000 // known.shape[1])
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        distances[part] = np.square(asked[rows[part]] - known[candidates[part]]).sum(axis=1)
    order = np.lexsort((distances, rows))
    return candidates[order[np.unique(rows, return_index=True)[1]]]


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
