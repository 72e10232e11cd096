"""Whether a training had come to its end: how much its error still fell in the last epochs, and for
a linear network how far it is from PCA, which is the best it can become.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

LAST = 0.1  # of the epochs: the end of a training
MOST_GAIN = 0.03  # of the error: what the end may still take off it
MOST_EXCESS = 0.05  # of PCA's error: what a linear network may have more


@dataclass(frozen=True)
class Convergence:
    """How a training ended.

    Attributes:
        gain: Share of its error that the last tenth of its epochs took off, at least 0; infinite
            for a single epoch, before which there is nothing.
        problem: Why it had not converged, as the end of a sentence; empty if it had.
    """

    gain: float
    problem: str = ""


def convergence(errors: Sequence[float], *, pca: float | None = None) -> Convergence:
    """Whether a training with these test errors, one per epoch, had converged.

    Args:
        errors: At least one; what counts is the lowest so far.
        pca: Of a linear network, PCA's error at the same bottleneck.
    """
    before = errors[: len(errors) - max(1, round(LAST * len(errors)))]
    gain = max(0.0, 1 - min(errors) / min(before)) if before and min(before) > 0 else inf
    if not before:
        return Convergence(gain, "one epoch does not show if the training has converged")
    if pca is not None and errors[-1] > (1 + MOST_EXCESS) * pca:
        return Convergence(gain, f"its test error is {errors[-1] / pca - 1:.1%} above PCA's")
    if gain > MOST_GAIN:
        return Convergence(
            gain, f"its error still fell by {gain:.1%} in the last tenth of its epochs"
        )
    return Convergence(gain)
