"""Do the classes cluster?

Data whose answer is known, every number against another way to it, and files that lie.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.manifold import trustworthiness as sklearn_trustworthiness
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from autoencoder.analysis.clustering import (
    ClusteringScores,
    Measure,
    differs,
    measure,
    sentences,
    separation,
)
from autoencoder.analysis.clustering.faithfulness import (
    continuity,
    faithfulness,
    squared_distances,
    trustworthiness,
)
from autoencoder.analysis.clustering.sentences import rounded
from autoencoder.analysis.clustering.space import split
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.errors import ClusteringError

NAMES = [f"kind {number}" for number in range(10)]
LABELS = np.arange(300) % 3


@pytest.fixture(autouse=True, scope="module")
def without_other_threads() -> Iterator[None]:
    """Threads of k-means that wait for each other on a busy machine take ten times as long as
    one.
    """
    with threadpool_limits(1):
        yield


def clusters(labels: np.ndarray, apart: float, dimensions: int = 4, seed: int = 0) -> np.ndarray:
    """Points (N, D): a standard normal cloud for each class, their centres in a row of that many
    steps.
    """
    points = np.random.default_rng(seed).normal(size=(len(labels), dimensions))
    points[:, 0] += apart * labels
    return points


def blob(count: int, dimensions: int = 4, seed: int = 0) -> np.ndarray:
    """Points (N, D) of one standard normal cloud."""
    return np.random.default_rng(seed).normal(size=(count, dimensions))


def means(scores: ClusteringScores, space: str = "latents") -> dict[str, float]:
    """The mean of every metric that is defined."""
    return {name: each.mean for name, row in scores.metrics.items() if (each := row[space])}


# --- data whose answer is known


def test_clusters_far_apart_separate() -> None:
    """Classes in clusters of their own: every metric of separation is near 1, and the words say
    so.
    """
    scores = measure({"latents": clusters(LABELS, 100)}, LABELS)
    found = means(scores)

    assert [
        found[name] for name in ("knn_1", "knn_10", "kmeans_ari", "kmeans_nmi", "linear_probe")
    ] == pytest.approx([1] * 5)
    assert found["silhouette"] > 0.95
    assert scores.overlap["latents"] == np.eye(3).tolist()
    assert sentences(scores, NAMES) == [
        "The classes separate well in the latents (10-NN accuracy 1).",
        "No two classes overlap: for each pair of classes, less than 1 % of the 10 nearest latents"
        " of one class belong to the other.",
        (
            "Clusters found in the latents without labels match the classes almost exactly"
            " (k-means, adjusted Rand index 1)."
        ),
    ]


def test_labels_at_random_do_not_cluster() -> None:
    """One cloud with labels that have nothing to do with places: chance everywhere, said twice and
    without an overlap.
    """
    labels = np.random.default_rng(1).permutation(LABELS)
    scores = measure({"latents": blob(300)}, labels)
    found = means(scores)

    assert found["knn_1"] == pytest.approx(1 / 3, abs=0.08)
    assert found["knn_10"] == pytest.approx(1 / 3, abs=0.08)
    assert found["linear_probe"] == pytest.approx(1 / 3, abs=0.08)
    assert abs(found["kmeans_ari"]) < 0.03
    assert abs(found["silhouette"]) < 0.03
    told = sentences(scores, NAMES)
    assert told[0].startswith("The classes do not cluster in the latents (10-NN accuracy 0.")
    assert "do not match the classes" in told[1]
    assert (
        told[2]
        == "Chance is an accuracy of 0.333, the share of the largest class: here the nearest"
        " latents give no information about the class."
    )
    assert len(told) == 3


@pytest.mark.parametrize(
    ("latents", "pixels", "relation"),
    [
        (100, 1, "better than in pixels"),
        (1, 100, "worse than in pixels"),
        (2, 2, "with no clear difference from pixels"),
    ],
)
def test_latents_are_compared_with_pixels(latents: float, pixels: float, relation: str) -> None:
    """Better, worse or neither, by neighbours and by clusters alike."""
    scores = measure(
        {"latents": clusters(LABELS, latents), "pixels": clusters(LABELS, pixels, seed=1)}, LABELS
    )
    told = sentences(scores, NAMES)

    assert f", {relation} (" in told[0]
    assert f", {relation} (" in told[-1]
    assert ("inside the spread" if latents == pixels else "outside the spread") in told[0]


def test_pca_is_compared_too() -> None:
    """Two spaces in the same relation share its words; two in different ones do not."""
    both = {"pixels": clusters(LABELS, 1), "pca": clusters(LABELS, 0.5)}
    better = sentences(measure({"latents": clusters(LABELS, 100), **both}, LABELS), NAMES)[0]
    between = sentences(
        measure(
            {"latents": clusters(LABELS, 3), "pixels": clusters(LABELS, 100), "pca": blob(300)},
            LABELS,
        ),
        NAMES,
    )[0]

    assert better.count("better than in") == 1
    assert ", outside the spread) and PCA with the same bottleneck (0." in better
    assert (
        ", worse than in pixels (1, outside the spread) and better than in PCA with the same"
        " bottleneck (0." in between
    )


def test_overlapping_classes_are_named() -> None:
    """Of four classes two lie on the same spot: they are the ones named, half of each other's
    neighbours, no distance apart.
    """
    labels = np.arange(400) % 4
    scores = measure({"latents": clusters(np.array([0, 50, 100, 50])[labels], 1)}, labels)
    said = sentences(scores, ["ankle boot", "bag", "coat", "dress"])[1]

    assert said.startswith(("bag and dress overlap most: ", "dress and bag overlap most: "))
    assert scores.overlap["latents"][1][3] == pytest.approx(0.5, abs=0.1)
    assert scores.overlap["latents"][1][0] == 0
    assert np.allclose(np.sum(scores.overlap["latents"], axis=1), 1)
    assert scores.distances["latents"][1][3] < 0.4 < 40 < scores.distances["latents"][0][1]


# --- every number against another way to it


def test_distances_are_in_standard_deviations_along_the_line() -> None:
    """Two clouds 6 apart across a deviation of 2, and wide in a direction that does not matter, are
    3 apart.
    """
    labels = np.arange(20_000) % 2
    points = blob(20_000, 2) * [2, 500]
    points[:, 0] += 6 * labels
    means_apart = separation.class_distances(points, labels)
    line = points[labels == 1].mean(axis=0) - points[labels == 0].mean(axis=0)
    shadow = points @ line / np.linalg.norm(line)
    pooled = np.sqrt(np.mean([shadow[labels == each].var() for each in (0, 1)]))

    assert means_apart[0][1] == pytest.approx(np.linalg.norm(line) / pooled, rel=1e-3)
    assert separation.class_distances(points * [1, 1e-3], labels)[0][1] == pytest.approx(
        3, rel=0.02
    )
    assert means_apart[0][0] == 0


@pytest.mark.parametrize("dimensions", [1, 3])
def test_silhouette_is_scikit_learns(dimensions: int) -> None:
    """Also with a class of one."""
    labels = np.append(LABELS[:100], 3)
    points = clusters(labels, 1.5, dimensions)

    assert separation.silhouette(points, labels) == pytest.approx(silhouette_score(points, labels))


@pytest.mark.parametrize("k", [1, 5, 10])
def test_trustworthiness_is_scikit_learns(k: int) -> None:
    """For any map, good or bad."""
    points = blob(60, 5)
    for flat in (points[:, :2], blob(60, 2, seed=1)):
        assert trustworthiness(points, flat, k) == pytest.approx(
            sklearn_trustworthiness(points, flat, n_neighbors=k)
        )


def test_squared_distances_by_brute_force() -> None:
    """Every pair's; exactly 0 to itself and to its doubles, far from the origin as well."""
    points = np.random.default_rng(0).normal(size=(30, 3)) + 1e4
    points[7] = points[20]
    found = squared_distances(points)

    assert np.allclose(found, np.square(points[:, None] - points).sum(axis=2), rtol=1e-6)
    assert found[7, 20] == found[20, 7] == 0
    assert not np.diag(found).any()
    assert np.array_equal(found[7], found[20])


