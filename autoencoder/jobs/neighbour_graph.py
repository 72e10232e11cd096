"""The neighbour graph: for each image the images that are most like it, by the principal components
of their pixels or by the latents of another run. No label is used. Found once, and kept in the data
folder.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autoencoder.analysis.neighbours import Neighbours
from autoencoder.analysis.projections import fit_pca
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import JobError
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import files

COMPONENTS = 50  # principal components in which images are compared
BLOCK = 1_000  # images between two words on how far it is
FOLDER = "neighbours"  # in the data folder
SPLITS = ("train", "test")
STEP = "finding each image's nearest neighbours"


def graph_file(config: RunConfig, split: str, folder: Path) -> Path:
    """Where the graph of the training or of the test images of `config` is kept: its name says what
    it is made from, which are the images, the space (pixels, or the key of a run) and the number of
    neighbours.

    Args:
        config: Of a run whose objective needs neighbours.
        split: One of SPLITS.
        folder: The data folder.
    """
    images = [list(config.classes), config.train_size if split == "train" else 0]
    digest = hashlib.sha256(json.dumps(images).encode()).hexdigest()[:8]
    space = config.neighbour_space or "pixels"
    name = f"{config.dataset}-{split}-{digest}-{space}-{config.neighbours}.npz"
    return folder / FOLDER / name


def needs_graph(config: RunConfig, folder: Path) -> bool:
    """Whether a training of `config` has to find neighbours first: no graph is in the data
    folder.
    """
    return config.objective_spec.has_neighbours and not all(
        graph_file(config, split, folder).exists() for split in SPLITS
    )


def neighbour_graph(
    images: np.ndarray,
    count: int,
    path: Path,
    *,
    encode: Callable[[np.ndarray], np.ndarray] | None = None,
    notify: ProgressCallback = ignore,
    is_stopped: Callable[[], bool] = lambda: False,
) -> np.ndarray | None:
    """Indices (N, k) int64 of the k images most like each of the images (N, C, H, W) uint8, nearest
    first: k is `count`, or all others if there are fewer. None if it was stopped before the end.

    Args:
        images: At least two.
        count: From 1.
        path: The file that keeps the graph, if it can be written; one of other images is replaced.
        encode: Images -> points (N, D) whose distances count; by default their principal
            components. Called only where the file does not hold the graph.
        notify: Hears how far it is.
        is_stopped: Asked again and again whether to stop.
    """
    count = min(count, len(images) - 1)
    digest = _digest(images)
    graph = _read(path, digest, (len(images), count))
    if graph is None:
        notify(STEP, 0.0)
        points = (encode or principal_components)(images)
        graph = _nearest(points, count, notify, is_stopped)
        if graph is not None:
            _keep(path, graph, digest)
    return graph


def kept_graphs(
    config: RunConfig, images: np.ndarray, test_images: np.ndarray, folder: Path
) -> list[np.ndarray]:
    """The graphs of the training and of the test images that the data folder keeps, if the
    objective needs them.

    Raises JobError if one of them is not there.
    """
    if not config.objective_spec.has_neighbours:
        return []
    graphs = []
    for split, some in zip(SPLITS, (images, test_images), strict=True):
        shape = len(some), min(config.neighbours, len(some) - 1)
        graph = _read(graph_file(config, split, folder), _digest(some), shape)
        if graph is None:
            raise JobError(f"the data folder {folder} keeps no neighbours of these images")
        graphs.append(graph)
    return graphs


def principal_components(images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> their first principal components (N, 50), or as many as there
    are pixels.
    """
    return fit_pca(images, min(COMPONENTS, len(images))).encode(images)


def _digest(images: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(images).data).hexdigest()


def _read(path: Path, digest: str, shape: tuple[int, int]) -> np.ndarray | None:
    """A graph that was kept; None if there is none of these images and that shape."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            graph = np.asarray(arrays["neighbours"], np.int64)
            kept_digest = str(arrays["images"])
    except Exception:  # zipfile and NumPy raise a dozen kinds; whatever it is, the file is not ours
        return None
    is_sound = graph.shape == shape and 0 <= graph.min() and graph.max() < shape[0]
    return graph if is_sound and kept_digest == digest else None


def _keep(path: Path, graph: np.ndarray, digest: str) -> None:
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {"neighbours": graph.astype(np.int32), "images": np.array(digest)}
        files.write_arrays(path, arrays)


def _nearest(
    points: np.ndarray, count: int, notify: ProgressCallback, is_stopped: Callable[[], bool]
) -> np.ndarray | None:
    index, blocks = Neighbours(points), []
    for start in range(0, len(points), BLOCK):
        if is_stopped():
            return None
        notify(STEP, start / len(points))
        itself = np.arange(start, min(start + BLOCK, len(points)))
        blocks.append(index.nearest(count, points[itself], itself)[0])
    return np.concatenate(blocks)
