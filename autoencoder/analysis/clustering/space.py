"""One space in which classes may cluster, checked and scaled, with the resamples that all its
metrics share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autoencoder.analysis.clustering.result import MOST_CLASSES, SPACES, Measure, largest
from autoencoder.analysis.projections.pca import fit_pca, is_randomised
from autoencoder.errors import ClusteringError

FEWEST = 50  # images: half of them must have ten neighbours each, and more than that which are none
FEWEST_EACH = 2  # points of a class, on average, that make a cluster
RESAMPLES = 5
MOST_COMPONENTS = 256  # of images with many pixels
MOST_COMPARED = 2_000  # points of a resample whose distances are all looked at


@dataclass(frozen=True, eq=False)
class Space:
    """Points (N, D) about their mean, their widest dimension of width 1; N labels from 0 to C - 1;
    halves (RESAMPLES, 2).
    """

    points: np.ndarray
    labels: np.ndarray
    halves: Sequence[tuple[np.ndarray, np.ndarray]]
    seed: int

    @property
    def largest(self) -> list[int]:
        """The classes with the most points, of which the matrices are."""
        return largest(np.bincount(self.labels).tolist())

    @property
    def has_few_each(self) -> bool:
        """Whether a half has so few points of each class, on average, that there are no clusters to
        look at.
        """
        return min(map(len, self.compared)) < FEWEST_EACH * len(np.unique(self.labels))

    @property
    def compared(self) -> list[np.ndarray]:
        """Indices of at most 2,000 points, no more than half of all: the start of each resample's
        first half.
        """
        return [half[:MOST_COMPARED] for half, _ in self.halves]


def checked(
    spaces: Mapping[str, np.ndarray], labels: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """The spaces by name in the order of SPACES.

    Raises ClusteringError unless all of this can be measured.
    """
    known = "latents" in spaces and set(spaces) <= set(SPACES)
    _require(
        known,
        f"spaces must be latents and any of pixels and pca; got {', '.join(spaces) or 'none'}",
    )
    indices = labels.ndim == 1 and labels.dtype.kind in "iu" and labels.min(initial=0) >= 0
    _require(indices, f"labels must be class indices, (N,); got {labels.dtype} {labels.shape}")
    _require(seed >= 0, f"seed must be at least 0; got {seed}")
    for name, points in spaces.items():
        sound = points.ndim == 2 and points.shape[1] > 0 and points.dtype.kind in "fiu"
        _require(sound, f"{name} must be numbers, (N, D); got {points.dtype} {points.shape}")
        _require(
            len(points) == len(labels),
            f"{name} must have one row for each of {len(labels)} labels; got {len(points)}",
        )
        _require(
            bool(np.isfinite(points).all()),
            f"{name} must be finite; some numbers are infinite or undefined",
        )
    _require(
        len(labels) >= FEWEST,
        f"at least {FEWEST} images are needed to measure how classes cluster; got {len(labels)}",
    )
    occurring = len(np.unique(labels))
    _require(
        occurring <= MOST_CLASSES,
        f"at most {MOST_CLASSES:,} classes can be measured; got {occurring:,}",
    )
    return {name: spaces[name] for name in SPACES if name in spaces}


def pixel_space(images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 as points: their pixels (N, P), or the first 256 principal
    components of them where P > 2,000.
    """
    flat = images.reshape(len(images), -1)
    if not is_randomised(flat.shape[1]):
        return flat
    return fit_pca(flat, min(MOST_COMPONENTS, len(flat))).encode(flat)


def scaled(points: np.ndarray) -> np.ndarray:
    """Points (N, D) about their mean, in units of the width of their widest dimension; zeros if all
    are the same.
    """
    centred = points.astype(np.float64)
    exponent = np.frexp(np.abs(centred).max())[1]
    centred = np.ldexp(centred, -exponent)  # at most 1, so that nothing overflows
    width = np.ptp(centred, axis=0).max()
    return (centred - centred.mean(axis=0)) / width if width else np.zeros_like(centred)


def split(labels: np.ndarray, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """RESAMPLES random halves of the points and what each leaves, in random order, every class
    shared out evenly.
    """
    halves = []
    for number in range(RESAMPLES):
        random = np.random.default_rng([seed, number])
        order = random.permutation(len(labels))
        order = order[np.argsort(labels[order], kind="stable")]
        first = number % 2  # so that a class of one is now here, now there
        halves.append(
            (random.permutation(order[first::2]), random.permutation(order[1 - first :: 2]))
        )
    return halves


def summarised(values: Sequence[float]) -> Measure:
    """Mean and standard deviation of a metric over resamples; the latter is 0 for a single one."""
    return Measure(
        float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    )


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise ClusteringError(problem)