def test_continuity_by_brute_force() -> None:
    """1 less the ranks on the map, above k, of neighbours that the map tears apart, over the most
    that could be.
    """
    count, k = 40, 6
    points, flat = blob(count, 5), blob(count, 2, seed=1)
    excess = 0
    for row in range(count):
        near = np.argsort(np.linalg.norm(points - points[row], axis=1))[1 : k + 1]
        ranks = np.argsort(np.argsort(np.linalg.norm(flat - flat[row], axis=1)))
        excess += sum(max(0, int(ranks[other]) - k) for other in near)
    expected = 1 - 2 * excess / (count * k * (2 * count - 3 * k - 1))

    assert continuity(points, flat, k) == pytest.approx(expected)
    assert faithfulness(points, flat, k) == (
        trustworthiness(points, flat, k),
        continuity(points, flat, k),
    )


def test_a_map_with_doubles_keeps_their_neighbourhood() -> None:
    """Points that all lie on three spots are mapped rightly by a map with the same three spots."""
    spots = np.array([[0.1, 0.2, 0.7], [0.4, 0.1, 0.3], [0.9, 0.8, 0.1]])[LABELS]

    assert faithfulness(spots, spots * 3, 10) == (1, 1)


@pytest.mark.parametrize("k", [0, 15, 20])
def test_a_map_needs_more_points_than_twice_the_neighbours(k: int) -> None:
    """Above that the formula means nothing."""
    with pytest.raises(
        ValueError, match=f"k must be at least 1 and less than half of 30 points; got {k}"
    ):
        trustworthiness(blob(30), blob(30, 2), k)


