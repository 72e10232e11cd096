"""The neighbour graph: for each image the images that are most like it, by the principal components
of their pixels. No label is used. Found once for a set of images, and kept in the data folder.
"""

import contextlib
import hashlib
from pathlib import Path

import numpy as np

from autoencoder.analysis.neighbours import Neighbours
from autoencoder.analysis.projections import fit_pca
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import files

COMPONENTS = 50  # principal components in which images are compared
BLOCK = 2_000  # images between two words on how far it is
FOLDER = "neighbours"  # in the data folder


def neighbour_graph(
    images: np.ndarray, count: int, folder: Path, notify: ProgressCallback = ignore
) -> np.ndarray:
    """Indices (N, k) int64 of the k images most like each of the images (N, C, H, W) uint8, nearest
    first: k is `count`, or all others if there are fewer.

    Args:
        images: At least two.
        count: From 1.
        folder: The data folder, where the graph is kept if that can be written.
        notify: Hears how far it is.
    """
    count = min(count, len(images) - 1)
    digest = hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()[:16]
    path = folder / FOLDER / f"{digest}-{count}.npz"
    graph = _read(path, (len(images), count))
    if graph is None:
        graph = _computed(images, count, notify)
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            files.write_arrays(path, {"neighbours": graph.astype(np.int32)})
    return graph


def _read(path: Path, shape: tuple[int, int]) -> np.ndarray | None:
    """A graph that was kept; None if there is none of that shape that can be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            graph = np.asarray(arrays["neighbours"], np.int64)
    except Exception:  # zipfile and NumPy raise a dozen kinds; whatever it is, the file is not ours
        return None
    is_sound = graph.shape == shape and 0 <= graph.min() and graph.max() < shape[0]
    return graph if is_sound else None


def _computed(images: np.ndarray, count: int, notify: ProgressCallback) -> np.ndarray:
    points = fit_pca(images, COMPONENTS).encode(images)
    index, blocks = Neighbours(points), []
    for start in range(0, len(points), BLOCK):
        notify("finding the neighbours of each image", start / len(points))
        itself = np.arange(start, min(start + BLOCK, len(points)))
        blocks.append(index.nearest(count, points[itself], itself)[0])
    return np.concatenate(blocks)
