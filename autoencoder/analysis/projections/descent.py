"""UMAP's map from its graph: a start, then stochastic gradient descent (McInnes, Healy & Melville
2018, sections 3.2 and 4).

As umap-learn does it with its defaults, but for batches of edges at once, in NumPy, so that each
epoch can be watched. Shapes: N = points, D = their dimensions, K = those of the map, E = edges of a
batch, R = REPELLED.
"""

from collections.abc import Iterator

import numpy as np

from autoencoder.analysis.projections.fuzzy_graph import Graph
from autoencoder.analysis.projections.pca import fit_pca

EPOCHS = 500  # umap-learn's for up to 10,000 points; this and the four that follow are its defaults
REPELLED = 5  # points drawn for each edge
FARTHEST = 4  # one edge or drawn point moves a point along an axis, at the rate of 1
WIDTH = 10  # of the start, along each axis
NOISE = 1e-4  # in it
BATCHES = (
    16  # of an epoch: so many that a point has about one edge in each, as if edges came one by one
)
TOLERANCE = 1e-7  # of eigenvalues; at umap-learn's 1e-4, one of two that are equal may be missed
NEAREST = np.float32(1e-30)  # squared distance above which no power overflows


def curve(min_dist: float) -> tuple[float, float]:
    """a and b with which 1 / (1 + a d^2b) is nearest to 1 for distances d up to min_dist, and
    exp(min_dist - d) beyond.
    """
    from scipy.optimize import curve_fit

    distances = np.linspace(0, 3, 300)
    wanted = np.exp(-np.maximum(distances - min_dist, 0))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), distances, wanted)
    return float(a), float(b)


def start(
    points: np.ndarray, graph: Graph, dimensions: int, random: np.random.Generator
) -> np.ndarray:
    """Where points (N, D) are before the descent, (N, K) float32 from 0 to WIDTH: the graph's
    eigenvectors.

    Where the graph is in pieces, they say nothing of where those belong: then the points' principal
    components. Too few points for either are put at random.
    """
    start: np.ndarray | None
    if len(points) <= 4 * dimensions:
        start = random.uniform(-1, 1, size=(len(points), dimensions))
    elif (start := _eigenvectors(graph, dimensions, random)) is None:
        start = np.zeros((len(points), dimensions))
        start[:, : points.shape[1]] = fit_pca(points, dimensions).encode(points)
    start = WIDTH * start / np.abs(start).max() + random.normal(scale=NOISE, size=start.shape)
    return (WIDTH * (start - start.min(axis=0)) / np.ptp(start, axis=0)).astype(np.float32)


def _eigenvectors(graph: Graph, dimensions: int, random: np.random.Generator) -> np.ndarray | None:
    """Those of the normalised Laplacian with the least eigenvalues (N, K), but for the very least,
    which is their degrees.

    None for a graph in pieces, and where they cannot be found.
    """
    from scipy.sparse import csgraph, diags_array, linalg

    if csgraph.connected_components(graph, directed=False, return_labels=False) > 1:
        return None
    size = graph.shape[0]
    scale = diags_array(1 / np.sqrt(graph.sum(axis=0, dtype=np.float64)))
    lanczos = min(size, max(2 * dimensions + 3, int(size**0.5)))
    similar = scale @ graph @ scale  # its greatest eigenvalues are the Laplacian's least
    begun = random.uniform(0.5, 1.5, size)
    try:
        values, vectors = linalg.eigsh(
            similar, dimensions + 1, which="LA", ncv=lanczos, v0=begun, tol=TOLERANCE, rng=random
        )
    except linalg.ArpackError:
        return None
    return vectors[:, np.argsort(-values)[1:]]


def descend(
    points: np.ndarray,
    graph: Graph,
    bend: tuple[float, float],
    random: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Draw the points of a map (N, K) together along the graph's edges and push them apart
    elsewhere; yields them after each of the EPOCHS, (N, K) float32, which the next one changes.

    Args:
        points: Where they start.
        graph: See `fuzzy_graph`.
        bend: a and b of `curve`.
        random: Draws the order of the edges and the points that repel.
    """
    places = np.array(points.T, dtype=np.float32, order="C")
    batches = _batches(graph, random)
    a, b = map(np.float32, bend)
    for epoch in range(EPOCHS):
        rate = np.float32(1 - max(epoch - 1, 0) / EPOCHS)
        for batch in batches:
            heads, tails = batch.due(epoch)
            repelling = random.integers(len(points), size=(REPELLED, len(heads)), dtype=np.int32)
            _move(places, heads, tails, repelling, a, b, rate)
        yield places.T


class _Batch:
    """Edges from heads to tails (E,), each of which is due again `every` (E,) so many epochs: the
    stronger, the sooner.
    """

    def __init__(self, heads: np.ndarray, tails: np.ndarray, every: np.ndarray) -> None:
        self._heads, self._tails, self._every, self._next = heads, tails, every, every.copy()

    def due(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Heads and tails whose turn it is."""
        due = np.flatnonzero(self._next <= epoch)
        self._next[due] += self._every[due]
        return self._heads[due], self._tails[due]


def _batches(graph: Graph, random: np.random.Generator) -> list[_Batch]:
    edges = graph.tocoo()
    strong = random.permutation(
        np.flatnonzero(edges.data >= edges.data.max() / EPOCHS)
    )  # others would never be due
    every = edges.data.max() / edges.data
    return [
        _Batch(edges.row[part], edges.col[part], every[part])
        for part in np.array_split(strong, BATCHES)
    ]


def _move(
    places: np.ndarray,
    heads: np.ndarray,
    tails: np.ndarray,
    repelling: np.ndarray,
    a: np.float32,
    b: np.float32,
    rate: np.float32,
) -> None:
    """Move places (K, N) one step: heads and tails (E,) towards each other, heads away from the
    repelling (R, E).
    """
    here = places.take(heads, axis=1)
    apart = here - places.take(tails, axis=1)
    square = np.maximum(np.einsum("ke,ke->e", apart, apart), NEAREST)
    power = square**b
    pull = np.clip(apart * (-2 * a * b * power / (square * (1 + a * power))), -FARTHEST, FARTHEST)

    apart = here[:, None] - places.take(repelling, axis=1)
    square = np.einsum("kre,kre->re", apart, apart)
    apart *= 2 * b / ((np.float32(0.001) + square) * (1 + a * square**b))
    push = np.clip(apart, -FARTHEST, FARTHEST, out=apart).sum(axis=1)

    for axis, moved in enumerate(pull + push):
        step = np.bincount(heads, moved, places.shape[1]) - np.bincount(
            tails, pull[axis], places.shape[1]
        )
        places[axis] += rate * step.astype(np.float32)
