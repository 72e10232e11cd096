"""Where the images of each data set come from, by the names of DATASETS.

A source is asked once: what it gives is kept in the data folder. Shapes: images (N, C, H, W) uint8,
labels (N,) int64.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from autoencoder.config.datasets import DATASETS
from autoencoder.data.downloads import fetch
from autoencoder.progress import ProgressCallback

PACKAGED = {  # data set -> the file that comes with the package
    "mnist_sample": Path(__file__).parent / "mnist_sample" / "mnist_sample.npz"
}
Arrays = tuple[np.ndarray, np.ndarray]  # images and labels
Source = Callable[[Path, ProgressCallback], tuple[Arrays, Arrays]]  # data folder -> train, test


def mnist_sample(folder: Path, notify: ProgressCallback) -> tuple[Arrays, Arrays]:
    """The first images of MNIST, from the file that comes with the package."""
    with np.load(PACKAGED["mnist_sample"], allow_pickle=False) as arrays:
        train, test = (
            (arrays[f"{split}_images"], arrays[f"{split}_labels"].astype(np.int64))
            for split in ("train", "test")
        )
    return train, test


def digits(folder: Path, notify: ProgressCallback) -> tuple[Arrays, Arrays]:
    """scikit-learn's 1,797 digits (grey levels 0 to 16), a fifth of each class for the test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)[:, None]
    size = DATASETS["digits"].test
    train, test, train_labels, test_labels = train_test_split(
        images, bunch.target, test_size=size, stratify=bunch.target, random_state=0
    )
    return (train, train_labels), (test, test_labels)


def torchvision(
    name: str, class_name: str, folder: Path, notify: ProgressCallback
) -> tuple[Arrays, Arrays]:
    """A data set that torchvision knows: fetched, unless its archives lie in the folder."""
    splits = fetch(name, class_name, folder, notify)
    return splits["train"], splits["test"]


SOURCES: dict[str, Source] = {
    "mnist_sample": mnist_sample,
    "digits": digits,
    "mnist": partial(torchvision, "mnist", "MNIST"),
    "fashion_mnist": partial(torchvision, "fashion_mnist", "FashionMNIST"),
    "kmnist": partial(torchvision, "kmnist", "KMNIST"),
    "cifar10": partial(torchvision, "cifar10", "CIFAR10"),
}
