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
    """MSE per pixel, SSE (summed over an image's pixels, mean over images) and PSNR in dB of the mean MSE."""
    mse = float(squared_errors(images, reconstructions).mean())
    return {"mse": mse, "sse": mse * images[0].size, "psnr": psnr(mse)}


def psnr(mse: float) -> float:
    """Peak signal-to-noise ratio in dB for pixels in [0, 1]: 10 log10(1 / MSE). 100 for anything better than that."""
    return float(10 * np.log10(1 / max(mse, 1e-10)))


def neighbour_accuracy(latents: np.ndarray, labels: np.ndarray, *, k: int = 10) -> float:
    """Share of points whose k nearest latents mostly carry their own label; of equally common labels the nearest one's wins.

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
        raise ValueError(f"k must be from 1 to {len(latents) - 1}, one fewer than there are points; got {k}")
    nearest = nearest_neighbours(latents, k)
    return float(np.mean(majority(labels[nearest]) == labels))


def nearest_neighbours(latents: np.ndarray, k: int) -> np.ndarray:
    """Indices (N, k) of the k nearest other points of each, nearest first, by Euclidean distance."""
    points = np.asarray(latents, dtype=np.float64)
    points = points - points.mean(axis=0)  # keeps the squares small, so that little is lost in the difference below
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
    """The most common label of each row (N, k), nearest first; of equally common ones, that of the nearest. (N,)"""
    votes = (labels[:, :, None] == labels[:, None, :]).sum(axis=2)
    return labels[np.arange(len(labels)), votes.argmax(axis=1)]
