"""The neighbour graph of a set of images."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from autoencoder.config.run_config import RunConfig
from autoencoder.data.dataset import Dataset
from autoencoder.jobs import neighbour_graph as module
from autoencoder.jobs.neighbour_graph import STEP, graph_file, needs_graph, neighbour_graph

CONFIG = RunConfig(dataset="digits", objective="neighbours", neighbours=7)


def graph_of(images: np.ndarray, count: int, path: Path) -> np.ndarray:
    """The graph by pixels."""
    graph = neighbour_graph(images, count, path)
    assert graph is not None
    return graph


def flattened(images: np.ndarray) -> np.ndarray:
    """Pixels as points (N, P)."""
    return images.reshape(len(images), -1).astype(np.float32)


def never(images: np.ndarray) -> np.ndarray:
    """An encoder that must not be needed."""
    raise AssertionError


def test_neighbours_are_scikit_learns(digits: Dataset, tmp_path: Path) -> None:
    """The nearest images by their first 50 principal components, none its own neighbour."""
    images = digits.train.images[:300]
    graph = graph_of(images, 7, tmp_path / "graph.npz")
    points = PCA(50, svd_solver="full").fit_transform(images.reshape(300, -1) / 255)
    expected = NearestNeighbors(n_neighbors=7).fit(points).kneighbors(return_distance=False)

    assert graph.shape == (300, 7)
    assert (graph == expected).mean() > 0.999  # equally near ones may change places
    assert not (graph == np.arange(300)[:, None]).any()


def test_neighbours_are_found_in_the_space_asked_for(digits: Dataset, tmp_path: Path) -> None:
    """With an encoder they are the nearest of its points."""
    images = digits.train.images[:100]
    encode: Callable[[np.ndarray], np.ndarray] = lambda some: flattened(some)[:, 20:22]  # noqa: E731
    graph = neighbour_graph(images, 1, tmp_path / "graph.npz", encode=encode)
    points = encode(images).astype(np.float64)
    distances = np.square(points[:, None] - points).sum(axis=2)
    np.fill_diagonal(distances, np.inf)

    assert graph is not None
    nearest = np.take_along_axis(distances, graph, axis=1)[:, 0]
    assert np.array_equal(nearest, distances.min(axis=1))


def test_a_graph_is_found_once(digits: Dataset, tmp_path: Path) -> None:
    """The same images and number are read from the file; other ones are found anew, and take their
    place there.
    """
    images, path = digits.train.images[:100], tmp_path / "folder" / "graph.npz"
    first = graph_of(images, 3, path)
    kept = neighbour_graph(images, 3, path, encode=never)
    assert kept is not None and np.array_equal(kept, first)

    for others, count in ((images[::-1], 3), (images, 4), (images[:50], 3)):
        with pytest.raises(AssertionError):
            neighbour_graph(others, count, path, encode=never)
        assert graph_of(others, count, path).shape == (len(others), count)
        assert neighbour_graph(others, count, path, encode=never) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"neighbours": 8},
        {"neighbour_space": "digits-conv-d8-a63e8754"},
        {"classes": (1, 7)},
        {"train_size": 500},
        {"dataset": "mnist"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_file_is_named_by_what_the_graph_is_made_from(
    change: dict[str, object], tmp_path: Path
) -> None:
    """Other images, another space, another number: another file. What is only of the training does
    not count.
    """
    file = graph_file(CONFIG, "train", tmp_path)
    other = graph_file(replace(CONFIG, **change), "train", tmp_path)  # type: ignore[arg-type]

    assert file == graph_file(replace(CONFIG, seed=3, neighbour_weight=1), "train", tmp_path)
    assert len({file, other, graph_file(CONFIG, "test", tmp_path)}) == 3


def test_a_graph_is_needed_until_both_are_kept(tmp_path: Path) -> None:
    """Those of the training and of the test images; other objectives need none."""
    assert needs_graph(CONFIG, tmp_path) and not needs_graph(RunConfig(dataset="digits"), tmp_path)
    for split in ("train", "test"):
        assert needs_graph(CONFIG, tmp_path)
        path = graph_file(CONFIG, split, tmp_path)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert not needs_graph(CONFIG, tmp_path)


def test_it_says_how_far_it_is_and_can_be_stopped(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fraction of images whose neighbours are found; asked to stop, it keeps nothing."""
    monkeypatch.setattr(module, "BLOCK", 50)
    images, path, heard = digits.train.images[:200], tmp_path / "graph.npz", []

    def notify(words: str, fraction: float | None = None) -> None:
        heard.append((words, fraction))

    stopped = neighbour_graph(
        images, 3, path, notify=notify, is_stopped=lambda: (STEP, 0.5) in heard
    )
    assert stopped is None and not path.exists()
    assert [fraction for _, fraction in heard] == [0.0, 0.0, 0.25, 0.5]
    assert {words for words, _ in heard} == {STEP}


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_a_damaged_graph_is_found_again(digits: Dataset, tmp_path: Path, content: bytes) -> None:
    """What is kept and cannot be read does not count, nor does one that leads out of the images."""
    images, path = digits.train.images[:40], tmp_path / "graph.npz"
    expected = graph_of(images, 3, path)
    with np.load(path) as arrays:
        digest = arrays["images"]
    path.write_bytes(content)
    assert np.array_equal(graph_of(images, 3, path), expected)

    np.savez(path, neighbours=expected + 40, images=digest)
    assert np.array_equal(graph_of(images, 3, path), expected)


def test_few_images_have_few_neighbours(digits: Dataset, tmp_path: Path) -> None:
    """Where there are fewer others than asked for, they are all neighbours; a folder that cannot be
    written does no harm.
    """
    (tmp_path / "folder").write_text("a file")

    assert graph_of(digits.train.images[:5], 15, tmp_path / "folder" / "graph.npz").shape == (5, 4)
