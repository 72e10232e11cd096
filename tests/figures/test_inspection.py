"""Figures of the inspection: the right numbers in the right traces; nothing about their looks."""

import numpy as np
import pytest

from autoencoder import figures
from autoencoder.figures import NoiseCurve


def test_living_and_dead_units_are_told_apart() -> None:
    """Each unit is a point of its kind, with its number; a kind that there is not keeps its
    trace.
    """
    means, deviations, active = (
        np.array([1.0, 0.0, 2.0]),
        np.array([0.5, 0.0, 0.25]),
        np.array([1.0, 0.0, 0.5]),
    )
    living, dead = figures.unit_spread(
        means, deviations, active, np.array([False, True, False])
    ).data

    assert (list(living.x), list(living.y), list(living.customdata)) == (
        [1, 2],
        [0.5, 0.25],
        [0, 2],
    )
    assert (list(dead.x), list(dead.y), list(dead.customdata)) == ([0], [0], [1])
    assert (living.name, dead.name) == ("Not dead (2)", "Dead (1)")
    assert len(figures.unit_spread(means, deviations, active, np.zeros(3, bool)).data) == 2


def test_bars_are_in_order_or_ranked() -> None:
    """A bar per unit, which says its unit wherever it stands."""
    values = np.array([2.0, -1.0, 3.0])
    plain, ranked = (
        figures.unit_bars(values, title="Activation", ranked=ranked).data[0]
        for ranked in (False, True)
    )

    assert (list(plain.y), list(plain.customdata)) == ([2, -1, 3], [0, 1, 2])
    assert (list(ranked.y), list(ranked.customdata)) == ([3, 2, -1], [2, 0, 1])


def test_noise_curves_mark_where_a_run_was_trained() -> None:
    """A line per run and one of the noise itself; only where a run was trained its line has a
    mark.
    """
    vanilla = NoiseCurve("vanilla", (0, 0.5, 1), (0.1, 0.2, 0.3))
    denoiser = NoiseCurve("<b>denoiser</b>", (0, 0.3, 0.5, 1), (0.2, 0.1, 0.2, 0.3), trained_at=0.3)
    itself = NoiseCurve("itself", (0, 1), (0, 0.5))
    lines = figures.noise_curves([vanilla, denoiser], itself, axis="Level", at=0.4).data

    assert [list(line.y) for line in lines] == [[0.1, 0.2, 0.3], [0.2, 0.1, 0.2, 0.3], [0, 0.5]]
    assert lines[0].mode == lines[2].mode == "lines"
    assert [size > 0 for size in lines[1].marker.size] == [False, True, False, False]
    assert lines[1].name == "&lt;b&gt;denoiser&lt;/b&gt;"


def test_shapes_that_do_not_fit_are_refused() -> None:
    """Fewer deviations than means, errors that lack a level, a training level that was not
    measured: each is named.
    """
    itself = NoiseCurve("itself", (0, 1), (0, 0.5))
    with pytest.raises(ValueError, match=r"got \(3,\), \(2,\)"):
        figures.unit_spread(np.zeros(3), np.zeros(2), np.zeros(3), np.zeros(3, bool))
    with pytest.raises(ValueError, match="got 1 for 2"):
        figures.noise_curves([NoiseCurve("a", (0, 1), (0.5,))], itself, axis="Level")
    with pytest.raises(ValueError, match="not among its levels"):
        figures.noise_curves(
            [NoiseCurve("a", (0, 1), (0.5, 1), trained_at=0.3)], itself, axis="Level"
        )
