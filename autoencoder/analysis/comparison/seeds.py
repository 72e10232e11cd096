"""Several seeds of one config are a sample: its mean and spread, and whether two samples differ by
more than chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from autoencoder.analysis.clustering import Measure

# degrees of freedom -> so many standard errors to either side hold 95 % of Student's t
QUANTILES = {
    1: 12.706,
    2: 4.303,
    3: 3.182,
    4: 2.776,
    5: 2.571,
    6: 2.447,
    8: 2.306,
    10: 2.228,
    15: 2.131,
    30: 2.042,
    100: 1.984,
    1000: 1.962,
}


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
    has
    fewer than two values.

    With so few values as seeds usually are, twice the standard error would call one in eight chance
    differences real: hence Student's quantile, which is 2.8 for two samples of three.
    """
    if min(len(first), len(second)) < 2:
        return None
    one, other = (spread(values).spread ** 2 / len(values) for values in (first, second))
    value = float(np.mean(first) - np.mean(second))
    if one + other == 0:
        return Gap(value, 0.0)
    shares = np.array([one, other]) / (one + other)
    freedom = (
        1 / (shares**2 / np.array([len(first) - 1, len(second) - 1])).sum()
    )  # Welch and Satterthwaite
    return Gap(value, _quantile(float(freedom)) * (one + other) ** 0.5)


def _quantile(freedom: float) -> float:
    """Between the tabulated ones along 1 / freedom, where they lie almost on a line."""
    return float(
        np.interp(
            1 / freedom,
            [1 / each for each in reversed(QUANTILES)],
            list(reversed(QUANTILES.values())),
        )
    )
