"""Several seeds of one config are a sample: its mean and spread, and whether two samples differ by
more than chance.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoencoder.analysis.clustering import Measure


@dataclass(frozen=True)
class Gap:
    """How far the means of two samples lie apart.

    Attributes:
        value: The first's mean less the second's.
        margin: Half the width of the 95 % confidence interval of `value`.
    """

    value: float
    margin: float

    @property
    def is_real(self) -> bool:
        """Whether the interval leaves out 0: the difference lies outside the spread."""
        return abs(self.value) > self.margin


def spread(values: Sequence[float]) -> Measure:
    """Mean and standard deviation (of a sample: n - 1) of at least one value; of a single one the
    latter is undefined, NaN.
    """
    return Measure(
        float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    )


def gap(first: Sequence[float], second: Sequence[float]) -> Gap | None:
    """The difference of two means with its margin, by Welch's t-test (1947); None where a sample
    has fewer than two values.

    With so few values as seeds usually are, twice the standard error would call one in eight chance
    differences real: hence Student's quantile, which is 2.8 for two samples of three.
    """
    if min(len(first), len(second)) < 2:
        return None
    from scipy.stats import ttest_ind

    value = float(np.mean(first) - np.mean(second))
    if np.ptp(first) == np.ptp(second) == 0:
        return Gap(value, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of values that hardly differ
        interval = ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    return Gap(value, float(interval.high - interval.low) / 2)
