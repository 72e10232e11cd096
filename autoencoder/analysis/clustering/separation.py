"""How well classes separate: neighbours, silhouette, k-means, a linear probe, and how near which
class is to which.

N = points, D = dimensions, C = classes, with labels from 0 to C - 1.
"""

import warnings
from collections.abc import Sequence

import numpy as np

PENALTY = 1e-3  # of the linear probe: halved squared weights against the mean cross-entropy
MOST_STEPS = 1_000  # of the linear probe's optimiser
STARTS = 5  # of k-means, of which the tightest clusters are kept
MANY = 50  # classes, above which k-means starts once
STILL = 1e-9  # share of a distance, at or below which a deviation is none


def overlap(nearest: np.ndarray, labels: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """Share of the neighbours (N, K) of a row's class that are of a column's, (M, M) for M of the
    classes; where these are all there are, rows sum to 1.
    """
    count = labels.max() + 1
    pairs = labels[:, None] * count + labels[nearest]
    table = np.bincount(pairs.ravel(), minlength=count * count).reshape(count, count)
    chosen = np.asarray(classes)
    return table[np.ix_(chosen, chosen)] / table.sum(axis=1)[chosen, None]


def silhouette(points: np.ndarray, labels: np.ndarray) -> float | None:
    """Mean silhouette (Rousseeuw 1987) of points (N, D), between -1 and 1; None for a single class.

    A point alone in its class, or on the same spot as everything, counts 0.
    """
    classes = np.unique(labels)
    if not 1 < len(classes) < len(labels):
        return None if len(classes) < 2 else 0.0
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(points, labels))


def kmeans(points: np.ndarray, labels: np.ndarray, count: int, seed: int) -> tuple[float, float]:
    """Adjusted Rand index and normalised mutual information of the labels and `count` clusters
    found without them.
    """
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    cluster_of = clusters(points, count, seed)
    return float(adjusted_rand_score(labels, cluster_of)), float(
        normalized_mutual_info_score(labels, cluster_of)
    )


def clusters(points: np.ndarray, count: int, seed: int) -> np.ndarray:
    """The cluster of each point (N, D), from 0 to `count` - 1, by k-means: (N,).

    Fewer distinct points than clusters leave some empty.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    starts = STARTS if count <= MANY else 1
    model = KMeans(min(count, len(points)), n_init=starts, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # says that some are empty
        return model.fit_predict(points.astype(np.float32))


def linear_probe(
    train: np.ndarray, train_labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray
) -> tuple[float, bool]:
    """Test accuracy of multinomial logistic regression on points (N, D), standardised by `train`,
    and whether it converged.

    A class that `train` lacks is never named.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (train_labels == train_labels[0]).all():
        return float(np.mean(test_labels == train_labels[0])), True
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    deviation[deviation <= STILL * np.abs(mean)] = 1
    model = LogisticRegression(C=1 / (PENALTY * len(train)), max_iter=MOST_STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the caller is told
        warnings.filterwarnings(
            "ignore", "The number of unique classes", UserWarning
        )  # guesses that labels are measurements
        model.fit((train - mean) / deviation, train_labels)
    accuracy = model.score((test - mean) / deviation, test_labels)
    return float(accuracy), int(model.n_iter_.max()) < MOST_STEPS


def class_distances(
    points: np.ndarray, labels: np.ndarray, classes: Sequence[int] = ()
) -> list[list[float | None]]:
    """Distances (M, M) of the means of M of the classes, or of all if none are named, in units of
    the standard deviation within classes along the line between them.

    The deviation is pooled over all classes. None where it vanishes, although the means differ.
    """
    count = labels.max() + 1
    means = np.stack([points[labels == each].mean(axis=0) for each in range(count)])
    inner = points - means[labels]
    means = means[np.asarray(classes)] if classes else means
    freedom = max(len(points) - count, 1)
    table: list[list[float | None]] = []
    for mean in means:
        lines = means - mean  # (M, D)
        lengths = np.linalg.norm(lines, axis=1)
        units = np.divide(
            lines, lengths[:, None], out=np.zeros_like(lines), where=lengths[:, None] > 0
        )
        deviations = np.sqrt(np.square(inner @ units.T).sum(axis=0) / freedom)
        table.append(
            [
                _ratio(float(length), float(each))
                for length, each in zip(lengths, deviations, strict=True)
            ]
        )
    return table


def _ratio(length: float, deviation: float) -> float | None:
    if length == 0:
        return 0.0
    return length / deviation if deviation > STILL * length else None
