"""The neighbour graph of a set of images."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from autoencoder.data.loading import Dataset
from autoencoder.jobs import neighbour_graph as module
from autoencoder.jobs.neighbour_graph import FOLDER, neighbour_graph


def test_neighbours_are_scikit_learns(digits: Dataset, tmp_path: Path) -> None:
    """The nearest images by their first 50 principal components, none its own neighbour."""
    images = digits.train.images[:300]
    graph = neighbour_graph(images, 7, tmp_path)
    points = PCA(50, svd_solver="full").fit_transform(images.reshape(300, -1) / 255)
    expected = NearestNeighbors(n_neighbors=7).fit(points).kneighbors(return_distance=False)

    assert graph.shape == (300, 7)
    assert (graph == expected).mean() > 0.999  # equally near ones may change places
    assert not (graph == np.arange(300)[:, None]).any()


def test_a_graph_is_found_once(
    digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same images and number are read from the data folder; others are found anew."""
    images = digits.train.images[:100]
    first = neighbour_graph(images, 3, tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "_computed", None)
        assert np.array_equal(neighbour_graph(images, 3, tmp_path), first)

    assert neighbour_graph(images, 4, tmp_path).shape == (100, 4)
    assert neighbour_graph(images[:50], 3, tmp_path).max() < 50


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_a_damaged_graph_is_found_again(digits: Dataset, tmp_path: Path, content: bytes) -> None:
    """What is kept and cannot be read does not count, nor does one that leads out of the images."""
    images = digits.train.images[:40]
    expected = neighbour_graph(images, 3, tmp_path)
    [path] = (tmp_path / FOLDER).iterdir()
    path.write_bytes(content)
    assert np.array_equal(neighbour_graph(images, 3, tmp_path), expected)

    np.savez(path, neighbours=expected + 40)
    assert np.array_equal(neighbour_graph(images, 3, tmp_path), expected)


def test_few_images_have_few_neighbours(digits: Dataset, tmp_path: Path) -> None:
    """Where there are fewer others than asked for, they are all neighbours; a folder that cannot be
    written does no harm.
    """
    (tmp_path / FOLDER).write_text("a file")

    assert neighbour_graph(digits.train.images[:5], 15, tmp_path).shape == (5, 4)
