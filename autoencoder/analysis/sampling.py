"""Where latents come from when no image is encoded: drawn from the prior or from a density of
training latents, or on a grid.

Shapes: N = latents, D = latent_dim, K = components of a mixture. The same seed gives the same
numbers.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from autoencoder.errors import SamplingError
from autoencoder.progress import ProgressCallback, ignore

COMPONENTS = (1, 2, 4, 8)  # per class, of which BIC chooses
MOST_FULL = 64  # latent dimensions up to which a component has a full covariance
FLOOR = 1e-6  # added to variances, as a share of the latents' own: no component shrinks to a point
FURTHEST = float(np.finfo(np.float32).max)  # of latents
LARGEST = 1e40  # of a mixture's numbers: beyond any latent, and nothing computed from it overflows


@dataclass(frozen=True, eq=False)
class Mixture:
    """A Gaussian mixture over latents, every component of which belongs to a class.

    Attributes:
        weights: (K,), positive, of sum 1.
        means: (K, D).
        scales: (K, D, D), lower Cholesky factors of the covariances; or (K, D), standard
            deviations, where none is mixed in.
        classes: Class index of each component, (K,).

    Raises:
        SamplingError: The arrays are no such mixture.
    """

    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    classes: np.ndarray

    def __post_init__(self) -> None:
        count, dimensions = self.means.shape if self.means.ndim == 2 else (0, 0)
        _require(
            count > 0 and dimensions > 0,
            "means must be of at least one component and one dimension",
        )
        _require(
            self.scales.shape in ((count, dimensions), (count, dimensions, dimensions)),
            "scales must fit the means",
        )
        _require(
            self.weights.shape == self.classes.shape == (count,),
            "weights and classes must be one per component",
        )
        _require(
            bool((self.weights > 0).all()) and abs(self.weights.sum() - 1) < 1e-6,
            "weights must be positive, of sum 1",
        )
        _require(
            self.classes.dtype.kind == "i" and self.classes.min() >= 0, "classes must be indices"
        )
        sound = all(
            np.isfinite(numbers).all() and np.abs(numbers).max() <= LARGEST
            for numbers in (self.means, self.scales)
        )
        _require(sound, f"means and scales must be finite, at most {LARGEST:g}")

    def sample(
        self, count: int, *, seed: int, label: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draw latents (count, D) float32 of any class, or of the class `label`, and the class of
        each (count,).

        Raises:
            SamplingError: The mixture has no component of that class, or count is below 0.
        """
        of_class = (
            np.arange(len(self.weights)) if label is None else np.flatnonzero(self.classes == label)
        )
        _require(len(of_class) > 0, f"the mixture has no component of class {label}")
        random = _random(seed, count)
        chosen = of_class[
            random.choice(
                len(of_class), count, p=self.weights[of_class] / self.weights[of_class].sum()
            )
        ]
        noise = random.standard_normal((count, self.means.shape[1]))
        latents = self.means[chosen].astype(np.float64)
        for component in np.unique(chosen):
            drawn, scale = chosen == component, self.scales[component].astype(np.float64)
            latents[drawn] += noise[drawn] * scale if scale.ndim == 1 else noise[drawn] @ scale.T
        return latents.clip(-FURTHEST, FURTHEST).astype(np.float32), self.classes[chosen]


def prior(count: int, dimensions: int, *, seed: int) -> np.ndarray:
    """Latents (count, dimensions) float32 from a standard normal distribution, which a variational
    run is trained towards.
    """
    return _random(seed, count).standard_normal((count, dimensions), dtype=np.float32)


def fit_mixture(
    latents: np.ndarray, labels: np.ndarray, *, seed: int, notify: ProgressCallback = ignore
) -> Mixture:
    """Fit a Gaussian mixture to the latents (N, D) of each class in labels (N,), weighted by the
    share of each class.

    Each class has 1, 2, 4 or 8 components, whichever has the lowest Bayesian information criterion,
    but never more than leave each D + 1 latents. `notify` hears which class is being fitted.

    Raises:
        SamplingError: There are no latents, some are not finite, or there is not one label for
        each.
    """
    with np.errstate(over="ignore"):
        points = np.asarray(latents, dtype=np.float32).astype(np.float64)
    _require(
        points.ndim == 2 and min(points.shape) > 0,
        f"latents must be (N, D) with at least one of each; got {points.shape}",
    )
    _require(
        labels.shape == (len(points),),
        f"there must be one label for each of {len(points)} latents; got {labels.shape}",
    )
    _require(
        bool(np.isfinite(points).all()), "latents must be finite; some are infinite or undefined"
    )
    mean, spread = points.mean(axis=0), points.std(axis=0)
    points = (points - mean) / np.where(spread > 0, spread, 1)

    parts, classes = [], np.unique(labels)
    for number, label in enumerate(classes, start=1):
        of_class = f" of class {number} of {len(classes)}" if len(classes) > 1 else ""
        words = f"fitting Gaussians to the training latents{of_class}"
        notify(words, (number - 1) / len(classes))
        parts.append((label, np.mean(labels == label), *_fit_class(points[labels == label], seed)))
    scales = np.concatenate([factors for *_, factors in parts])
    weights = np.concatenate([share * weights for _, share, weights, _, _ in parts])
    return Mixture(
        weights / weights.sum(),
        np.concatenate([means for *_, means, _ in parts]) * spread + mean,
        scales * (spread if scales.ndim == 2 else spread[:, None]),
        np.concatenate(
            [np.full(len(weights), label, np.int64) for label, _, weights, _, _ in parts]
        ),
    )


