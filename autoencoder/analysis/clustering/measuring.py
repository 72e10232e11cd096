"""Measuring clustering scores: every metric of every space, with its spread, the same numbers for
the same seed and number of threads.

N test images make five pairs of halves, every class shared out evenly; all metrics and all spaces
share them.

| metric | measured on | spread |
|---|---|---|
| knn_1, knn_10 | all N, each point by its nearest others, itself left out | bootstrap over points |
| silhouette | at most 2,000 points of a half, five times | over halves |
| kmeans_ari, kmeans_nmi | a half, as many clusters as classes, five times | over halves |
| linear_probe | fitted on a half, tested on the rest, five times | over halves |
| trustworthiness, continuity | 10 neighbours, at most 2,000 points, five times | over halves |

Of more than 50 classes, the linear probe and the tables of pairs of classes know the 50 largest.

While N is at most 4,000 the spread over halves of half the points is also the standard error of a
mean over all of them.

Distances are Euclidean in a space as it is: a dimension counts by its width. Only the linear probe
sees standardised ones. The flat map of a space is that of its first two principal components; a
space of at most two dimensions is its own map, which is right by definition. A single class leaves
all but the last two metrics undefined; fewer than FEWEST_EACH points of a class in a half, on
average, those that look at whole clusters: silhouette and k-means.

One thread (OMP_NUM_THREADS=1) is enough, and faster where other processes want the cores.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autoencoder.analysis import metrics, neighbours, projections
from autoencoder.analysis.clustering import faithfulness, separation
from autoencoder.analysis.clustering.result import ClusteringScores, Measure
from autoencoder.analysis.clustering.space import (
    MOST_COMPARED,
    Space,
    checked,
    scaled,
    split,
    summarised,
)
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.progress import ProgressCallback, ignore

NEIGHBOURS = 10
TITLES = {"latents": "the latents", "pixels": "pixels", "pca": "PCA"}


def measure(
    spaces: Mapping[str, np.ndarray],
    labels: np.ndarray,
    *,
    seed: int = 0,
    notify: ProgressCallback = ignore,
) -> ClusteringScores:
    """Measure how the classes of N images cluster in each space.

    Args:
        spaces: "latents", and if wanted "pixels" and "pca", each (N, D) with N at least 50; in any
            unit.
        labels: Class indices, (N,).
        seed: At least 0.
        notify: Hears before each step what comes next, and the fraction of the work that is done.

    Raises:
        VerdictError: The arrays are not as they should be, or a number is not finite.
    """
    labels = np.asarray(labels)
    points = checked({name: np.asarray(each) for name, each in spaces.items()}, labels, seed)
    classes, own, counts = np.unique(labels, return_inverse=True, return_counts=True)
    halves, total = split(own, seed), sum(map(_cost, points.values())) * len(STEPS)
    found: dict[str, dict[str, Any]] = {}
    done = 0
    for name, each in points.items():
        space = Space(scaled(each), own, halves, seed)
        found[name] = {}
        for title, step in STEPS.items():
            notify(f"{title} of {TITLES[name]}", done / total)
            found[name] |= step(space)
            done += _cost(each)
    return ClusteringScores(
        {metric: {name: found[name][metric] for name in found} for metric in CLUSTERING_METRICS},
        _used(len(labels), halves),
        seed,
        classes.tolist(),
        counts.tolist(),
        {name: found[name]["overlap"] for name in found},
        {name: found[name]["distances"] for name in found},
        [name for name in found if not found[name]["converged"]],
    )


def _cost(points: np.ndarray) -> int:
    return 200 + points.shape[1]  # in proportion to seconds, roughly


def _used(count: int, halves: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, int]:
    half = min(len(part) for pair in halves for part in pair)
    compared = min(half, MOST_COMPARED)
    used = {
        "knn_1": count,
        "knn_10": count,
        "kmeans_ari": half,
        "kmeans_nmi": half,
        "linear_probe": half,
    }
    return {metric: used.get(metric, compared) for metric in CLUSTERING_METRICS}


def _neighbours(space: Space) -> dict[str, Any]:
    labels = space.labels
    nearest = neighbours.nearest(space.points, NEIGHBOURS)[0]
    found: dict[str, Any] = {"overlap": separation.overlap(nearest, labels, space.largest).tolist()}
    for k in (1, NEIGHBOURS):
        share = float(np.mean(metrics.majority(labels[nearest[:, :k]]) == labels))
        spread = (share * (1 - share) / len(labels)) ** 0.5  # what a bootstrap of a share tends to
        found[f"knn_{k}"] = Measure(share, spread) if labels.any() else None
    return found


def _silhouette(space: Space) -> dict[str, Any]:
    if space.has_few_each:
        return {"silhouette": None}
    values = [
        separation.silhouette(space.points[rows], space.labels[rows]) for rows in space.compared
    ]
    defined = [value for value in values if value is not None]
    return {"silhouette": summarised(defined) if defined else None}


def _kmeans(space: Space) -> dict[str, Any]:
    if not space.labels.any() or space.has_few_each:
        return {"kmeans_ari": None, "kmeans_nmi": None}
    clusters = int(space.labels.max()) + 1
    scores = [
        separation.kmeans(
            space.points[half], space.labels[half], clusters, space.seed % 2**31 + number
        )
        for number, (half, _) in enumerate(space.halves)
    ]
    rand, information = zip(*scores, strict=True)
    return {"kmeans_ari": summarised(rand), "kmeans_nmi": summarised(information)}


def _linear_probe(space: Space) -> dict[str, Any]:
    if not space.labels.any():
        return {"linear_probe": None, "converged": True}
    points, labels = space.points, space.labels
    large = np.isin(labels, space.largest)
    scores = []
    for halves in space.halves:
        half, rest = (rows[large[rows]] for rows in halves)
        scores.append(
            separation.linear_probe(points[half], labels[half], points[rest], labels[rest])
        )
    accuracies, converged = zip(*scores, strict=True)
    return {"linear_probe": summarised(accuracies), "converged": all(converged)}


def _flat_map(space: Space) -> dict[str, Any]:
    if space.points.shape[1] <= 2:
        return {"trustworthiness": Measure(1.0, 0.0), "continuity": Measure(1.0, 0.0)}
    distinct, inverse = np.unique(
        space.points, axis=0, return_inverse=True
    )  # doubles must stay doubles on the map
    flat = projections.fit_pca(space.points, 2).encode(distinct)[inverse]
    scores = [
        faithfulness.faithfulness(space.points[rows], flat[rows], NEIGHBOURS)
        for rows in space.compared
    ]
    trusted, continuous = zip(*scores, strict=True)
    return {"trustworthiness": summarised(trusted), "continuity": summarised(continuous)}


def _class_distances(space: Space) -> dict[str, Any]:
    return {"distances": separation.class_distances(space.points, space.labels, space.largest)}


STEPS: dict[str, Callable[[Space], dict[str, Any]]] = {
    "nearest neighbours": _neighbours,
    "silhouette": _silhouette,
    "k-means": _kmeans,
    "linear probe": _linear_probe,
    "flat map": _flat_map,
    "class distances": _class_distances,
}
