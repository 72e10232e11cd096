"""Comparing runs: the arithmetic, on data made so that the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from autoencoder.analysis import comparison
from autoencoder.analysis.metrics import to_unit
from autoencoder.analysis.projections import fit_pca
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from autoencoder.training.loop import train

DIMS = (1, 2, 4, 8, 16, 32, 64)
PLAIN = RunConfig(dataset="digits")


# ---- Configs ----


def test_only_what_differs_is_told() -> None:
    """An option that is the same in all configs is left out; one that is not has every config's
    value.
    """
    configs = [PLAIN, replace(PLAIN, latent_dim=8), replace(PLAIN, latent_dim=8, loss="mse")]

    assert comparison.differences(configs) == {
        "latent_dim": [2, 8, 8],
        "loss": ["bce", "bce", "mse"],
    }


def test_an_option_without_effect_has_no_value() -> None:
    """An option that only some configs have is None in the others."""
    linear, mlp = replace(PLAIN, network="linear"), replace(PLAIN, network="mlp", hidden=(64,))

    assert comparison.differences([linear, mlp]) == {
        "network": ["linear", "mlp"],
        "hidden": [None, (64,)],
    }


def test_configs_are_of_one_family_if_they_differ_in_one_thing_only() -> None:
    """Families go by everything but what varies, are sorted by that, and their name does not depend
    on who is in them.
    """
    configs = [
        replace(PLAIN, latent_dim=8),
        replace(PLAIN, epochs=3),
        PLAIN,
        replace(PLAIN, latent_dim=4, seed=1),
    ]
    found = comparison.families(configs, "latent_dim")

    assert list(found.values()) == [[2, 0], [1], [3]]
    assert (
        next(iter(found))
        == next(iter(comparison.families(configs[:1], "latent_dim")))
        == replace(PLAIN, latent_dim=1).key
    )


def test_weights_make_a_family() -> None:
    """Runs that differ in their weight of neighbours and their seed only, and those of the same
    network without the objective, which are of every family with another space of neighbours.
    """
    near = replace(PLAIN, objective="neighbours", neighbours=5)
    other = replace(near, neighbour_space="digits-conv-d8-0", neighbour_weight=7.0)
    configs = [near, replace(PLAIN, seed=1), replace(near, neighbour_weight=30.0), other, PLAIN]
    configs += [replace(PLAIN, epochs=3), replace(near, epochs=4, neighbour_weight=30.0)]
    found = comparison.weight_families(configs)

    assert list(found.values()) == [[4, 1, 2, 0], [4, 1, 3], [6]]
    assert [comparison.weight_of(configs[i]) for i in (4, 1, 2, 0)] == [0, 0, 30, 300]
    assert comparison.weight_families([PLAIN]) == {}


def test_weight_0_is_the_network_without_the_objective() -> None:
    """It has the usual objective and no other option of the objective that it lost."""
    near = replace(PLAIN, objective="neighbours", neighbours=5, neighbour_weight=7.0, epochs=3)

    assert comparison.with_weight(near, 0.0) == replace(PLAIN, epochs=3)
    assert comparison.with_weight(near, 30.0) == replace(near, neighbour_weight=30.0)


def test_seeds_make_a_family() -> None:
    """Runs that differ in their seed only belong together."""
    configs = [replace(PLAIN, seed=3), PLAIN, replace(PLAIN, latent_dim=3)]

    assert list(comparison.families(configs, "seed").values()) == [[1, 0], [2]]


# ---- The knee ----


@pytest.mark.parametrize("corner", [4, 8, 16])
def test_the_knee_is_at_the_corner(corner: int) -> None:
    """A hyperbola that turns flat at a corner has its knee there."""
    errors = [1 / min(d, corner) * (1 if d <= corner else (corner / d) ** 0.05) for d in DIMS]

    assert comparison.knee(DIMS, errors) == DIMS.index(corner)


@pytest.mark.parametrize("seed", range(5))
def test_the_knee_withstands_noise(seed: int) -> None:
    """Two per cent of noise do not move the knee."""
    noise = np.random.default_rng(seed).normal(1, 0.02, len(DIMS))
    errors = [each / min(d, 8) for d, each in zip(DIMS, noise, strict=True)]

    assert comparison.knee(DIMS, errors) == DIMS.index(8)


@pytest.mark.parametrize("seed", range(5))
def test_a_power_law_has_no_knee(seed: int) -> None:
    """A straight line on logarithmic axes does not bend, with or without two per cent of noise."""
    noise = np.random.default_rng(seed).normal(1, 0.02 if seed else 0.0, len(DIMS))

    assert comparison.knee(DIMS, list(noise / np.sqrt(DIMS))) is None


@pytest.mark.parametrize(
    "errors",
    [[0.1] * 7, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [1, 0.99, 0.9, 0.8, 0.6, 0.3, 0.1]],
    ids=["flat", "up", "late"],
)
def test_a_curve_that_never_levels_off_has_no_knee(errors: list[float]) -> None:
    """A constant, a rising curve and one that falls faster and faster have none."""
    assert comparison.knee(DIMS, errors) is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_knee_takes_three_points(count: int) -> None:
    """Fewer than three bottlenecks have no knee."""
    assert comparison.knee(DIMS[:count], [0.5, 0.1][:count]) is None


@pytest.mark.parametrize(
    ("dims", "errors"),
    [((1, 2), (0.1,)), ((2, 1), (0.2, 0.1)), ((0, 1), (0.2, 0.1)), ((1, 2), (0.2, 0.0))],
)
def test_a_knee_of_no_curve_is_refused(dims: tuple[int, ...], errors: tuple[float, ...]) -> None:
    """Sizes that do not rise, and errors that cannot be, are refused."""
    with pytest.raises(ValueError, match="must"):
        comparison.knee(dims, errors)


def test_less_error_has_its_price() -> None:
    """Halving the error takes 69.3 per cents that follow upon each other; where nothing is gained
    there is no price.
    """
    assert comparison.bytes_per_percent((32, 64), (0.02, 0.01)) == pytest.approx(
        32 / (100 * np.log(2))
    )
    assert comparison.bytes_per_percent((32, 64), (0.01, 0.01)) is None


# ---- Seeds ----


def test_two_sets_of_one_kind_do_not_differ() -> None:
    """Of 500 pairs of samples from one distribution at most one in twenty or so is called
    different.
    """
    random = np.random.default_rng(0)
    for count in (3, 8):
        real = [comparison.gap(*random.normal(0.03, 0.001, (2, count))).is_real for _ in range(500)]
        assert 0.005 <= np.mean(real) <= 0.07


def test_what_is_far_apart_differs() -> None:
    """Two samples whose means lie many spreads apart differ, and the gap has the sign of first less
    second.
    """
    found = comparison.gap([0.030, 0.031, 0.032], [0.010, 0.011, 0.012])

    assert found is not None
    assert found.is_real
    assert found.value == pytest.approx(0.02)
    assert found.margin == pytest.approx(2.776 * 0.001 * (2 / 3) ** 0.5, rel=1e-3)


def test_one_seed_says_nothing() -> None:
    """A single value has no spread, so that there is nothing to compare a difference with."""
    assert comparison.gap([0.03], [0.01, 0.011]) is None
    assert np.isnan(comparison.spread([0.03]).spread)


def test_the_same_numbers_do_not_differ() -> None:
    """Without any spread every difference is real, and none is none."""
    same, other = comparison.gap([1.0, 1.0], [1.0, 1.0]), comparison.gap([1.0, 1.0], [2.0, 2.0])

    assert same is not None and not same.is_real
    assert other is not None and other.is_real


def test_mean_and_spread_are_a_samples() -> None:
    """The spread divides by one less than there are values."""
    assert (comparison.spread([1.0, 2.0, 3.0]).mean, comparison.spread([1.0, 2.0, 3.0]).spread) == (
        2.0,
        1.0,
    )


# ---- Subspaces ----


@pytest.mark.parametrize("degrees", [0.0, 1e-9, 1e-3, 30.0, 89.999, 90.0])
def test_a_plane_turned_by_an_angle_has_that_angle(degrees: float) -> None:
    """A plane turned about one of its lines keeps that line, and the other angle is the turn,
    however small or large.
    """
    turn = np.radians(degrees)
    one = np.array([[1.0, 0], [0, 1], [0, 0]])
    other = np.array([[1.0, 0], [0, np.cos(turn)], [0, np.sin(turn)]])

    assert comparison.angles(one, other) == pytest.approx([0, degrees], abs=1e-8)


def test_angles_do_not_depend_on_the_basis() -> None:
    """Mixing and stretching the columns changes nothing; angles ascend and come out alike either
    way round.
    """
    random = np.random.default_rng(0)
    one, other = random.normal(size=(2, 64, 4))
    mixed = one @ random.normal(size=(4, 4)) * 100
    found = comparison.angles(one, other)

    assert comparison.angles(mixed, other) == pytest.approx(found)
    assert comparison.angles(other, one) == pytest.approx(found)
    assert (np.diff(found) >= 0).all()
    assert comparison.angles(one, mixed) == pytest.approx(0, abs=1e-6)


def test_a_dead_dimension_counts_for_nothing() -> None:
    """A column of zeros, or a double, adds no angle."""
    one = np.array([[1.0, 0, 1], [0, 0, 0], [0, 0, 0]])

    assert comparison.angles(one, np.eye(3)[:, :2]) == pytest.approx([0])


@pytest.mark.parametrize(
    "wrong", [np.zeros((3, 2)), np.ones((4, 2)), np.ones(3), np.full((3, 1), np.nan)]
)
def test_what_spans_no_subspace_is_refused(wrong: np.ndarray) -> None:
    """Zeros, other lengths and undefined numbers are refused."""
    with pytest.raises(ValueError, match=r"angles need|the same length"):
        comparison.angles(np.eye(3), wrong)


@pytest.mark.slow
def test_a_linear_autoencoder_becomes_pca() -> None:
    """Trained long enough on images with four directions of falling variance, it has the error and
    the subspace of PCA.
    """
    random = np.random.default_rng(0)
    directions = np.linalg.qr(random.normal(size=(64, 4)))[0].T * [[60], [50], [40], [20]]
    pixels = 128 + 4 * random.normal(size=(900, 64)) + random.normal(size=(900, 4)) @ directions
    images = pixels.clip(0, 255).astype(np.uint8).reshape(-1, 1, 8, 8)
    config = RunConfig(**preset_values("pca", "digits", latent_dim=3, epochs=400))
    network = build(config)
    for _ in train(network, config, images[:700], images[700:]):
        pass

    pca, unseen = fit_pca(images[:700], 3), to_unit(images[700:]).reshape(200, -1)
    own = np.square(inference.reconstruct(network, images[700:]).reshape(200, -1) - unseen).mean()
    best = np.square(pca.decode(pca.encode(images[700:])) - unseen).mean()
    matrix = network.decoder[0].weight.detach().numpy()
    assert own == pytest.approx(best, rel=0.02)
    assert comparison.angles(matrix, pca.components.T).max() < 5


# ---- Convergence ----


@pytest.mark.parametrize(
    ("errors", "pca", "gain", "problem"),
    [
        ([1.0, 0.5, *[0.4] * 18], None, 0.0, ""),
        ([*range(20, 0, -1)], None, 2 / 3, "its error still fell by 66.7%"),
        ([1.0, 0.5, 0.495], None, 0.01, ""),
        ([1.0, 0.5, 0.6], None, 0.0, ""),
        ([0.5], None, np.inf, "one epoch does not show"),
        ([1.0, 0.1050, 0.1049], 0.1, 0.00095, ""),
        ([1.0, 0.1060, 0.1060], 0.1, 0.0, "its test error is 6.0% above PCA's"),
    ],
    ids=["level", "falling", "nearly level", "rising", "one epoch", "at PCA", "above PCA"],
)
def test_a_training_has_converged_if_its_end_gained_little(
    errors: list[float], pca: float | None, gain: float, problem: str
) -> None:
    """What counts is what the last tenth of the epochs takes off the lowest error so far, and for a
    linear network that it comes within a twentieth of PCA's.
    """
    end = comparison.convergence(errors, pca=pca)

    assert end.gain == pytest.approx(gain, abs=1e-5)
    assert end.problem.startswith(problem) and bool(end.problem) is bool(problem)
