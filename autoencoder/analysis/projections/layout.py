"""UMAP and t-SNE, told to say how far they are. Scikit-learn is slow to import, and can end the
process it runs in.

Shapes: N = points, D = their dimensions, K = those of the map.
"""

import contextlib
import io
import re
import sys
import warnings
from collections.abc import Callable

import numpy as np

from autoencoder.analysis.projections.descent import curve, descend, start
from autoencoder.analysis.projections.fuzzy_graph import fuzzy_graph
from autoencoder.analysis.projections.pca import fit_pca
from autoencoder.analysis.projections.projection import METHODS, Projection
from autoencoder.errors import ProjectionError
from autoencoder.progress import ProgressCallback, ignore

FEWEST = 5  # points below which UMAP and t-SNE have nothing to say
MOST_COMPONENTS = 50  # of images, before they are laid out
STEPS = 1_000  # of t-SNE's descent, its library's default
PREPARED = {
    "umap": 0.4,
    "tsne": 0.05,
}  # share of the time before the first step, as measured on 5,000 latents
TSNE_SAYS = r"Iteration (\d+):"


def project(
    points: np.ndarray, projection: Projection, notify: ProgressCallback = ignore
) -> np.ndarray:
    """Lay out points (N, D), returning (N, K) float32: the same numbers every time.

    Neighbours are clamped to what N points allow; `projection.points` and `projection.space` are
    the caller's to heed.

    Args:
        points: Latents, or images as `pixel_space` gives them.
        projection: The method and its parameters.
        notify: Hears what is being done, and the fraction that is done where that is known. Nothing
            that the libraries print gets through.

    Raises:
        ProjectionError: Too few points, a number that is not finite, or all points the same.
    """
    scaled = _scaled(np.asarray(points, dtype=np.float32), METHODS[projection.method])
    with warnings.catch_warnings():
        # of few or equal points, scikit-learn and SciPy warn
        warnings.simplefilter("ignore")
        made = (
            _umap(scaled, projection, notify)
            if projection.method == "umap"
            else _tsne(scaled, projection, notify)
        )
    return made.astype(np.float32)


def pixel_space(images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> (N, P) float32 in [0, 1], or their first 50 principal components
    where P > 50.
    """
    flat = images.reshape(len(images), -1)
    if flat.shape[1] <= MOST_COMPONENTS:
        return flat.astype(np.float32) / 255
    return fit_pca(flat, MOST_COMPONENTS).encode(flat).astype(np.float32)


def _scaled(points: np.ndarray, title: str) -> np.ndarray:
    """Points that can be laid out, about their mean and of width 1: far from where squares over- or
    underflow.
    """
    if len(points) < FEWEST:
        raise ProjectionError(f"{title} needs at least {FEWEST} points; got {len(points)}")
    if not np.isfinite(points).all():
        raise ProjectionError(
            f"{title} needs finite numbers; some of these are infinite or undefined"
        )
    points = points.astype(np.float64)
    spread = np.ptp(points, axis=0).max()
    if not spread:
        raise ProjectionError(
            f"{title} has nothing to lay out: all {len(points)} are the same point"
        )
    return ((points - points.mean(axis=0)) / spread).astype(np.float32)


def _umap(points: np.ndarray, projection: Projection, notify: ProgressCallback) -> np.ndarray:
    notify(f"finding the nearest neighbours of {len(points):,} points")
    graph = fuzzy_graph(points, min(projection.neighbours, len(points) - 1))
    random = np.random.default_rng(projection.seed)
    begun = start(points, graph, projection.dimensions, random)
    return descend(
        begun, graph, curve(projection.min_dist), random, _notify_steps(points, projection, notify)
    )


def _tsne(points: np.ndarray, projection: Projection, notify: ProgressCallback) -> np.ndarray:
    notify("loading t-SNE")
    # openTSNE's maps are no more accurate and take longer: 14.7 s, or 23.4 s with FFT, against 11.9
    # s for 5,000 latents.
    from sklearn.manifold import TSNE

    notify(f"finding the nearest neighbours of {len(points):,} points")
    perplexity = min(float(projection.neighbours), (len(points) - 1) / 3)
    start = "pca" if min(points.shape) >= projection.dimensions else "random"
    listener = _Listener(
        TSNE_SAYS, lambda found: int(found[1]) / STEPS, _notify_steps(points, projection, notify)
    )
    with contextlib.redirect_stdout(listener):
        return TSNE(
            n_components=projection.dimensions,
            perplexity=perplexity,
            init=start,
            max_iter=STEPS,
            random_state=projection.seed,
            n_jobs=1,
            verbose=2,
        ).fit_transform(points)


def _notify_steps(
    points: np.ndarray, projection: Projection, notify: ProgressCallback
) -> Callable[[float], object]:
    """Tells a fraction of the steps as one of the whole."""
    words, before = (
        f"laying out {len(points):,} points with {METHODS[projection.method]}",
        PREPARED[projection.method],
    )
    return lambda share: notify(words, before + (1 - before) * min(share, 1.0))


class _Listener(io.TextIOBase):
    """Takes the place of stdout, and tells a share whenever a line has one.

    Nothing that it is given is printed.
    """

    def __init__(
        self, pattern: str, share: Callable[[re.Match[str]], float], tell: Callable[[float], object]
    ) -> None:
        self._pattern, self._share, self._tell = re.compile(pattern), share, tell
        self._line, self._outside = "", sys.stdout

    def write(self, text: str) -> int:
        """Take a piece of what is printed: lines come in many."""
        *lines, self._line = (self._line + text).split("\n")
        for found in filter(None, map(self._pattern.search, lines)):
            with contextlib.redirect_stdout(self._outside):  # who is told may print
                self._tell(self._share(found))
        return len(text)
