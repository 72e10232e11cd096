"""Which test images to look at, of many: the first, a random draw, one class's, the worst, the
best.
"""

import numpy as np

ORDERS = {
    "first": "First",
    "random": "Random",
    "class": "By class",
    "worst": "Worst",
    "best": "Best",
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
        order: One of ORDERS.
        labels: Class indices (N,).
        errors: Of each image (N,), for "worst" and "best"; without them the first are chosen.
        seed: For "random", at least 0: the same images every time, in file order.
        label: For "class".
    """
    if order == "random":
        drawn = np.random.default_rng(seed).choice(
            len(labels), min(most, len(labels)), replace=False
        )
        return np.sort(drawn)
    if order == "class":
        return np.flatnonzero(labels == label)[:most]
    if order in ("worst", "best") and errors is not None:
        return np.argsort(-errors if order == "worst" else errors, kind="stable")[:most]
    return np.arange(min(most, len(labels)))


def share_below(errors: np.ndarray, error: float) -> float:
    """Share, from 0 to 1, of errors (N,) that are less than `error`."""
    return float(np.mean(errors < error))
