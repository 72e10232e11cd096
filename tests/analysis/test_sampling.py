"""Drawing latents: what a fitted mixture knows, which latents it survives, and where a grid's
places are.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autoencoder.analysis.sampling import (
    MOST_FULL,
    Mixture,
    fit_mixture,
    grid,
    prior,
    spaced,
)
from autoencoder.errors import SamplingError

RANDOM = np.random.default_rng(0)
CLOUD = RANDOM.normal(size=(60, 3)).astype(np.float32)
LABELS = np.arange(60) % 3


def blobs() -> tuple[np.ndarray, np.ndarray]:
    """300 latents about (-5, 1) of class 0, and 100 about (5, -1) of class 4: stretched, tilted and
    far apart.
    """
    random = np.random.default_rng(1)
    stretch = np.array([[1.0, 0.0], [0.8, 0.2]])
    latents = np.concatenate(
        [
            random.normal(size=(300, 2)) @ stretch.T + [-5, 1],
            0.1 * random.normal(size=(100, 2)) + [5, -1],
        ]
    )
    return latents.astype(np.float32), np.repeat([0, 4], [300, 100])


def simple(**changes: np.ndarray) -> Mixture:
    """Two components in a plane, one per class, changed as wanted."""
    whole = {
        "weights": np.array([0.25, 0.75]),
        "means": np.array([[0.0, 0.0], [10.0, 0.0]]),
        "scales": np.stack([np.eye(2), np.array([[2.0, 0.0], [1.0, 0.5]])]),
        "classes": np.array([3, 7]),
    }
    return Mixture(**{**whole, **changes})


# Fitting


def test_blobs_are_found_where_they_are() -> None:
    """Two blobs, one per class: a component each, with their shares, their means and their
    covariances.
    """
    latents, labels = blobs()
    found = fit_mixture(latents, labels, seed=0)

    assert found.classes.tolist() == [0, 4]
    assert np.allclose(found.weights, [0.75, 0.25])
    assert np.allclose(
        found.means, [latents[:300].mean(axis=0), latents[300:].mean(axis=0)], atol=1e-4
    )
    covariances = found.scales @ found.scales.transpose(0, 2, 1)
    assert np.allclose(covariances[0], np.cov(latents[:300].T, bias=True), atol=1e-3)
    assert np.allclose(covariances[1], np.cov(latents[300:].T, bias=True), atol=1e-3)


def test_a_class_in_two_places_has_two_components() -> None:
    """What one Gaussian does not describe gets more, which share the weight of their class."""
    latents, _ = blobs()
    found = fit_mixture(latents, np.zeros(len(latents), int), seed=0)

    assert len(found.weights) >= 2
    assert found.weights[found.means[:, 0] > 0].sum() == pytest.approx(0.25, abs=0.01)


def test_few_latents_have_one_component() -> None:
    """Two places in a plane, with fewer than three latents for each of them: not enough to call
    them two.
    """
    latents = np.array([[0, 0], [0, 0.1], [9, 9], [9, 9.1], [9.1, 9]])

    assert len(fit_mixture(latents, np.zeros(5, int), seed=0).weights) == 1
    assert (
        len(fit_mixture(np.repeat(latents[1:4:2], 50, axis=0), np.zeros(100, int), seed=0).weights)
        == 2
    )


def test_the_scale_of_a_dimension_does_not_matter() -> None:
    """The same latents in other units give the same mixture in those units."""
    latents, labels = blobs()
    units = np.array([1e-6, 1e6], np.float32)
    plain, scaled = (
        fit_mixture(latents, labels, seed=0),
        fit_mixture(latents * units, labels, seed=0),
    )

    assert np.allclose(scaled.means / units, plain.means, rtol=1e-3, atol=1e-3)
    assert np.allclose(scaled.scales / units[:, None], plain.scales, rtol=1e-2, atol=1e-3)


def test_many_dimensions_have_deviations_alone() -> None:
    """Above 64 dimensions a component is as wide in each as its latents are, and nothing is
    mixed.
    """
    latents = RANDOM.normal(size=(400, MOST_FULL + 1)) * np.linspace(1, 5, MOST_FULL + 1)
    found = fit_mixture(latents, np.zeros(400, int), seed=0)
    drawn, _ = found.sample(4_000, seed=0)

    assert found.scales.shape == found.means.shape
    assert np.allclose(drawn.std(axis=0), latents.std(axis=0), rtol=0.1)


def test_progress_is_told_by_class() -> None:
    """Whoever waits hears which of the classes that occur is being fitted."""
    said: list[str] = []
    fit_mixture(CLOUD, LABELS * 4, seed=0, notify=lambda words, fraction: said.append(words))

    assert [words.rsplit("class", 1)[1] for words in said] == [" 1 of 3", " 2 of 3", " 3 of 3"]


POOR = {
    "one code": (CLOUD[:1], LABELS[:1]),
    "constant": (np.full((50, 3), 0.1, np.float32), LABELS[:50]),
    "duplicates": (np.repeat(CLOUD[:2], 30, axis=0), np.zeros(60, int)),
    "one of a class": (CLOUD, np.r_[9, np.zeros(59, int)]),
    "a class each": (CLOUD[:10], np.arange(10)),
    "one dimension": (CLOUD[:, :1], LABELS),
    "a dead dimension": (CLOUD * [1, 0, 1], LABELS),
    "scales apart": (CLOUD * [1e-30, 1, 1e30], LABELS),
    "huge": (CLOUD * np.float32(1e38), LABELS),
    "denormal": (CLOUD * np.float32(1e-44), LABELS),
    "an outlier": (np.concatenate([CLOUD, [[1e9, 0, 0]]]), np.r_[LABELS, 0]),
    "more dimensions than latents": (RANDOM.normal(size=(8, 40)), np.zeros(8, int)),
    "constant, many dimensions": (np.ones((20, MOST_FULL + 1)), np.zeros(20, int)),
    "on a line": (CLOUD[:, :1] * [1, 2, 3], LABELS),
}


@pytest.mark.parametrize(("latents", "labels"), POOR.values(), ids=POOR)
def test_any_finite_latents_can_be_fitted_and_drawn(
    latents: np.ndarray, labels: np.ndarray
) -> None:
    """However few, alike, flat or far out: a mixture with every class that occurs, whose samples
    stay near its latents.
    """
    found = fit_mixture(latents, labels, seed=0)
    drawn, classes = found.sample(200, seed=0)
    margin = 6 * np.std(latents.astype(np.float64), axis=0) + 1e-5 * np.abs(latents).max(axis=0)

    assert set(found.classes) == set(labels)
    assert (drawn.dtype, drawn.shape, classes.shape) == (
        np.float32,
        (200, latents.shape[1]),
        (200,),
    )
    assert np.isfinite(drawn).all()
    assert (drawn >= latents.min(axis=0) - margin).all() and (
        drawn <= latents.max(axis=0) + margin
    ).all()


@settings(max_examples=30, deadline=None)
@given(
    latents=arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 12), st.integers(1, 3)),
        elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
    ),
    seed=st.integers(0, 2**31 - 1),
)
def test_no_finite_latents_break_a_mixture(latents: np.ndarray, seed: int) -> None:
    """Whatever float32 numbers latents are, the mixture is sound, draws finite latents, and warns
    of nothing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn, classes = fit_mixture(latents, np.arange(len(latents)) % 2, seed=seed).sample(
            5, seed=seed
        )

    assert np.isfinite(drawn).all() and set(classes) <= {0, 1}


