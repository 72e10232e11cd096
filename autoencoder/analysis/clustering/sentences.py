"""Clustering scores in sentences, each of which follows from its numbers by a rule.

- **Separation** is told by the accuracy of the 10 nearest neighbours: how far it gets from chance
  (the largest class's share) to 1. Nine tenths of the way is "separate well", half of it "separate
  partly", less "separate poorly"; where it is not above chance and outside the spread, the classes
  "do not cluster".
- **Better or worse** than in pixels, or than in PCA at the same dimension, is what lies outside the
  spread: two means further apart than twice the root of their summed squared spreads.
- **Overlap** names the two classes of which one has the largest share of the other's among its 10
  nearest latents; at less than 1 % none do. It is left out where classes do not cluster.
- **Clusters without labels** are those of k-means in the latents, told by their adjusted Rand
  index: from 0.9 they "match the classes almost exactly", from 0.65 they "mostly match", from 0.3
  they "partly match", from 0.05 they "match poorly", and below that they "do not match".
- **Cautions**, where due: a single class; accuracy at chance; fewer than 200 images, or fewer than
  10 of a class; a linear probe that had not converged.
"""

from collections.abc import Callable, Sequence

from autoencoder.analysis.clustering.result import ClusteringScores, Measure, differs
from autoencoder.formatting import short_number

SEPARATION = {0.9: "separate well", 0.5: "separate partly", 0.0: "separate poorly"}
MATCH = {
    0.9: "match the classes almost exactly",
    0.65: "mostly match the classes",
    0.3: "partly match the classes",
    0.05: "match the classes poorly",
    -1.0: "do not match the classes",
}
LITTLE_OVERLAP = 0.01
FEW_IMAGES, FEW_OF_A_CLASS = 200, 10
OTHERS = {"pixels": "pixels", "pca": "PCA with the same bottleneck"}
IN_WORDS = {"latents": "the latents", **OTHERS}


def sentences(scores: ClusteringScores, class_names: Sequence[str]) -> list[str]:
    """Do the classes cluster? One to six sentences; `class_names` is empty for images without
    labels.

    Raises:
        ValueError: A class that occurs has no name.
    """
    if not class_names:
        return ["The images have no classes: there is nothing to separate."]
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
        compared = [(compared[0][0], " and ".join(name for _, name in compared))]
    return f"{', '.join([first, ' and '.join(map(' '.join, compared))]) if compared else first}."


def _comparison(latents: Measure, other: Measure, name: str) -> tuple[str, str]:
    """How the latents stand to another space, and that space with its number."""
    if not differs(latents, other):
        return (
            "with no clear difference from",
            f"{name} ({rounded(other.mean)}, inside the spread)",
        )
    relation = "better than in" if latents.mean > other.mean else "worse than in"
    return relation, f"{name} ({rounded(other.mean)}, outside the spread)"


def _overlap(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if len(names) < 2 or _at_chance(scores):
        return None
    table, names = scores.overlap["latents"], [names[place] for place in scores.largest]
    pairs = [
        (table[row][column], row, column)
        for row in range(len(names))
        for column in range(len(names))
        if row != column
    ]
    share, row, column = max(pairs, key=lambda pair: pair[0])
    if share < LITTLE_OVERLAP:
        return (
            "No two classes overlap: for each pair of classes, less than 1 % of the 10 nearest"
            " latents of one class belong to the other."
        )
    distance = scores.distances["latents"][row][column]
    apart = (
        ""
        if distance is None
        else f"; their means are {rounded(distance)} standard deviations apart"
    )
    one, other, percent = names[row], names[column], rounded(round(100 * share, 1))
    return (
        f"{one} and {other} overlap most: {percent} % of the 10 nearest latents of class {one}"
        f" belong to class {other}{apart}."
    )


def _clusters(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    measured = scores.metrics["kmeans_ari"]
    if (latents := measured["latents"]) is None:
        return None
    level = _level(MATCH, latents.mean)
    first = f"Clusters found in the latents without labels {level}"
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
        f"Chance is an accuracy of {rounded(scores.chance)}, the share of the largest class: here"
        " the nearest latents give no information about the class."
    )


def _few(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if scores.samples < FEW_IMAGES:
        return f"There are only {scores.samples} images: the numbers are uncertain."
    fewest = min(scores.counts)
    if fewest >= FEW_OF_A_CLASS:
        return None
    images = "1 image" if fewest == 1 else f"{fewest} images"
    return (
        f"Class {names[list(scores.counts).index(fewest)]} has only {images}: its numbers are"
        " uncertain."
    )


def _probe(scores: ClusteringScores, names: Sequence[str]) -> str | None:
    if not scores.unconverged:
        return None
    where = " and ".join(IN_WORDS[space] for space in scores.unconverged)
    return f"The linear probe of {where} stopped before it converged: its accuracy may be too low."


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
