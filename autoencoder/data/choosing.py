"""Which test images to look at, of many: the first, a random draw, one class's, the worst, the
best.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Images:
    """What an order chooses from, and by.

    Attributes:
        labels: Class indices (N,).
        errors: Of each image (N,), for orders that need them.
        most: How many are chosen at most.
        seed: For a random order, at least 0.
        label: For one class.
    """

    labels: np.ndarray
    errors: np.ndarray | None
    most: int
    seed: int = 0
    label: int = 0


@dataclass(frozen=True)
class Order:
    """A way to choose images.

    Attributes:
        title: What it is called on pages.
        choose: Gives indices in the order in which the images are to be shown.
        needs_errors, needs_seed, needs_label: Which of `Images` it asks for.
    """

    title: str
    choose: Callable[[Images], np.ndarray]
    needs_errors: bool = False
    needs_seed: bool = False
    needs_label: bool = False


def first(images: Images) -> np.ndarray:
    """Those that come first in the file."""
    return np.arange(min(images.most, len(images.labels)))


def random(images: Images) -> np.ndarray:
    """A draw by the seed: the same images every time, in file order."""
    count = len(images.labels)
    drawn = np.random.default_rng(images.seed).choice(count, min(images.most, count), replace=False)
    return np.sort(drawn)


def of_class(images: Images) -> np.ndarray:
    """The first of one class."""
    return np.flatnonzero(images.labels == images.label)[: images.most]


def best(images: Images) -> np.ndarray:
    """Those with the smallest errors."""
    assert images.errors is not None  # `chosen` sees to it
    return np.argsort(images.errors, kind="stable")[: images.most]


def worst(images: Images) -> np.ndarray:
    """Those with the largest errors."""
    assert images.errors is not None
    return np.argsort(-images.errors, kind="stable")[: images.most]


ORDERS: dict[str, Order] = {
    "first": Order("First", first),
    "random": Order("Random", random, needs_seed=True),
    "class": Order("By class", of_class, needs_label=True),
    "worst": Order("Worst", worst, needs_errors=True),
    "best": Order("Best", best, needs_errors=True),
}


def chosen(
    order: str,
    labels: np.ndarray,
    errors: np.ndarray | None,
    *,
    most: int,
    seed: int = 0,
    label: int = 0,
) -> np.ndarray:
    """Indices of at most `most` of N images, in the order in which they are to be shown.

    Args:
        order: One of ORDERS; the first are chosen where it needs errors and there are none.
        labels, errors, most, seed, label: As in `Images`.
    """
    needed = ORDERS[order]
    choose = first if needed.needs_errors and errors is None else needed.choose
    return choose(Images(labels, errors, most, seed, label))


def share_below(errors: np.ndarray, error: float) -> float:
    """Share, from 0 to 1, of errors (N,) that are less than `error`."""
    return float(np.mean(errors < error))
