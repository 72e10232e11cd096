"""Clustering scores in sentences, each of which follows from its numbers by a rule.

- **Separation** is told by the accuracy of the 10 nearest neighbours: how far it gets from chance
  (the largest class's share) to 1. Nine tenths of the way is "separate well", half of it "separate
  in part", less "separate little"; where it is not above chance and outside the spread, the classes
  "do not cluster".
- **Better or worse** than in pixels, or than in PCA at the same dimension, is what lies outside the
  spread: two means further apart than twice the root of their summed squared spreads.
- **Overlap** names the two classes of which one has the largest share of the other's among its 10
  nearest latents; at less than 1 % none do. It is left out where classes do not cluster.
- **Clusters without labels** are those of k-means in the latents, told by their adjusted Rand
  index: from 0.9 they match the classes "almost exactly", from 0.65 "largely", from 0.3 "in part",
  from 0.05 "hardly", and below that "not at all".
- **Cautions**, where due: a single class; accuracy at chance; fewer than 200 images, or fewer than
  10 of a class; a linear probe that had not converged.
"""

from collections.abc import Callable, Sequence

from autoencoder.analysis.clustering.result import ClusteringScores, Measure, differs
from autoencoder.formatting import short_number

SEPARATION = {0.9: "separate well", 0.5: "separate in part", 0.0: "separate little"}
MATCH = {0.9: "almost exactly", 0.65: "largely", 0.3: "in part", 0.05: "hardly", -1.0: "not at all"}
LITTLE_OVERLAP = 0.01
FEW_IMAGES, FEW_OF_A_CLASS = 200, 10
OTHERS = {"pixels": "pixels", "pca": "PCA at the same dimension"}
IN_WORDS = {"latents": "the latents", **OTHERS}


def sentences(scores: ClusteringScores, class_names: Sequence[str]) -> list[str]:
    """Do the classes cluster? One to six sentences.

    Raises:
        ValueError: A class that occurs has no name.
    """
    if scores.classes[-1] >= len(class_names):
        raise ValueError(f"class {scores.classes[-1]} has no name: there are {len(class_names)}")
    names = [class_names[index] for index in scores.classes]
    return [words for tell in TOLD if (words := tell(scores, names))]


def rounded(value: float) -> str:
    """At most three decimals, and three significant digits: 0.967, 0.05, 12.3."""
    return short_number(round(value, 3))


def _separation(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    measured = scores.metrics["knn_10"]
    if (latents := measured["latents"]) is None:
        return None
    if _at_chance(scores):
        level = "do not cluster"
    else:
        level = _level(SEPARATION, (latents.mean - scores.chance) / (1 - scores.chance))
    first = f"The classes {level} in the latents (10-NN accuracy {rounded(latents.mean)})"
    compared = [
        _comparison(latents, other, OTHERS[name])
        for name in OTHERS
        if (other := measured.get(name))
    ]
    if len(compared) == 2 and compared[0][0] == compared[1][0]:
        compared[1] = ("in", compared[1][1])  # the same words are not said twice
    return f"{', '.join([first, ' and '.join(map(' '.join, compared))]) if compared else first}."


def _comparison(latents: Measure, other: Measure, name: str) -> tuple[str, str]:
    """How the latents stand to another space, and that space with its number."""
    if not differs(latents, other):
        return (
            "no better and no worse than in",
            f"{name} ({rounded(other.mean)}, inside the spread)",
        )
    relation = "better than in" if latents.mean > other.mean else "worse than in"
    return relation, f"{name} ({rounded(other.mean)}, outside the spread)"


def _overlap(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if len(names) < 2 or _at_chance(scores):
        return None
    table = scores.overlap["latents"]
    pairs = [
        (table[row][column], row, column)
        for row in range(len(names))
        for column in range(len(names))
        if row != column
    ]
    share, row, column = max(pairs, key=lambda pair: pair[0])
    if share < LITTLE_OVERLAP:
        return (
            "No two classes overlap: less than 1 % of the nearest latents of any class are of any"
            " other."
        )
    distance = scores.distances["latents"][row][column]
    apart = (
        ""
        if distance is None
        else f"; their means are {rounded(distance)} standard deviations apart"
    )
    one, other, percent = names[row], names[column], rounded(round(100 * share, 1))
    return (
        f"{one} and {other} overlap most: {percent} % of the 10 nearest latents of class {one} are"
        f" of class {other}{apart}."
    )


def _clusters(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    measured = scores.metrics["kmeans_ari"]
    if (latents := measured["latents"]) is None:
        return None
    level = _level(MATCH, latents.mean)
    first = f"Clusters found in the latents without labels match the classes {level}"
    compared = (
        f", {' '.join(_comparison(latents, pixels, 'pixels'))}"
        if (pixels := measured.get("pixels"))
        else ""
    )
    return f"{first} (k-means, adjusted Rand index {rounded(latents.mean)}){compared}."


def _single(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if len(names) > 1:
        return None
    return (
        f"All {scores.samples:,} images are of one class, {names[0]}: there is nothing to separate."
    )


def _chance(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if not _at_chance(scores):
        return None
    return (
        f"An accuracy of {rounded(scores.chance)} is chance, the share of the largest class:"
        " nearness says nothing of class."
    )


def _few(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if scores.samples < FEW_IMAGES:
        return f"These are only {scores.samples} images: the numbers are rough."
    fewest = min(scores.counts)
    if fewest >= FEW_OF_A_CLASS:
        return None
    images = "1 image" if fewest == 1 else f"{fewest} images"
    return (
        f"Class {names[list(scores.counts).index(fewest)]} has only {images}: what is said of it"
        " is rough."
    )


def _probe(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if not scores.unconverged:
        return None
    where = " and ".join(IN_WORDS[space] for space in scores.unconverged)
    return (
        f"The linear probe of {where} had not converged when it was stopped: its accuracy may be"
        " too low."
    )


TOLD: Sequence[
    Callable[[ClusteringScores, Sequence[str]], str | None]
] = (  # in this order, None where there is nothing to say
    *(_separation, _overlap, _clusters),
    *(_single, _chance, _few, _probe),
)


def _at_chance(scores: ClusteringScores) -> bool:
    """Whether the 10-NN accuracy in the latents is not above that of always naming the largest
    class by more than the spread.
    """
    latents = scores.metrics["knn_10"]["latents"]
    if latents is None:
        return False
    chance = Measure(scores.chance, (scores.chance * (1 - scores.chance) / scores.samples) ** 0.5)
    return latents.mean <= chance.mean or not differs(latents, chance)


def _level(words: dict[float, str], value: float) -> str:
    """The words of the highest threshold reached."""
    return next((each for least, each in words.items() if value >= least), list(words.values())[-1])