def test_spread_of_neighbours_is_that_of_a_bootstrap() -> None:
    """The standard deviation of the accuracy over points drawn again and again."""
    latents = clusters(LABELS, 1)
    found = measure({"latents": latents}, LABELS).metrics["knn_1"]["latents"]
    right = np.arange(300) < round(found.mean * 300)
    drawn = [right[np.random.default_rng(seed).integers(0, 300, 300)].mean() for seed in range(500)]

    assert found.spread == pytest.approx(np.std(drawn), rel=0.15)


def test_spread_over_halves_is_that_of_new_samples() -> None:
    """How much the silhouette of a sample of 300 varies is about what the halves of one such sample
    predict.
    """
    predicted = [
        measure({"latents": clusters(LABELS, 1, seed=seed)}, LABELS).metrics["silhouette"][
            "latents"
        ]
        for seed in range(6)
    ]
    drawn = [separation.silhouette(clusters(LABELS, 1, seed=seed), LABELS) for seed in range(60)]

    assert np.mean([each.spread for each in predicted]) == pytest.approx(np.std(drawn), rel=0.5)


def test_halves_share_out_every_class() -> None:
    """Two halves hold every point once, and of each class as many as each other, give or take
    one.
    """
    labels = np.repeat([0, 1, 2, 3], [50, 7, 1, 2])
    for half, rest in split(labels, 0):
        counts = [np.bincount(labels[part], minlength=4) for part in (half, rest)]
        assert sorted([*half, *rest]) == list(range(60))
        assert np.abs(counts[0] - counts[1]).max() <= 1


def test_a_seed_fixes_every_number() -> None:
    """The same seed gives the same scores; another one, whatever is measured on halves anew."""
    latents = clusters(LABELS, 1)
    one, again, other = (measure({"latents": latents}, LABELS, seed=seed) for seed in (3, 3, 4))
    same = {name for name in CLUSTERING_METRICS if one.metrics[name] == other.metrics[name]}

    assert one == again
    assert same == {"knn_1", "knn_10"}


