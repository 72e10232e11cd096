"""The clustering scores of a run, and their JSON.

C = classes that occur. `None` stands for what is not defined, such as how well a single class
separates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.validation import Count, Exact, NotNegative, PositiveCount, Share, decode

Space = Literal["latents", "pixels", "pca"]
SPACES: tuple[Space, ...] = get_args(Space)
MOST_CLASSES = 1_000
MOST_IN_MATRIX = 50  # classes, the largest ones
Matrix = list[list[float]]


class Measure(Exact, frozen=True):
    """A metric of one space: its mean and its standard deviation over resamples."""

    mean: Annotated[float, Meta(ge=-1, le=1)]
    spread: Annotated[float, Meta(ge=0, le=2)]


def largest(counts: Sequence[int]) -> list[int]:
    """Places, ascending, of the 50 largest of these counts, or of all."""
    return sorted(sorted(range(len(counts)), key=lambda place: -counts[place])[:MOST_IN_MATRIX])


def differs(one: Measure, other: Measure) -> bool:
    """Whether two means are further apart than twice the root of their summed squared spreads."""
    return abs(one.mean - other.mean) > 2 * (one.spread**2 + other.spread**2) ** 0.5


@dataclass(frozen=True)
class ClusteringScores:
    """How well the classes cluster in each space.

    Attributes:
        metrics: For each of CLUSTERING_METRICS, the measure in each space; None where it is not
            defined.
        used: For each of CLUSTERING_METRICS, how many images one resample looks at.
        seed: Of the resamples.
        classes: Indices of the classes that occur, ascending, (C,).
        counts: Images of each, (C,).
        overlap: For each space (M, M), where M are the classes in `largest`: share of the nearest
            neighbours of a row's class that are of a column's.
        distances: For each space (M, M): how many standard deviations within classes lie between
            the means of two, measured along the line that joins them; None where nothing varies
            along it.
        unconverged: Spaces in which the linear probe was still improving when it was stopped.
    """

    metrics: Mapping[str, Mapping[str, Measure | None]]
    used: Mapping[str, int]
    seed: int
    classes: Sequence[int]
    counts: Sequence[int]
    overlap: Mapping[str, Matrix]
    distances: Mapping[str, list[list[float | None]]]
    unconverged: Sequence[str] = ()

    @property
    def largest(self) -> Sequence[int]:
        """Places in `classes`, ascending, of the 50 classes with the most images, or of all."""
        return largest(self.counts)

    @property
    def samples(self) -> int:
        """All images, N."""
        return sum(self.counts)

    @property
    def chance(self) -> float:
        """The accuracy of always naming the largest class."""
        return max(self.counts) / self.samples

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON without NaN: every metric by name, and the rest."""
        table = {
            name: {space: msgspec.to_builtins(value) for space, value in row.items()}
            for name, row in self.metrics.items()
        }
        rest = {name: getattr(self, name) for name in ("seed", "samples", "overlap", "distances")}
        lists = {name: list(getattr(self, name)) for name in ("classes", "counts", "unconverged")}
        return {**table, **rest, **lists, "used": dict(self.used)}

    @classmethod
    def from_json(cls, text: bytes | str) -> "ClusteringScores":
        """What `to_dict` gave, as JSON. Raises ValueError for anything else."""
        stored = decode(text, _Stored)
        names = ("used", "seed", "classes", "counts", "overlap", "distances", "unconverged")
        return cls(stored.metrics, **{name: getattr(stored, name) for name in names})


Classes = Annotated[list[Count], Meta(min_length=1, max_length=MOST_CLASSES)]
Counts = Annotated[list[PositiveCount], Meta(min_length=1, max_length=MOST_CLASSES)]


class _StoredBesideMetrics(Exact, frozen=True):
    """The JSON of ClusteringScores, without the metrics: each of these has a key of its own."""

    seed: Count
    samples: Count
    overlap: dict[Space, list[list[Share]]]
    distances: dict[Space, list[list[NotNegative | None]]]
    classes: Classes
    counts: Counts
    unconverged: list[Space]
    used: dict[str, Count]

    def __post_init__(self) -> None:
        self._check_spaces()
        self._check_counts()
        matrices: list[Sequence[Sequence[object]]] = [
            *self.overlap.values(),
            *self.distances.values(),
        ]
        square = all(_is_square(rows, len(largest(self.counts))) for rows in matrices)
        _require(square, "overlap and distances must have a row and a column for each class")

    def _check_spaces(self) -> None:
        spaces = set(self.overlap)
        _require("latents" in spaces, "overlap must be given for the latents")
        parts = [set(self.distances), *(set(row) for row in self.metrics.values())]
        _require(all(part == spaces for part in parts), "every part must name the same spaces")
        _require(set(self.unconverged) <= spaces, "unconverged must name some of the spaces")
        _require(self.used.keys() == CLUSTERING_METRICS.keys(), "used must name every metric")
        in_range = all(
            measure.mean >= CLUSTERING_METRICS[metric].least
            for metric, row in self.metrics.items()
            for measure in row.values()
            if measure
        )
        _require(in_range, "a metric is below its least value")

    def _check_counts(self) -> None:
        ascending = self.classes == sorted(set(self.classes))
        _require(
            ascending and len(self.classes) == len(self.counts),
            "classes must ascend, with a count for each",
        )
        _require(self.samples == sum(self.counts), "samples must be the sum of the counts")

    @property
    def metrics(self) -> dict[str, dict[str, Measure | None]]:
        """For each of CLUSTERING_METRICS, the measure in each space."""
        return {name: getattr(self, name) for name in CLUSTERING_METRICS}


_Stored: type[_StoredBesideMetrics] = msgspec.defstruct(  # type: ignore[assignment]
    "_Stored",
    [(metric, dict[Space, Measure | None]) for metric in CLUSTERING_METRICS],
    bases=(_StoredBesideMetrics,),
    frozen=True,
    forbid_unknown_fields=True,
)


def _is_square(rows: Sequence[Sequence[object]], count: int) -> bool:
    return len(rows) == count and all(len(row) == count for row in rows)


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)
