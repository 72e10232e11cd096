"""The functions of the projection methods, each under its name in `config/projections.py`.

Slow ones say how far they are. Umap-learn and scikit-learn are slow to import, and scikit-learn can
end the process it runs in.
Shapes: N = points, D = their dimensions, K = those of the projection.
"""

import contextlib
import io
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autoencoder.analysis.projections.descent import start
from autoencoder.analysis.projections.fuzzy_graph import graph_of, nearest_with_itself
from autoencoder.analysis.projections.pca import fit_pca
from autoencoder.analysis.projections.projection import Projection
from autoencoder.config.projections import FEWEST_POINTS, ProjectionSettings
from autoencoder.errors import ProjectionError
from autoencoder.progress import ProgressCallback, ignore

UMAP_LEARN = "umap-learn"  # the library, as projections name it
MOST_COMPONENTS = 50  # of images, before UMAP and t-SNE
STEPS = 1_000  # of t-SNE's descent, its library's default
UMAP_PREPARED, TSNE_PREPARED = 0.7, 0.05  # of the time, before the first step; for 5,000 latents
UMAP_BAR = {"disable": False, "bar_format": "{n_fmt}/{total_fmt}", "mininterval": 0, "miniters": 10}
UMAP_SAYS = r"(\d+)/(\d+)"
TSNE_SAYS = r"Iteration (\d+):"

Method = Callable[[np.ndarray, ProjectionSettings, ProgressCallback], Projection]


def project(
    points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback = ignore
) -> Projection:
    """Project points (N, D) to K dimensions: the same numbers every time.

    Neighbours are clamped to what N points allow; `settings.points` and `settings.space` are the
    caller's to heed.

    Args:
        points: Latents; or images, for UMAP and t-SNE as `pixel_space` gives them.
        settings: The method and its parameters.
        notify: Hears what is being done, and the fraction that is done where that is known. Nothing
            that the libraries print gets through.

    Raises:
        ProjectionError: Too few points, a number that is not finite, or all points the same.
    """
    return METHODS[settings.method](points, settings, notify)


def latents_themselves(
    points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback
) -> Projection:
    """The points (N, D) as they are, D at most 3."""
    return Projection(points, settings, tuple(f"z{axis}" for axis in range(points.shape[1])))


def principal_components(
    points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback
) -> Projection:
    """Points (N, D), or images, along their first principal components, whose share of the variance
    the axes tell.
    """
    pca = fit_pca(points, settings.dimensions)
    projected = pca.encode(points)
    missing = settings.dimensions - projected.shape[1]  # an image of one pixel has one component
    shares = [*(pca.variance / max(pca.total, 1e-12)), *[0.0] * missing]
    axes = tuple(
        f"PC {number}, {share:.0%} of the variance" for number, share in enumerate(shares, start=1)
    )
    return Projection(np.pad(projected, ((0, 0), (0, missing))), settings, axes)


def pixel_space(images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> (N, P) float32 in [0, 1], or their first 50 principal components
    where P > 50.
    """
    flat = images.reshape(len(images), -1)
    if flat.shape[1] <= MOST_COMPONENTS:
        return flat.astype(np.float32) / 255
    return fit_pca(flat, min(MOST_COMPONENTS, len(flat))).encode(flat).astype(np.float32)


def umap(points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback) -> Projection:
    """McInnes, Healy & Melville 2018, by umap-learn, which is given exact neighbours and a start:
    its own search for both takes three times as long as all the rest, most of it for compiling.
    """
    points = prepared(points, settings.spec.title)
    notify("loading UMAP")
    with no_warnings():
        model_class = _umap_learn()
        notify(f"finding the nearest neighbours of {len(points):,} points")
        count = min(settings.neighbours, len(points) - 1)
        nearest = nearest_with_itself(points, count)
        begun = start(
            points, graph_of(*nearest), settings.dimensions, np.random.default_rng(settings.seed)
        )
        listener = _Listener(
            UMAP_SAYS,
            lambda match: int(match[1]) / int(match[2]),
            _notify_steps(points, settings, UMAP_PREPARED, notify),
        )
        model = model_class(
            n_neighbors=count,
            n_components=settings.dimensions,
            min_dist=settings.min_dist,
            init=begun,
            random_state=settings.seed,  # hence one thread, and the same numbers every time
            n_jobs=1,
            precomputed_knn=nearest,
            tqdm_kwds={**UMAP_BAR, "file": listener},
        )
        notify("compiling UMAP")
        with contextlib.redirect_stdout(listener):
            projected = model.fit_transform(points)
    return Projection(projected.astype(np.float32), settings, library=UMAP_LEARN)


def _umap_learn() -> Any:
    """The class UMAP of umap-learn. Raises ProjectionError if it cannot be imported."""
    try:
        from umap import UMAP
    except ImportError as error:
        raise ProjectionError(
            f"UMAP needs the package {UMAP_LEARN}, which cannot be imported here ({error});"
            f" install it with: pip install {UMAP_LEARN}"
        ) from error
    return UMAP


def tsne(points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback) -> Projection:
    """Van der Maaten & Hinton 2008, by scikit-learn."""
    points = prepared(points, settings.spec.title)
    notify("loading t-SNE")
    # openTSNE is no more accurate and takes longer: 14.7 s, or 23.4 s with FFT, against 11.9 s for
    # 5,000 latents.
    from sklearn.manifold import TSNE

    notify(f"finding the nearest neighbours of {len(points):,} points")
    listener = _Listener(
        TSNE_SAYS,
        lambda match: int(match[1]) / STEPS,
        _notify_steps(points, settings, TSNE_PREPARED, notify),
    )
    model = TSNE(
        n_components=settings.dimensions,
        perplexity=min(float(settings.neighbours), (len(points) - 1) / 3),
        init="pca" if min(points.shape) >= settings.dimensions else "random",
        max_iter=STEPS,
        random_state=settings.seed,
        n_jobs=1,
        verbose=2,
    )
    with no_warnings(), contextlib.redirect_stdout(listener):
        return Projection(model.fit_transform(points).astype(np.float32), settings)


METHODS: dict[str, Method] = {
    "latents": latents_themselves,
    "pca": principal_components,
    "umap": umap,
    "tsne": tsne,
}


def prepared(points: np.ndarray, title: str) -> np.ndarray:
    """Points that can be projected, about their mean and of width 1: far from where squares over-
    or underflow.
    """
    points = np.asarray(points, dtype=np.float32)
    if len(points) < FEWEST_POINTS:
        raise ProjectionError(f"{title} needs at least {FEWEST_POINTS} points; got {len(points)}")
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


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """Of few or equal points, umap-learn, scikit-learn and SciPy warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _notify_steps(
    points: np.ndarray, settings: ProjectionSettings, before: float, notify: ProgressCallback
) -> Callable[[float], object]:
    """Tells a fraction of the steps as one of the whole, of which `before` was done before them."""
    words = f"laying out {len(points):,} points with {settings.spec.title}"
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
        *lines, self._line = re.split("[\r\n]", self._line + text)  # a bar begins each with \r
        for match in filter(None, map(self._pattern.search, lines)):
            with contextlib.redirect_stdout(self._outside):  # who is told may print
                self._tell(self._share(match))
        return len(text)
