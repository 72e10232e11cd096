"""A claim, measured: it holds here, it does not hold here, or it cannot be said.

What compares two trainings takes a value per seed, and lets the means differ only outside the
spread. What is measured once, with a spread over resamples, goes by the rule of the verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from autoencoder.analysis.clustering import Measure, differs
from autoencoder.analysis.comparison import gap
from autoencoder.formatting import short_number

VERDICTS = {True: "holds here", False: "does not hold here", None: "cannot be said"}
ONE_SEED = "a single seed says nothing of the spread"


@dataclass(frozen=True)
class Claim:
    """A statement and what was measured about it.

    Attributes:
        statement: What is claimed, in one sentence.
        holds: None where it cannot be said.
        measured: What was found, in one sentence or two, with the reason where nothing can be said.
        numbers: By name, plain JSON.
    """

    statement: str
    holds: bool | None
    measured: str
    numbers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """In words."""
        return VERDICTS[self.holds]


@dataclass(frozen=True)
class Sample:
    """One quantity of one kind of training: a value per seed."""

    name: str
    values: Sequence[float]

    def __str__(self) -> str:
        return f"{self.name} {told(self.values)}"


def told(values: Sequence[float]) -> str:
    """Mean and standard deviation over seeds, where there are several and they differ."""
    mean = short_number(float(np.mean(values)))
    return (
        f"{mean} ± {short_number(float(np.std(values, ddof=1)))}" if len(set(values)) > 1 else mean
    )


def lower(statement: str, less: Sample, more: Sample, what: str) -> Claim:
    """Claims that the first sample's mean is below the second's; `what` is measured, such as "test
    MSE".
    """
    difference = gap(less.values, more.values)
    if difference is None:
        holds, why = None, ONE_SEED
    elif not difference.is_real:
        holds, why = (
            None,
            (
                f"a difference of {short_number(abs(difference.value))} lies inside the spread of"
                f" {short_number(difference.margin)}"
            ),
        )
    else:
        holds, why = (
            difference.value < 0,
            f"outside the spread: {short_number(abs(difference.value))} against"
            f" {short_number(difference.margin)}",
        )
    numbers: dict[str, Any] = {less.name: plain(less.values), more.name: plain(more.values)}
    if difference is not None:
        numbers |= {"difference": difference.value, "margin": difference.margin}
    return Claim(statement, holds, f"{what}: {less}, {more} ({why}).", numbers)


def higher(statement: str, more: Sample, less: Sample, what: str) -> Claim:
    """Claims that the first sample's mean is above the second's."""
    opposite = lower(statement, less, more, what)
    return Claim(statement, opposite.holds, opposite.measured, opposite.numbers)


def above(statement: str, more: tuple[str, Measure], less: tuple[str, Measure], what: str) -> Claim:
    """Claims that the first measure's mean is above the second's; each has a name and a spread of
    its own.
    """
    (name, first), (other, second) = more, less
    real = differs(first, second)
    why = "outside the spread" if real else "inside the spread"
    shown = ", ".join(
        f"{each} {short_number(m.mean)} ± {short_number(m.spread)}" for each, m in (more, less)
    )
    numbers = {name: [first.mean, first.spread], other: [second.mean, second.spread]}
    return Claim(
        statement, first.mean > second.mean if real else None, f"{what}: {shown} ({why}).", numbers
    )


def below(statement: str, less: tuple[str, Measure], more: tuple[str, Measure], what: str) -> Claim:
    """Claims that the first measure's mean is below the second's."""
    opposite = above(statement, more, less, what)
    return Claim(statement, opposite.holds, opposite.measured, opposite.numbers)


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
    shown = ", ".join(f"{each.name}: {told(each.values)}" for each in samples)
    return Claim(
        statement,
        holds,
        f"{what}, {shown} ({why}).",
        {each.name: plain(each.values) for each in samples},
    )


def every(statement: str, met: Sequence[bool], measured: str, numbers: Mapping[str, Any]) -> Claim:
    """Claims something of each seed: holds if all meet it, does not if none does; where seeds
    disagree it cannot be said.
    """
    holds = True if all(met) else None if any(met) else False
    why = f" {sum(met)} of {len(met)} seeds agree." if holds is None else ""
    return Claim(statement, holds, measured + why, numbers)


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
