"""What a verdict holds, and its form as plain JSON, which is checked in every detail when it is
read.

C = classes that occur. `None` stands for what is not defined, such as how well a single class
separates.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autoencoder.config.metrics import CLUSTERING_METRICS

SPACES = ("codes", "pixels", "pca")
MOST_CLASSES = 1_000
KEYS = {
    *CLUSTERING_METRICS,
    "used",
    "samples",
    "seed",
    "classes",
    "counts",
    "overlap",
    "distances",
    "unconverged",
}
Matrix = list[list[float]]


@dataclass(frozen=True)
class Measure:
    """A metric of one space: its mean and its standard deviation over resamples."""

    mean: float
    spread: float


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
        overlap: For each space (C, C): share of the nearest neighbours of a row's class that are of
            a column's.
        distances: For each space (C, C): how many standard deviations within classes lie between
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
            name: {space: value and asdict(value) for space, value in row.items()}
            for name, row in self.metrics.items()
        }
        rest = {name: getattr(self, name) for name in ("seed", "samples", "overlap", "distances")}
        lists = {name: list(getattr(self, name)) for name in ("classes", "counts", "unconverged")}
        return {**table, **rest, **lists, "used": dict(self.used)}

    @classmethod
    def from_dict(cls, data: Any) -> "ClusteringScores":
        """The inverse of `to_dict`. Raises ValueError for anything else, however it is made."""
        _exactly(data, KEYS, "a verdict")
        _require(
            isinstance(data["overlap"], dict) and "codes" in data["overlap"],
            "overlap must be given for the codes",
        )
        spaces = [space for space in SPACES if space in data["overlap"]]
        classes = _counts(data["classes"], 0, "classes")
        counts = _counts(data["counts"], 1, "counts")
        _require(
            classes == sorted(set(classes)) and len(classes) == len(counts),
            "classes must ascend, with a count for each",
        )
        _require(
            data["samples"] == sum(counts) and type(data["samples"]) is int,
            "samples must be the sum of the counts",
        )
        _require(
            isinstance(left := data["unconverged"], list) and all(s in spaces for s in left),
            "unconverged names spaces",
        )
        share, distance = _within(0.0, 1.0), _within(0.0, float("inf"))
        return cls(
            {
                name: _each(data[name], spaces, name, _measure(metric.least))
                for name, metric in CLUSTERING_METRICS.items()
            },
            _each(
                data["used"],
                CLUSTERING_METRICS,
                "used",
                lambda value: _counts([value], 0, "used")[0],
            ),
            _counts([data["seed"]], 0, "seed")[0],
            classes,
            counts,
            _each(
                data["overlap"], spaces, "overlap", lambda rows: _square(rows, len(classes), share)
            ),
            _each(
                data["distances"],
                spaces,
                "distances",
                lambda rows: _square(rows, len(classes), _or_none(distance)),
            ),
            left,
        )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ValueError(problem)


def _exactly(data: Any, keys: set[str], name: str) -> None:
    _require(
        isinstance(data, dict) and data.keys() == keys,
        f"{name} must have the keys {', '.join(sorted(keys))}",
    )


def _each(
    data: Any, names: Sequence[str] | Mapping[str, Any], title: str, check: Callable[[Any], Any]
) -> dict[str, Any]:
    """Every value of an object that must have exactly these names, checked."""
    _exactly(data, set(names), title)
    return {name: check(data[name]) for name in names}


def _counts(values: Any, least: int, name: str) -> list[int]:
    _require(
        isinstance(values, list) and 1 <= len(values) <= MOST_CLASSES,
        f"{name} must be a list of 1 to {MOST_CLASSES}",
    )
    _require(
        all(type(value) is int and least <= value < 2**63 for value in values),
        f"{name} must be whole numbers",
    )
    return values


def _within(least: float, most: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        fits = type(value) in (int, float) and least <= value <= most and abs(value) < 1e300
        _require(fits, f"a number must be finite and from {least} to {most}")
        return float(value)

    return check


def _or_none(check: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else check(value)


def _measure(least: float) -> Callable[[Any], Measure | None]:
    def check(value: Any) -> Measure:
        _exactly(value, {"mean", "spread"}, "a measure")
        return Measure(_within(least, 1.0)(value["mean"]), _within(0.0, 2.0)(value["spread"]))

    return _or_none(check)


def _square(rows: Any, count: int, check: Callable[[Any], Any]) -> list[list[Any]]:
    _require(isinstance(rows, list) and len(rows) == count, f"a matrix must have {count} rows")
    _require(
        all(isinstance(row, list) and len(row) == count for row in rows),
        f"a row must have {count} numbers",
    )
    return [[check(value) for value in row] for row in rows]