def test_units_do_not_matter() -> None:
    """A thousandth, a thousandfold or far from the origin: the numbers are the same, even where
    squares would overflow.
    """
    latents = clusters(LABELS, 2)
    plain = means(measure({"latents": latents}, LABELS))

    for other in (latents * 1e-3, latents * 1e3 + 5e4, latents * 2e307, latents * 1e-200):
        assert means(measure({"latents": other}, LABELS)) == pytest.approx(plain, abs=2e-3)


def test_every_step_is_announced() -> None:
    """Before each step its name and the share done: from 0, ever more, below 1, and all the way
    through every space.
    """
    heard: list[tuple[str, float]] = []
    spaces = {"pixels": clusters(LABELS, 2, 50), "latents": clusters(LABELS, 2)}
    measure(spaces, LABELS, notify=lambda words, share: heard.append((words, share)))
    shares = [share for _, share in heard]

    assert heard[0] == ("nearest neighbours of the latents", 0)
    assert heard[-1][0] == "class distances of pixels"
    assert shares == sorted(set(shares))
    assert shares[-1] < 1
    assert len(heard) == 12


def test_a_listener_can_stop_the_work() -> None:
    """What `say` raises ends the measuring at once."""

    def stop(words: str, share: float) -> None:
        raise InterruptedError(words)

    with pytest.raises(InterruptedError, match="nearest neighbours"):
        measure({"latents": blob(60)}, LABELS[:60], notify=stop)


# --- odd data


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 49])
def test_few_images_are_refused(count: int) -> None:
    """Below fifty there are no scores, but a sentence."""
    with pytest.raises(
        ClusteringError,
        match=f"at least 50 images are needed to measure how classes cluster; got {count}$",
    ):
        measure({"latents": blob(count)}, LABELS[:count])