def _fit_class(points: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and scales of the best mixture for points (n, D) of about unit spread."""
    most = min(len(points) // (points.shape[1] + 1), len(np.unique(points, axis=0)))
    single = _single(points)
    if most < 2:
        return single
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    lowest, kind = np.inf, "full" if points.shape[1] <= MOST_FULL else "diag"
    for count in (count for count in COMPONENTS if count <= most):
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", ConvergenceWarning
            )  # a mixture that still shifts a little is good enough
            try:
                model = GaussianMixture(
                    count, covariance_type=kind, reg_covar=FLOOR, random_state=seed
                ).fit(points)
                criterion = model.bic(points)
                scales = (
                    np.linalg.cholesky(model.covariances_)
                    if kind == "full"
                    else np.sqrt(model.covariances_)
                )
            except (
                ValueError,
                np.linalg.LinAlgError,
            ):  # a covariance that cannot be factorised: too many components
                continue
        if criterion < lowest and (model.weights_ > 0).all():
            lowest, best = criterion, (model.weights_, model.means_, scales)
    return best


def _single(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One Gaussian for points (n, D), however few or alike they are."""
    mean, dimensions = points.mean(axis=0), points.shape[1]
    if dimensions > MOST_FULL:
        return np.ones(1), mean[None], np.sqrt(points.var(axis=0) + FLOOR)[None]
    rows = np.concatenate(
        [(points - mean) / np.sqrt(len(points)), np.sqrt(FLOOR) * np.eye(dimensions)]
    )
    factor = np.asarray(
        np.linalg.qr(rows, mode="r")
    ).T  # of the covariance rows.T @ rows, without squaring what is nearly singular
    return np.ones(1), mean[None], (factor * np.where(np.diag(factor) < 0, -1, 1))[None]


def spaced(values: np.ndarray, count: int, *, spacing: str, reach: float) -> np.ndarray:
    """`count` positions along one axis of a grid, ascending, for the latents' values (N,) there.

    Args:
        values: Finite numbers.
        count: At least 1; a single position stands in the middle.
        spacing: "quantile", so that as many values lie between each two neighbours, or "linear", in
            equal steps.
        reach: The share of the values between the first and the last position, above 0 and at most
            1.

    Raises:
        SamplingError: One of these is not as it should be.
    """
    _require(
        values.ndim == 1 and values.size > 0 and bool(np.isfinite(values).all()),
        "values must be finite numbers",
    )
    _require(count >= 1, f"count must be at least 1; got {count}")
    _require(
        spacing in ("quantile", "linear"), f"spacing must be quantile or linear; got {spacing[:40]}"
    )
    _require(0 < reach <= 1, f"reach must be above 0 and at most 1; got {reach}")
    ends = np.array([(1 - reach) / 2, 1 - (1 - reach) / 2])
    if spacing == "quantile":
        return np.quantile(values.astype(np.float64), _between(ends, count))
    return _between(np.quantile(values.astype(np.float64), ends), count)


def grid(level: np.ndarray, upright: np.ndarray | None = None) -> np.ndarray:
    """The places of a grid, row by row from the top left as a picture has them: the second axis
    grows upwards.

    Args:
        level: Positions along the first axis, ascending, (W,).
        upright: Along the second, (H,); None where there is one axis.

    Returns:
        (H * W, 2), or (W, 1).
    """
    if upright is None:
        return level[:, None]
    return np.stack([np.tile(level, len(upright)), np.repeat(upright[::-1], len(level))], axis=1)


def _between(ends: np.ndarray, count: int) -> np.ndarray:
    return np.linspace(ends[0], ends[1], count) if count > 1 else ends.mean(keepdims=True)


def _random(seed: int, count: int) -> np.random.Generator:
    _require(seed >= 0, f"seed must be at least 0; got {seed}")
    _require(count >= 0, f"count must be at least 0; got {count}")
    return np.random.default_rng(seed)


def _require(condition: bool, problem: str) -> None:
    if not condition:
        raise SamplingError(problem)
