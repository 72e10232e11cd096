"""A claim, measured: it holds here, it does not hold here, or it cannot be said.

What compares two trainings takes a value per seed, and lets the means differ only outside the
spread. What is measured once, with a spread over resamples, goes by the rule of the clustering
scores. Nothing is said of trainings that had not converged.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from autoencoder.analysis.clustering import Measure, differs
from autoencoder.analysis.comparison import Convergence, gap
from autoencoder.formatting import short_number

VERDICTS = {True: "holds here", False: "does not hold here", None: "cannot be said"}
ONE_SEED = "one seed does not show a spread"
ALIKE = 0.1  # of the larger: what two similar values may differ by


@dataclass(frozen=True)
class Claim:
    """A statement and what was measured about it.

    Attributes:
        statement: What is claimed, in one sentence.
        holds: None where it cannot be said.
        measured: What was measured, in one sentence or two, with the reason where nothing can be
            said.
        numbers: By name, plain JSON.
        gain: The largest share of its test error that the last tenth of its epochs took off one of
            the trainings compared; None where no training is, or one had a single epoch.
    """

    statement: str
    holds: bool | None
    measured: str
    numbers: Mapping[str, Any] = field(default_factory=dict)
    gain: float | None = None

    @property
    def verdict(self) -> str:
        """In words."""
        return VERDICTS[self.holds]


@dataclass(frozen=True)
class Sample:
    """One quantity of one kind of training: a value per seed.

    Attributes:
        convergence: How those trainings ended, the worst of them; None where it does not matter.
    """

    name: str
    values: Sequence[float]
    convergence: Convergence | None = None

    def __str__(self) -> str:
        return f"{self.name}: {mean_and_spread(self.values)}"


@dataclass(frozen=True)
class Resampled:
    """One quantity with a spread of its own, over resamples; as Sample."""

    name: str
    measure: Measure
    convergence: Convergence | None = None

    def __str__(self) -> str:
        return (
            f"{self.name}: {short_number(self.measure.mean)} ± {short_number(self.measure.spread)}"
        )


def mean_and_spread(values: Sequence[float]) -> str:
    """Mean and standard deviation over seeds, where there are several and they differ."""
    mean = short_number(float(np.mean(values)))
    return (
        f"{mean} ± {short_number(float(np.std(values, ddof=1)))}" if len(set(values)) > 1 else mean
    )


def decided(
    statement: str,
    holds: bool | None,
    measured: str,
    numbers: Mapping[str, Any],
    trainings: Iterable[Convergence | None],
) -> Claim:
    """The claim, which cannot be said if one of the trainings it compares had not converged."""
    known = [each for each in trainings if each is not None]
    gains = [each.gain for each in known if isfinite(each.gain)]
    if problem := next((each.problem for each in known if each.problem), ""):
        holds, measured = None, f"{measured} Not converged: {problem}."
    return Claim(statement, holds, measured, numbers, max(gains, default=None))


def lower(statement: str, less: Sample, more: Sample, what: str) -> Claim:
    """Claims that the first sample's mean is below the second's; `what` is measured, such as "test
    MSE".
    """
    difference = gap(less.values, more.values)
    if difference is None:
        holds, why = None, ONE_SEED
    elif not difference.is_real:
        holds = None
        why = (
            f"the difference of {short_number(abs(difference.value))} is inside the spread of"
            f" {short_number(difference.margin)}"
        )
    else:
        holds = difference.value < 0
        why = (
            f"the difference of {short_number(abs(difference.value))} is outside the spread of"
            f" {short_number(difference.margin)}"
        )
    measured = f"{what}. {less}; {more} ({why})."
    trainings = less.convergence, more.convergence
    return decided(statement, holds, measured, _numbers(less, more), trainings)


def higher(statement: str, more: Sample, less: Sample, what: str) -> Claim:
    """Claims that the first sample's mean is above the second's."""
    return lower(statement, less, more, what)


def similar(statement: str, one: Sample, other: Sample, what: str) -> Claim:
    """Claims that two means differ by at most a tenth of the larger: holds if their difference and
    its spread lie within that, does not if they lie beyond it.
    """
    difference = gap(one.values, other.values)
    limit = ALIKE * max(float(np.mean(one.values)), float(np.mean(other.values)))
    if difference is None:
        holds, why = None, ONE_SEED
    else:
        distance, margin = abs(difference.value), difference.margin
        holds = True if distance + margin <= limit else False if distance - margin > limit else None
        why = (
            f"they differ by {short_number(distance)} ± {short_number(margin)}; values are"
            f" similar if they differ by at most {short_number(limit)}, a tenth of the"
            " larger value"
        )
    measured = f"{what}. {one}; {other} ({why})."
    trainings = one.convergence, other.convergence
    return decided(statement, holds, measured, _numbers(one, other), trainings)


def _numbers(one: Sample, other: Sample) -> dict[str, Any]:
    numbers: dict[str, Any] = {one.name: plain(one.values), other.name: plain(other.values)}
    if (difference := gap(one.values, other.values)) is not None:
        numbers |= {"difference": difference.value, "margin": difference.margin}
    return numbers


def above(statement: str, more: Resampled, less: Resampled, what: str) -> Claim:
    """Claims that the first measure's mean is above the second's; each has a spread of its own."""
    one, other = more.measure, less.measure
    is_real = differs(one, other)
    side = "outside" if is_real else "inside"
    measured = f"{what}. {more}; {less} (the difference is {side} the spread)."
    numbers = {more.name: [one.mean, one.spread], less.name: [other.mean, other.spread]}
    holds = one.mean > other.mean if is_real else None
    return decided(statement, holds, measured, numbers, (more.convergence, less.convergence))


def falling(statement: str, samples: Sequence[Sample], what: str) -> Claim:
    """Claims that each sample's mean is below the one before it: none may rise, and every step must
    be outside the spread.
    """
    steps = [gap(after.values, before.values) for before, after in pairwise(samples)]
    inside = [
        f"{samples[i].name} to {samples[i + 1].name}"
        for i, step in enumerate(steps)
        if step is None or not step.is_real
    ]
    risen = any(step is not None and step.is_real and step.value > 0 for step in steps)
    holds = False if risen else None if inside else True
    why = (
        "every step is outside the spread"
        if not inside
        else f"inside the spread: {', '.join(inside)}"
    )
    means = "; ".join(map(str, samples))
    numbers = {each.name: plain(each.values) for each in samples}
    trainings = [each.convergence for each in samples]
    return decided(statement, holds, f"{what}. {means} ({why}).", numbers, trainings)


def every(
    statement: str,
    met: Sequence[bool],
    measured: str,
    numbers: Mapping[str, Any],
    *trainings: Convergence | None,
) -> Claim:
    """Claims something of each seed: holds if all meet it, does not if none does; where seeds
    disagree it cannot be said.
    """
    holds = True if all(met) else None if any(met) else False
    why = f" {sum(met)} of {len(met)} seeds agree." if holds is None else ""
    return decided(statement, holds, measured + why, numbers, trainings)


def joined(measures: Sequence[Measure]) -> Measure:
    """One measure for several seeds: the mean, with the spread between seeds and that of a single
    one added as variances.
    """
    means = [each.mean for each in measures]
    between = float(np.var(means, ddof=1)) if len(means) > 1 else 0.0
    return Measure(
        float(np.mean(means)),
        float((between + np.mean([each.spread**2 for each in measures])) ** 0.5),
    )


def plain(values: Sequence[float]) -> list[float]:
    """Python's own numbers, for JSON."""
    return [float(value) for value in values]