@pytest.mark.parametrize(
    ("spaces", "labels", "problem"),
    [
        (
            {"pixels": blob(60)},
            LABELS[:60],
            "spaces must be latents and any of pixels and pca; got pixels",
        ),
        ({"latents": blob(60), "other": blob(60)}, LABELS[:60], "got latents, other"),
        (
            {"latents": blob(60)[:, :0]},
            LABELS[:60],
            r"latents must be numbers, \(N, D\); got float64 \(60, 0\)",
        ),
        (
            {"latents": blob(60)[:, 0]},
            LABELS[:60],
            r"latents must be numbers, \(N, D\); got float64 \(60,\)",
        ),
        ({"latents": blob(60).astype(str)}, LABELS[:60], "latents must be numbers"),
        (
            {"latents": blob(60), "pca": blob(59)},
            LABELS[:60],
            "pca must have one row for each of 60 labels; got 59",
        ),
        ({"latents": np.where(blob(60) > 2, np.nan, 0)}, LABELS[:60], "latents must be finite"),
        (
            {"latents": blob(60), "pixels": np.full((60, 1), np.inf)},
            LABELS[:60],
            "pixels must be finite",
        ),
        ({"latents": blob(60)}, LABELS[:60] - 1, "labels must be class indices"),
        ({"latents": blob(60)}, LABELS[:60] / 2, "labels must be class indices"),
        ({"latents": blob(60)}, LABELS[:60, None], "labels must be class indices"),
        (
            {"latents": blob(1_001, 1)},
            np.arange(1_001),
            "at most 1,000 classes can be measured; got 1,001",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(
    spaces: Mapping[str, np.ndarray], labels: np.ndarray, problem: str
) -> None:
    """Wrong names, shapes, labels, and numbers that are none: one sentence each."""
    with pytest.raises(ClusteringError, match=problem):
        measure(spaces, labels)


def test_a_negative_seed_is_refused() -> None:
    """Random numbers start from 0 or above."""
    with pytest.raises(ClusteringError, match="seed must be at least 0; got -1"):
        measure({"latents": blob(60)}, LABELS[:60], seed=-1)


def test_one_class_has_nothing_to_separate() -> None:
    """The map is still judged; all else is undefined, and the only sentence says why."""
    scores = measure({"latents": blob(60), "pixels": blob(60)}, np.full(60, 4))
    defined = {name for name, row in scores.metrics.items() if row["latents"]}

    assert defined == {"trustworthiness", "continuity"}
    assert (scores.overlap["latents"], scores.distances["latents"]) == ([[1.0]], [[0.0]])
    assert sentences(scores, NAMES) == [
        "All 60 images are of one class, kind 4: there is nothing to separate.",
        "There are only 60 images: the numbers are uncertain.",
    ]


@pytest.mark.parametrize("value", [0.0, 0.1, 1e30])
@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_constant_latents_do_not_cluster(value: float, dimensions: int) -> None:
    """A collapsed run: chance even where the file is in the order of the classes, no silhouette, no
    distance.
    """
    labels = np.sort(LABELS)
    scores = measure({"latents": np.full((300, dimensions), value, np.float32)}, labels)
    found = means(scores)

    assert max(found["knn_1"], found["knn_10"], found["linear_probe"]) < 0.45
    assert (found["silhouette"], found["kmeans_ari"], found["kmeans_nmi"]) == (0, 0, 0)
    assert (found["trustworthiness"], found["continuity"]) == (1, 1)
    assert scores.distances["latents"] == np.zeros((3, 3)).tolist()
    assert sentences(scores, NAMES)[0].startswith("The classes do not cluster")


@pytest.mark.parametrize(("count", "dimensions"), [(300, 3), (361, 5), (361, 64), (100, 785)])
def test_doubles_count_like_any_others(count: int, dimensions: int) -> None:
    """Each class on a spot of its own: perfect separation on a perfect map, and no distance in
    units of no deviation.
    """
    labels = np.arange(count) % 3
    scores = measure({"latents": blob(3, dimensions)[labels]}, labels)

    assert means(scores) == pytest.approx(dict.fromkeys(CLUSTERING_METRICS, 1))
    assert (means(scores)["trustworthiness"], means(scores)["continuity"]) == (1, 1)
    assert scores.distances["latents"] == [[0, None, None], [None, 0, None], [None, None, 0]]
    assert sentences(scores, NAMES)[1].startswith("No two classes overlap")


def test_a_class_of_one_is_never_found() -> None:
    """It costs its own share of every accuracy, and the words warn of it."""
    labels = np.append(np.arange(299) % 2, 7)
    scores = measure({"latents": clusters(np.where(labels == 7, 2, labels), 100)}, labels)

    assert (scores.classes, scores.counts) == ([0, 1, 7], [150, 149, 1])
    assert means(scores)["knn_1"] == pytest.approx(299 / 300)
    assert means(scores)["linear_probe"] > 0.99
    assert scores.overlap["latents"][2] == [0, 1, 0]
    assert (
        sentences(scores, NAMES)[-1] == "Class kind 7 has only 1 image: its numbers are uncertain."
    )


def test_every_point_a_class_of_its_own() -> None:
    """Nothing can be right, nothing breaks, and a silhouette is not defined."""
    scores = measure({"latents": blob(60)}, np.arange(60))
    found = means(scores)

    assert (found["knn_1"], found["knn_10"], found["linear_probe"]) == (0, 0, 0)
    assert "silhouette" not in found
    assert sentences(scores, [str(number) for number in range(60)])[0].startswith(
        "The classes do not cluster"
    )


@pytest.mark.parametrize(
    "labels", [np.append(np.zeros(59, int), 1), np.append(0, np.ones(59, int)), np.arange(60) % 2]
)
def test_two_classes_of_any_size_are_judged(labels: np.ndarray) -> None:
    """Halves without one of the classes are no obstacle."""
    found = means(measure({"latents": clusters(labels, 100)}, labels))

    assert found.keys() == CLUSTERING_METRICS.keys()
    assert found["linear_probe"] >= 0.96


@pytest.mark.parametrize("dimensions", [1, 2])
def test_flat_spaces_are_their_own_map(dimensions: int) -> None:
    """In one or two dimensions trustworthiness and continuity are 1 by definition; a line separates
    like any space.
    """
    found = means(measure({"latents": clusters(LABELS, 100, dimensions)}, LABELS))

    assert (found["trustworthiness"], found["continuity"]) == (1, 1)
    assert min(found["knn_10"], found["kmeans_ari"], found["linear_probe"]) > 0.99


def test_a_wide_dimension_hides_a_narrow_one_from_all_but_the_probe() -> None:
    """Distances are those of the space as it is: where the classes lie along a narrow dimension,
    only the probe sees them.
    """
    latents = clusters(LABELS, 20, 3) * [1e-6, 1e6, 1]
    found = means(measure({"latents": latents.astype(np.float32)}, LABELS))

    assert found["linear_probe"] > 0.99
    assert max(found["knn_10"], found["kmeans_ari"]) < 0.5
    assert found["trustworthiness"] > 0.99


def test_a_probe_that_does_not_converge_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does no harm but to its own number, no warning escapes, and a sentence says so."""
    monkeypatch.setattr(separation, "MOST_STEPS", 2)
    scores = measure(
        {"latents": clusters(LABELS, 1), "pixels": blob(300), "pca": np.zeros((300, 1))}, LABELS
    )

    assert scores.unconverged == ["latents", "pixels"]
    told = (
        "The linear probe of the latents and pixels stopped before it converged: its accuracy may"
        " be too low."
    )
    assert sentences(scores, NAMES)[-1] == told


def test_only_the_warning_of_empty_clusters_is_silenced() -> None:
    """Nothing else is set for whoever comes after."""
    before = list(warnings.filters)
    separation.kmeans(np.zeros((30, 2)), LABELS[:30], 3, 0)

    assert list(warnings.filters) == before
    with pytest.raises(ConvergenceWarning):
        warnings.warn("still an error", ConvergenceWarning, stacklevel=1)


# --- words


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """Clustering scores in JSON: three classes a little apart, in two spaces."""
    return measure(
        {"latents": clusters(LABELS, 2), "pixels": clusters(LABELS, 2, seed=1)}, LABELS
    ).to_dict()


@pytest.mark.parametrize(
    ("accuracy", "level"),
    [
        (0.99, "separate well"),
        (0.94, "separate well"),
        (0.92, "separate partly"),
        (0.6, "separate poorly"),
        (0.36, "do not cluster"),
        (0.1, "do not cluster"),
    ],
)
def test_separation_has_levels(accuracy: float, level: str, plain: dict[str, Any]) -> None:
    """By how far accuracy gets from chance, a third here, to 1."""
    scores = scores_of({**plain, "knn_10": _both(accuracy)})

    assert sentences(scores, NAMES)[0].startswith(
        f"The classes {level} in the latents (10-NN accuracy {accuracy})"
    )


@pytest.mark.parametrize(
    ("index", "level"),
    [
        (0.95, "match the classes almost exactly"),
        (0.7, "mostly match the classes"),
        (0.4, "partly match the classes"),
        (0.1, "match the classes poorly"),
        (0.01, "do not match the classes"),
        (-1.0, "do not match the classes"),
    ],
)
def test_clusters_have_levels(index: float, level: str, plain: dict[str, Any]) -> None:
    """By the adjusted Rand index."""
    scores = scores_of({**plain, "kmeans_ari": _both(index)})

    assert f"{level} (k-means, adjusted Rand index {rounded(index)})" in sentences(scores, NAMES)[2]


@pytest.mark.parametrize(("difference", "outside"), [(0.099, False), (0.101, True), (-0.101, True)])
def test_a_difference_counts_beyond_twice_the_joint_spread(
    difference: float, outside: bool
) -> None:
    """Spreads of 0.03 and 0.04 make one of 0.05."""
    assert differs(Measure(0.5, 0.03), Measure(0.5 + difference, 0.04)) is outside
    assert not differs(Measure(0.5, 0), Measure(0.5, 0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.96712, "0.967"),
        (1.0, "1"),
        (0.05, "0.05"),
        (12.345, "12.3"),
        (-0.0001, "0"),
        (0.9996, "1"),
        (1e-9, "0"),
        (-0.12, "-0.12"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    """Three significant digits and three decimals at most, no exponent, no minus zero."""
    assert rounded(value) == text


def test_every_class_needs_a_name(plain: dict[str, Any]) -> None:
    """A list of names that ends too early is refused."""
    with pytest.raises(ValueError, match="class 2 has no name: there are 2"):
        sentences(scores_of(plain), ["a", "b"])


# --- as JSON


def test_json_brings_the_scores_back() -> None:
    """Through text without NaN and back nothing is lost, undefined numbers included."""
    spaces = {"latents": clusters(LABELS, 2), "pixels": blob(300), "pca": np.zeros((300, 2))}
    for labels in (LABELS, np.full(300, 4), np.append(LABELS[:-1], 9)):
        scores = measure(spaces, labels)
        text = json.dumps(scores.to_dict(), allow_nan=False)

        assert ClusteringScores.from_json(text) == scores
        assert sentences(ClusteringScores.from_json(text), NAMES) == sentences(scores, NAMES)


def test_json_has_a_key_for_every_metric(plain: dict[str, Any]) -> None:
    """With mean and spread for every space, beside samples, seed, classes and relations."""
    rest = {"used", "samples", "seed", "classes", "counts", "overlap", "distances", "unconverged"}

    assert plain.keys() == CLUSTERING_METRICS.keys() | rest
    assert all(plain[name].keys() == {"latents", "pixels"} for name in CLUSTERING_METRICS)
    assert plain["knn_1"]["latents"].keys() == {"mean", "spread"}
    assert (plain["samples"], plain["seed"], plain["classes"]) == (300, 0, [0, 1, 2])
    assert plain["used"] == {**dict.fromkeys(CLUSTERING_METRICS, 150), "knn_1": 300, "knn_10": 300}


def scores_of(data: Any) -> ClusteringScores:
    """What is read where `data` was written."""
    return ClusteringScores.from_json(json.dumps(data))


LIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a metric is missing": lambda data: data.pop("knn_1"),
    "a key too many": lambda data: data.update(surprise=1),
    "a space is missing": lambda data: data["knn_1"].pop("pixels"),
    "a space too many": lambda data: data["knn_1"].update(pca=None),
    "an unknown space": lambda data: data["overlap"].update(other=[]),
    "no latents": lambda data: data["overlap"].pop("latents"),
    "NaN": lambda data: data["knn_1"]["latents"].update(mean=float("nan")),
    "infinite": lambda data: data["distances"]["latents"][0].__setitem__(1, float("inf")),
    "too large": lambda data: data["knn_1"]["latents"].update(mean=1.1),
    "huge": lambda data: data["distances"]["latents"][0].__setitem__(1, 10**400),
    "negative": lambda data: data["knn_1"]["latents"].update(mean=-0.1),
    "negative spread": lambda data: data["knn_1"]["latents"].update(spread=-0.1),
    "a truth": lambda data: data["knn_1"]["latents"].update(mean=True),
    "a text": lambda data: data["knn_1"]["latents"].update(mean="1"),
    "no spread": lambda data: data["knn_1"]["latents"].pop("spread"),
    "a list": lambda data: data["knn_1"].update(latents=[1, 0]),
    "a row too many": lambda data: data["overlap"]["latents"].append([0, 0, 0]),
    "a short row": lambda data: data["overlap"]["latents"][0].pop(),
    "no share": lambda data: data["overlap"]["latents"][0].__setitem__(0, None),
    "a share above 1": lambda data: data["overlap"]["latents"][0].__setitem__(0, 2),
    "a negative distance": lambda data: data["distances"]["latents"][0].__setitem__(1, -1),
    "classes twice": lambda data: data.update(classes=[0, 1, 1]),
    "classes out of order": lambda data: data.update(classes=[0, 2, 1]),
    "no classes": lambda data: data.update(classes=[], counts=[], samples=0),
    "a negative class": lambda data: data.update(classes=[-1, 1, 2]),
    "an empty class": lambda data: data.update(counts=[0, 150, 150]),
    "counts that do not add up": lambda data: data.update(samples=301),
    "samples as a fraction": lambda data: data.update(samples=300.0),
    "a seed in words": lambda data: data.update(seed="0"),
    "unconverged nowhere": lambda data: data.update(unconverged=["pca"]),
    "unconverged unhashable": lambda data: data.update(unconverged=[["latents"]]),
    "unconverged a text": lambda data: data.update(unconverged="latents"),
    "used by nobody": lambda data: data["used"].update(other=1),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_file_that_lies_is_refused(
    lie: Callable[[dict[str, Any]], object], plain: dict[str, Any]
) -> None:
    """Anything scores cannot say is a ValueError."""
    data = json.loads(json.dumps(plain))
    assert scores_of(data)

    lie(data)
    with pytest.raises(ValueError, match=r"."):
        scores_of(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["latents", "pixels", "mean", "spread"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_json_is_scores_or_refused(data: st.DataObject, plain: dict[str, Any]) -> None:
    """Whatever stands in place of one of its parts, reading gives ValueError or scores that can
    be told and written.
    """
    hostile = json.loads(json.dumps(plain))
    place, key = hostile, data.draw(st.sampled_from(sorted(hostile)))
    while isinstance(place[key], (dict, list)) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
    place[key] = data.draw(JSON)

    try:
        scores = scores_of(hostile)
    except ValueError:
        return
    json.dumps(scores.to_dict(), allow_nan=False)
    assert all(sentences(scores, [str(number) for number in range(scores.classes[-1] + 1)]))


@given(JSON)
def test_json_that_is_no_scores_is_refused(data: Any) -> None:
    """Nothing else gets through."""
    with pytest.raises(ValueError, match=r"."):
        scores_of(data)


def _both(mean: float) -> dict[str, dict[str, float]]:
    return {space: {"mean": mean, "spread": 0.02} for space in ("latents", "pixels")}


def test_tables_of_many_classes_hold_the_largest() -> None:
    """Of more than 50 classes, the 50 with the most images are in the tables of pairs, so that what
    is kept stays small; it can be read again.
    """
    labels = np.concatenate([np.arange(120), np.arange(60, 110), np.arange(60, 110)])
    scores = measure({"latents": clusters(labels, 1.0)}, labels)

    assert scores.largest == list(range(60, 110))
    assert np.shape(scores.overlap["latents"]) == np.shape(scores.distances["latents"]) == (50, 50)
    assert ClusteringScores.from_json(json.dumps(scores.to_dict())) == scores


def test_one_image_of_each_class_makes_no_clusters() -> None:
    """Where a half has less than two images of a class, k-means and silhouette are not defined."""
    labels = np.repeat(np.arange(30), 2)
    scores = measure({"latents": clusters(labels, 9.0)}, labels)

    for metric in ("kmeans_ari", "kmeans_nmi", "silhouette"):
        assert scores.metrics[metric]["latents"] is None
    assert scores.metrics["knn_1"]["latents"] is not None


def test_images_without_labels_are_said_to_have_no_classes() -> None:
    """No class is named where there is none."""
    labels = np.zeros(60, int)

    assert sentences(measure({"latents": clusters(labels, 1.0)}, labels), []) == [
        "The images have no classes: there is nothing to separate."
    ]