@pytest.mark.parametrize(
    ("latents", "labels"),
    [
        (np.zeros((0, 2)), np.zeros(0, int)),
        (np.zeros((3, 0)), np.zeros(3, int)),
        (np.zeros(3), np.zeros(3, int)),
        (np.array([[0.0], [np.nan]]), np.zeros(2, int)),
        (np.array([[0.0], [1e39]]), np.zeros(2, int)),
        (np.zeros((3, 2)), np.zeros(2, int)),
    ],
    ids=["none", "no dimensions", "flat", "undefined", "beyond float32", "too few labels"],
)
def test_what_cannot_be_fitted_is_refused(latents: np.ndarray, labels: np.ndarray) -> None:
    """In one sentence of ours."""
    with pytest.raises(SamplingError):
        fit_mixture(latents, labels, seed=0)


# Drawing


def test_samples_are_those_of_their_component() -> None:
    """Many samples have the weights, means and covariances of the components they are said to come
    from.
    """
    mixture = simple()
    latents, classes = mixture.sample(20_000, seed=0)

    assert np.mean(classes == 7) == pytest.approx(0.75, abs=0.02)
    for index, label in enumerate(mixture.classes):
        own = latents[classes == label]
        assert np.allclose(own.mean(axis=0), mixture.means[index], atol=0.1)
        assert np.allclose(np.cov(own.T), mixture.scales[index] @ mixture.scales[index].T, atol=0.2)


def test_samples_of_a_class_lie_with_that_class() -> None:
    """Asked for one class, all samples are of it and fall among its latents; asked for one that is
    not there, none are drawn.
    """
    latents, labels = blobs()
    mixture = fit_mixture(latents, labels, seed=0)
    drawn, classes = mixture.sample(100, seed=0, label=4)

    assert set(classes) == {4}
    assert np.abs(drawn - [5, -1]).max() < 1
    for missing in (1, -1):
        with pytest.raises(SamplingError, match=f"no component of class {missing}"):
            mixture.sample(1, seed=0, label=missing)


def test_a_seed_gives_its_numbers_again() -> None:
    """The same seed draws and fits the same, another seed draws others."""
    latents, labels = blobs()
    first, second = fit_mixture(latents, labels, seed=3), fit_mixture(latents, labels, seed=3)

    assert np.array_equal(first.sample(9, seed=5)[0], second.sample(9, seed=5)[0])
    assert not np.array_equal(first.sample(9, seed=5)[0], first.sample(9, seed=6)[0])
    assert np.array_equal(prior(9, 2, seed=5), prior(9, 2, seed=5))
    assert not np.array_equal(prior(9, 2, seed=5), prior(9, 2, seed=6))


