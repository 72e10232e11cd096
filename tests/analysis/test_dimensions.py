"""The dimensions of a latent space: order, ranges, densities and dead ones, on latents made for the
purpose.
"""

import numpy as np
import pytest

from autoencoder.analysis.dimensions import BINS, describe, spacing

RNG = np.random.default_rng(0)


def test_the_most_varied_dimension_comes_first() -> None:
    """Dimensions are ordered by the variance of their latents."""
    found = describe(RNG.normal(size=(500, 3)) * [1.0, 5.0, 0.5])

    assert found.order.tolist() == [1, 0, 2]
    np.testing.assert_allclose(found.importance, [1, 25, 0.25], rtol=0.2)


def test_a_variational_order_is_by_kl() -> None:
    """Given the KL of each dimension, it decides on the order and on what is dead, whatever the
    variance says.
    """
    found = describe(RNG.normal(size=(500, 3)) * [1.0, 5.0, 0.5], kl=np.array([0.001, 0.3, 2.0]))

    assert found.order.tolist() == [2, 1, 0]
    assert found.dead.tolist() == [True, False, False]


def test_a_dimension_that_hardly_moves_is_dead() -> None:
    """Below a hundredth of the largest standard deviation a dimension carries nothing; none is dead
    among equals.
    """
    latents = RNG.normal(size=(500, 3))

    assert describe(latents * [1, 0.005, 0]).dead.tolist() == [False, True, True]
    assert not describe(latents).dead.any()


def test_sliders_reach_beyond_the_data() -> None:
    """A slider spans the middle nine tenths of the latents and half as much on either side."""
    found = describe(np.linspace(-1, 1, 1001)[:, None])

    np.testing.assert_allclose([found.low[0], found.high[0]], [-1.8, 1.8], atol=1e-3)


@pytest.mark.parametrize(
    "latents", [np.full((7, 2), 3.0), np.array([[1.0, 2.0]])], ids=["constant", "one"]
)
def test_latents_without_spread_have_a_range_all_the_same(latents: np.ndarray) -> None:
    """Constant latents and a single one give finite ranges around them."""
    found = describe(latents)

    assert (found.low < latents[0]).all() and (latents[0] < found.high).all()
    assert np.isfinite([found.low, found.high, found.mean, found.importance]).all()


def test_the_density_is_highest_where_latents_are() -> None:
    """Each dimension's density is 255 in its fullest bin and 0 where no latent lies."""
    latents = np.column_stack([RNG.normal(size=2_000), RNG.choice([-1.0, 1.0], 2_000)])
    density = describe(latents).density

    assert density.shape == (2, BINS)
    assert density.dtype == np.uint8
    assert density.max(axis=1).tolist() == [255, 255]
    assert abs(int(density[0].argmax()) - BINS // 2) <= 2
    assert (density[1] > 0).sum() == 2


def test_spacing_is_the_usual_distance_to_the_nearest_neighbour() -> None:
    """Points on a line, one apart, are one apart; strays do not matter; a single point and copies
    give a positive number.
    """
    line = np.arange(50.0)[:, None]

    assert spacing(line) == pytest.approx(1)
    assert spacing(np.vstack([line, [[1e6]]])) == pytest.approx(1)
    assert spacing(np.zeros((1, 2))) == 1
    assert spacing(np.zeros((9, 2))) > 0
