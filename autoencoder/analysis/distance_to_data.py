"""Distance to the data: how far images are from the nearest real one, and how far real ones are
from each other.

Shapes: N = images, M = real images, E = ends of a path, C, H, W = channels, height and width. The
browser's half, for the Interpolate page: `nearestImage` in export/browser/latent_map.js and
export/browser/interpolation/left_out.js.
"""

import numpy as np

from autoencoder.analysis.metrics import to_unit
from autoencoder.analysis.neighbours import Neighbours

BATCH = 8_000_000  # pixels, about, that are looked at together


class RealImages:
    """Real images (M, C, H, W) uint8, M at least 1, that others are measured against.

    Exact copies of an image count as one image: it is left out with all its copies.
    """

    def __init__(self, images: np.ndarray) -> None:
        first: dict[bytes, int] = {}
        for index, image in enumerate(images):
            first.setdefault(image.tobytes(), index)
        self._places = {content: place for place, content in enumerate(first)}
        distinct = images if len(first) == len(images) else images[list(first.values())]
        self._neighbours = Neighbours(to_unit(distinct))

    def distances(self, images: np.ndarray, *, without: np.ndarray | None = None) -> np.ndarray:
        """Distance of each image to its nearest real image, as MSE per pixel (N,).

        Args:
            images: (N, C, H, W) in [0, 1], N at least 1.
            without: Images (E, C, H, W) uint8 that are left out of the real ones. For the frames
                of a path they are its ends: a blend of pixels begins and ends there, and would be
                at distance 0 for nothing.

        Returns:
            NaN throughout if no real image is left.
        """
        left_out = [] if without is None else self._places_of(without)
        if len(left_out) == len(self._places):
            return np.full(len(images), np.nan)
        queries = images.astype(np.float32, copy=False)
        places, distances = self._neighbours.nearest(1 + len(left_out), queries)
        distances[np.isin(places, left_out)] = np.inf
        return np.square(distances.min(axis=1)) / images[0].size

    def typical_distance(self, images: np.ndarray) -> float:
        """Median distance of real images (N, C, H, W) uint8, which must be among these, to their
        nearest neighbours, as MSE per pixel; 0 if there is no other image.
        """
        if len(self._places) < 2:
            return 0.0
        itself = np.array([self._places[image.tobytes()] for image in images])
        distances = self._neighbours.nearest(1, to_unit(images), itself=itself)[1]
        return float(np.median(np.square(distances) / images[0].size))

    def _places_of(self, images: np.ndarray) -> list[int]:
        """Places of those images (E, C, H, W) that are among the real ones, each once."""
        contents = {image.tobytes() for image in images}
        return [self._places[content] for content in contents if content in self._places]


def nearest_images(
    images: np.ndarray, k: int, queries: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The k images (N, C, H, W) uint8 nearest to each query (Q, C, H, W) in [0, 1], nearest first:
    indices (Q, k) and Euclidean distances (Q, k). The images are looked at in batches: there is
    never a copy of all of them as floats.
    """
    step = max(k, BATCH // images[0].size)
    places, distances = np.empty((len(queries), 0), np.int64), np.empty((len(queries), 0))
    for start in range(0, len(images), step):
        batch = to_unit(images[start : start + step])
        near, far = Neighbours(batch).nearest(min(k, len(batch)), queries)
        places = np.concatenate([places, near + start], axis=1)
        distances = np.concatenate([distances, far], axis=1)
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        places = np.take_along_axis(places, order, axis=1)
        distances = np.take_along_axis(distances, order, axis=1)
    return places, distances


def typical_distance(images: np.ndarray, first: int) -> float:
    """How far real images are from each other: a yardstick for decoded and drawn ones.

    Args:
        images: (N, C, H, W) uint8, N at least 1.
        first: How many of them to measure from, counted from the first.

    Returns:
        The median, over those, of the MSE per pixel (pixels in [0, 1]) to the nearest of all other
        images, exact copies of the image itself left out; 0 if there is no other.
    """
    return RealImages(images).typical_distance(images[:first])
