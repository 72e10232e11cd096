"""UMAP step by step: our own implementation of the same algorithm, whose map can be watched while
it forms.

Shapes: F = frames, N = points, D = their dimensions, K = those of the map, E = edges of the graph,
R = REPELLED.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from autoencoder.analysis.projections.descent import EPOCHS, REPELLED, curve, descend, start
from autoencoder.analysis.projections.fuzzy_graph import Graph, fuzzy_graph
from autoencoder.analysis.projections.methods import no_warnings, prepared
from autoencoder.config.projections import ProjectionSettings
from autoencoder.progress import ProgressCallback, ignore

MOST_FRAMES = 40
MOST_NUMBERS = 400_000  # coordinates in all frames: 800 kB as float16
EARLY = 1.5  # the larger, the more of the frames are early ones, when most happens
MOST_EDGES = 20_000  # on which the loss is measured
CLOSEST = 1e-3  # added to squared distances, as in the descent, so that no logarithm is infinite


@dataclass(frozen=True)
class Step:
    """The map after some epochs.

    Attributes:
        epoch: From 0, the start, to EPOCHS.
        points: (N, K) float32.
        loss: See `CrossEntropy`.
    """

    epoch: int
    points: np.ndarray
    loss: float


@dataclass(frozen=True, eq=False)
class ProjectionSteps:
    """The steps of a descent that are there so far.

    Attributes:
        settings: How the points are projected.
        epochs: Ascending, (F,).
        points: (F, N, K).
        losses: (F,).
        weights_sha256: Of the network whose latents are projected; empty where none had a part.
    """

    settings: ProjectionSettings
    epochs: np.ndarray
    points: np.ndarray
    losses: np.ndarray
    weights_sha256: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the last epoch is there."""
        return int(self.epochs[-1]) == EPOCHS

    def since(self, first: int) -> "ProjectionSteps":
        """The steps from index `first` on."""
        epochs, points, losses = self.epochs[first:], self.points[first:], self.losses[first:]
        return replace(self, epochs=epochs, points=points, losses=losses)


def umap_steps(
    points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback = ignore
) -> Iterator[Step]:
    """Project points (N, D) by UMAP, and yield the map at each of `frame_epochs`: the same numbers
    every time.

    Raises:
        ProjectionError: Too few points, a number that is not finite, or all points the same.
    """
    points = prepared(points, settings.spec.title)
    notify(f"finding the nearest neighbours of {len(points):,} points")
    random = np.random.default_rng(settings.seed)
    with no_warnings():
        graph = fuzzy_graph(points, min(settings.neighbours, len(points) - 1))
        begun = start(points, graph, settings.dimensions, random)
        bend = curve(settings.min_dist)
    loss_of = CrossEntropy(graph, bend, np.random.default_rng([settings.seed, 1]))
    wanted = set(frame_epochs(begun.size))
    yield Step(0, begun, loss_of(begun))
    for epoch, moved in enumerate(descend(begun, graph, bend, random), start=1):
        if epoch in wanted:
            notify(f"laying out {len(points):,} points step by step", epoch / EPOCHS)
            yield Step(epoch, moved.copy(), loss_of(moved))


def frame_epochs(numbers: int) -> list[int]:
    """The epochs that are kept of a map of so many coordinates: the start, the end, and between
    them so many as MOST_NUMBERS and MOST_FRAMES allow, most of them early.
    """
    frames = max(2, min(MOST_FRAMES, MOST_NUMBERS // numbers))
    return sorted({round(EPOCHS * share**EARLY) for share in np.linspace(0, 1, frames)})


class CrossEntropy:
    """What the descent lowers: UMAP's cross-entropy of the graph and the map, in nats per edge.

    Summed over the graph's edges, and for each over REPELLED drawn points, as umap-learn's descent
    draws them; the same edges and points for every map, so that its losses can be compared.
    """

    def __init__(
        self, graph: Graph, bend: tuple[float, float], random: np.random.Generator
    ) -> None:
        edges = graph.tocoo()
        some = random.permutation(edges.nnz)[:MOST_EDGES]
        self._heads, self._tails = edges.row[some], edges.col[some]
        self._weights = edges.data[some] / edges.data[some].sum()
        self._others = random.integers(graph.shape[0], size=(REPELLED, len(some)))
        self._bend = bend

    def __call__(self, points: np.ndarray) -> float:
        """The loss of a map (N, K)."""
        # The similarity of two points on the map is q = 1 / (1 + x), x = a d^2b.
        attraction = np.log1p(self._spread(points, self._tails))  # -log q, (E,)
        repulsion = np.log1p(1 / self._spread(points, self._others))  # -log (1 - q), (R, E)
        repulsion[self._others == self._heads] = 0  # no point repels itself
        return float(self._weights @ (attraction + repulsion.sum(axis=0)))

    def _spread(self, points: np.ndarray, others: np.ndarray) -> np.ndarray:
        """x of the heads and other points (..., E)."""
        a, b = self._bend
        apart = points[self._heads] - points[others]
        return np.asarray(a * (np.square(apart).sum(axis=-1) + CLOSEST) ** b)
