"""How small may the bottleneck be? Where the curve of error against bottleneck bends, and what less
error costs on either side.

K = bottlenecks that were tried.
"""

from collections.abc import Sequence

import numpy as np

BEND = 0.05  # of the curve's whole height: a smaller distance below the chord is no bend


def knee(dims: Sequence[int], errors: Sequence[float]) -> int | None:
    """Index of the bottleneck where the curve of errors levels off; None where it has no such bend.

    With x = log d and y = log error, each scaled so that the curve runs from (0, 1) to (1, 0), it
    is the point furthest below the chord between these two, where 1 - x - y is greatest (after
    Satopää et al. 2011, "Finding a Kneedle in a Haystack"). A power law is a straight line there,
    and has none.

    Args:
        dims: K rising sizes, at least 1.
        errors: (K,), above 0.

    Raises:
        ValueError: The numbers are not of that kind.
    """
    sizes, heights = np.asarray(dims, dtype=float), np.asarray(errors, dtype=float)
    if sizes.shape != heights.shape or sizes.ndim != 1:
        raise ValueError(
            f"there must be one error per bottleneck; got {sizes.shape} and {heights.shape}"
        )
    if not (
        (sizes >= 1).all()
        and (np.diff(sizes) > 0).all()
        and np.isfinite(heights).all()
        and (heights > 0).all()
    ):
        raise ValueError(
            f"bottlenecks must rise from at least 1 and errors be above 0; got {list(dims)} and"
            f" {list(errors)}"
        )
    if len(sizes) < 3 or heights[-1] >= heights[0]:
        return None
    x, y = np.log(sizes), np.log(heights)
    below = 1 - (x - x[0]) / (x[-1] - x[0]) - (y - y[-1]) / (y[0] - y[-1])
    best = int(below.argmax())
    return best if below[best] > BEND else None


def bytes_per_percent(sizes: tuple[int, int], errors: tuple[float, float]) -> float | None:
    """What one per cent less error costs between two bottlenecks, in bytes per latent; None where
    the error does not fall.

    Per cents follow upon each other, as interest does: from error a to error b there are 100 log(a
    / b) of them.

    Args:
        sizes: Bytes per latent, the smaller first.
        errors: Above 0, in the same order.
    """
    percents = 100 * float(np.log(errors[0] / errors[1]))
    return (sizes[1] - sizes[0]) / percents if percents > 0 else None
