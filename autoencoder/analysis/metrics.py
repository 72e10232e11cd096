"""How good is it? Numbers from arrays, in NumPy.

Images and reconstructions are (N, C, H, W), or any shape with images first, with pixels in [0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from autoencoder.analysis import neighbours
from autoencoder.analysis.projections.pca import Pca

CHUNK_PIXELS = 1_000_000  # of the images that are reconstructed at once, about


def to_unit(images: np.ndarray) -> np.ndarray:
    """uint8 pixels -> float32 in [0, 1]."""
    return images.astype(np.float32) / 255


def squared_errors(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Mean squared error of each image over its pixels, (N,)."""
    difference = (images - reconstructions).reshape(len(images), -1)
    return np.mean(np.square(difference), axis=1)


def pca_errors(pca: Pca, images: np.ndarray) -> np.ndarray:
    """PCA's mean squared error of each image (N, C, H, W) uint8, (N,); some are reconstructed at a
    time.
    """
    parts, step = [], max(1, CHUNK_PIXELS // images[0].size)
    for start in range(0, len(images), step):
        pixels = to_unit(images[start : start + step]).reshape(-1, pca.mean.size)
        parts.append(squared_errors(pixels, pca.decode(pca.encode(pixels))))
    return np.concatenate(parts)


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Images (N, C, H, W) uint8, and what a model makes of them, floats about [0, 1]."""

    images: np.ndarray
    reconstructions: np.ndarray

    @cached_property
    def errors(self) -> np.ndarray:
        """Mean squared error of each image over its pixels, (N,)."""
        return squared_errors(to_unit(self.images), self.reconstructions)


def mse(pair: Reconstructed) -> float:
    """Mean squared error per pixel."""
    return float(pair.errors.mean())


def sse(pair: Reconstructed) -> float:
    """Squared error summed over an image's pixels, mean over images."""
    return mse(pair) * pair.images[0].size


def psnr(pair: Reconstructed) -> float:
    """Peak signal-to-noise ratio of the mean MSE in dB, for pixels in [0, 1]: 10 log10(1 / MSE).

    100 for anything better than that.
    """
    return float(10 * np.log10(1 / max(mse(pair), 1e-10)))


def ssim(pair: Reconstructed) -> float:
    """Mean structural similarity, 1 for equal images."""
    from autoencoder.networks import inference

    return inference.ssim(pair.images, pair.reconstructions)


RECONSTRUCTION: dict[str, Callable[[Reconstructed], float]] = {
    "mse": mse,
    "sse": sse,
    "psnr": psnr,
    "ssim": ssim,
}


def neighbour_accuracy(latents: np.ndarray, labels: np.ndarray, *, k: int = 10) -> float:
    """Share of points whose k nearest latents mostly carry their own label; of equally common
    labels the nearest one's wins.

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
    nearest = neighbours.nearest(latents, k)[0]
    return float(np.mean(majority(labels[nearest]) == labels))


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
    known, queries = np.asarray(train), np.asarray(test)
    alike = known.ndim == queries.ndim == 2 and known.shape[1] == queries.shape[1]
    if not (alike and known.size and queries.size):
        raise ValueError(
            f"train and test must be (M, D) and (N, D), both with points; got {known.shape} and"
            f" {queries.shape}"
        )
    if np.shape(train_labels) != known.shape[:1] or np.shape(test_labels) != queries.shape[:1]:
        raise ValueError(
            f"there must be one label per point; got {np.shape(train_labels)} and"
            f" {np.shape(test_labels)}"
        )
    if not (np.isfinite(known).all() and np.isfinite(queries).all()):
        raise ValueError("train and test must be finite; some numbers are infinite or undefined")
    nearest = neighbours.nearest(known, 1, queries)[0][:, 0]
    return float(np.mean(np.asarray(train_labels)[nearest] != np.asarray(test_labels)))