def test_the_prior_is_standard_normal() -> None:
    """Mean 0, covariance 1, float32."""
    latents = prior(20_000, 3, seed=0)

    assert latents.dtype == np.float32
    assert np.allclose(latents.mean(axis=0), 0, atol=0.03)
    assert np.allclose(np.cov(latents.T), np.eye(3), atol=0.05)


def test_nonsense_draws_are_refused() -> None:
    """A count or a seed below 0 is no draw; no samples at all are."""
    for refused in (
        lambda: prior(-1, 2, seed=0),
        lambda: prior(1, 2, seed=-1),
        lambda: simple().sample(-1, seed=0),
    ):
        with pytest.raises(SamplingError):
            refused()
    assert simple().sample(0, seed=0)[0].shape == (0, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": np.array([0.5, 0.6])},
        {"weights": np.array([1.5, -0.5])},
        {"weights": np.array([1.0])},
        {"weights": np.array([np.nan, 1.0])},
        {"means": np.zeros((2, 3))},
        {"means": np.zeros(2)},
        {"means": np.full((2, 2), np.inf)},
        {"means": np.zeros((0, 2)), "weights": np.zeros(0)},
        {"scales": np.zeros((2, 3))},
        {"scales": np.full((2, 2), 1e300)},
        {"scales": np.full((2, 2), np.nan)},
        {"classes": np.array([0.0, 1.0])},
        {"classes": np.array([-1, 0])},
        {"classes": np.array([0])},
    ],
    ids=lambda changes: " ".join(
        f"{name} {np.array2string(value)[:24]}" for name, value in changes.items()
    ),
)
def test_what_is_no_mixture_is_refused(changes: dict[str, np.ndarray]) -> None:
    """Weights that are none, numbers that are not finite, shapes that do not fit each other."""
    with pytest.raises(SamplingError):
        simple(**changes)


# Grids and yardsticks


def test_quantile_steps_have_equal_shares_between_them() -> None:
    """As many values lie between any two neighbours, and the share asked for lies between the
    ends.
    """
    values = np.random.default_rng(0).exponential(size=10_000)
    places = spaced(values, 11, spacing="quantile", reach=0.9)
    between = np.histogram(values, places)[0] / len(values)

    assert np.allclose(between, 0.09, atol=2e-4)


def test_linear_steps_are_as_long() -> None:
    """Equal steps, between the same ends as quantile steps."""
    values = np.random.default_rng(0).exponential(size=1_000)
    places, quantiles = (
        spaced(values, 7, spacing=spacing, reach=0.8) for spacing in ("linear", "quantile")
    )

    assert np.allclose(np.diff(places), np.diff(places)[0])
    assert np.allclose(places[[0, -1]], quantiles[[0, -1]])


@pytest.mark.parametrize("spacing", ["quantile", "linear"])
@given(
    values=arrays.arrays(
        np.float32, st.integers(1, 20), elements=st.floats(-(2.0**100), 2.0**100, width=32)
    ),
    count=st.integers(1, 30),
    reach=st.floats(0.01, 1),
)
def test_places_ascend_within_the_values(
    spacing: str, values: np.ndarray, count: int, reach: float
) -> None:
    """As many as asked for, in order, none beyond the least and the greatest value; one alone
    stands in the middle.
    """
    places = spaced(values, count, spacing=spacing, reach=reach)
    slack = 1e-6 * max(1.0, float(np.abs(values).max()))

    assert places.shape == (count,)
    assert (np.diff(places) >= -slack).all()
    assert places.min() >= values.min() - slack and places.max() <= values.max() + slack


@pytest.mark.parametrize(
    "options",
    [{"count": 0}, {"reach": 0.0}, {"reach": 1.01}, {"reach": float("nan")}, {"spacing": "cubic"}],
    ids=str,
)
def test_a_nonsensical_grid_is_refused(options: dict[str, object]) -> None:
    """In one sentence that names what was given."""
    with pytest.raises(SamplingError):
        spaced(CLOUD[:, 0], **{"count": 5, "spacing": "linear", "reach": 0.9, **options})  # type: ignore[arg-type]
    for values in (np.zeros(0), np.array([np.nan]), CLOUD):
        with pytest.raises(SamplingError, match="finite numbers"):
            spaced(values, 5, spacing="linear", reach=0.9)


def test_a_grid_is_read_like_a_picture() -> None:
    """The first place is the top left one: least on the first axis, greatest on the second; one
    axis makes one row.
    """
    level, upright = np.array([0.0, 1.0, 2.0]), np.array([10.0, 20.0])

    assert grid(level, upright).tolist() == [[0, 20], [1, 20], [2, 20], [0, 10], [1, 10], [2, 10]]
    assert grid(level).tolist() == [[0], [1], [2]]
