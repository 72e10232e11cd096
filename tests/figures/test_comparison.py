"""Figures that compare runs: the right numbers in the right traces."""

import numpy as np
import pytest

from autoencoder import figures

DIMS, ERRORS, PCA = (1, 2, 4), (0.05, 0.03, 0.02), (0.06, 0.05, 0.04)
SIZES = ("4 B", "8 B", "16 B")


def test_every_curve_has_its_line() -> None:
    """Each run has a line with its numbers, told apart by its dash too."""
    shown = [
        figures.Curve("one", [1, 2], [0.5, 0.1]),
        figures.Curve("<b>two", [1, 2, 3], [0.4, 0.2, 0.1]),
    ]
    figure = figures.curves(shown, x_title="Epoch")

    assert [trace.name for trace in figure.data] == ["one", "&lt;b&gt;two"]
    assert list(figure.data[1].y) == [0.4, 0.2, 0.1]
    assert len({trace.line.dash for trace in figure.data}) == 2
    assert figure.layout.xaxis.title.text == "Epoch"
    assert figure.layout.yaxis.type == "log"


def test_no_curves_give_empty_axes() -> None:
    """Nothing to draw is drawn as axes."""
    assert len(figures.curves([], x_title="Epoch").data) == 0


def test_the_bottleneck_curve_has_pca_beside_it_and_marks_the_knee() -> None:
    """Errors of the runs and of PCA share their sizes; the knee stands on the runs' curve; unknown
    accuracies are left out.
    """
    figure = figures.bottleneck_curve(DIMS, ERRORS, PCA, (0.4, None, 0.9), SIZES, knee=1)
    traces = {trace.name: trace for trace in figure.data}

    assert list(traces["Autoencoder"].y) == list(ERRORS)
    assert list(traces["PCA"].y) == list(PCA)
    assert (list(traces["Knee"].x), list(traces["Knee"].y)) == ([2], [0.03])
    assert list(traces["10-NN accuracy of the latents"].x) == [1, 4]
    assert list(figure.layout.xaxis2.ticktext) == ["1<br>4 B", "2<br>8 B", "4<br>16 B"]


WEIGHTED = [
    figures.WeightedRun(weight, seed, accuracy, error)
    for weight, seed, accuracy, error in [
        (300.0, 0, 0.9, 0.05),
        (0.0, 0, 0.5, 0.03),
        (0.0, 1, 0.7, 0.05),
        (30.0, 0, 0.95, 0.045),
    ]
]


def test_the_trade_off_has_a_point_per_run_and_a_line_by_weight() -> None:
    """Each run is a point labelled by its weight, seeds are several; the line joins the means of
    each weight in the order of weights.
    """
    line, points = figures.weight_trade_off(WEIGHTED).data

    assert list(points.x) == [0.9, 0.5, 0.7, 0.95]
    assert list(points.y) == [0.05, 0.03, 0.05, 0.045]
    assert list(points.text) == ["300", "0", "0", "30"]
    assert list(line.x) == pytest.approx([0.6, 0.95, 0.9])
    assert list(line.y) == pytest.approx([0.04, 0.045, 0.05])


def test_no_weights_give_empty_axes() -> None:
    """Nothing to draw is drawn as axes with their titles."""
    figure = figures.weight_trade_off([])

    assert all(len(trace.x) == 0 for trace in figure.data)
    assert figure.layout.xaxis.title.text == "10-NN accuracy of the latents"


def test_without_a_knee_none_is_marked() -> None:
    """A curve without a bend has no mark."""
    figure = figures.bottleneck_curve(DIMS, ERRORS, PCA, (None, None, None), SIZES)

    assert "Knee" not in [trace.name for trace in figure.data]


def test_an_accuracy_that_is_not_known_has_no_panel() -> None:
    """Without any accuracy the errors have the whole chart; one that is known brings the panel."""
    alone = figures.bottleneck_curve(DIMS, ERRORS, PCA, (None, None, None), SIZES)
    both = figures.bottleneck_curve(DIMS, ERRORS, PCA, (None, 0.5, None), SIZES)

    assert [trace.name for trace in alone.data] == ["Autoencoder", "PCA"]
    assert list(alone.layout.xaxis.ticktext) == ["1<br>4 B", "2<br>8 B", "4<br>16 B"]
    assert list(alone.layout.yaxis.domain) == [0, 1]
    assert "yaxis2" not in alone.layout
    assert both.layout.yaxis2.title.text == "10-NN accuracy"


def test_numbers_that_do_not_fit_are_refused() -> None:
    """As many errors as bottlenecks, as many x as y."""
    with pytest.raises(ValueError, match="the same length"):
        figures.bottleneck_curve(DIMS, ERRORS[:2], PCA, (None,) * 3, SIZES)
    with pytest.raises(ValueError, match="the same length"):
        figures.curves([figures.Curve("one", [1, 2], [0.5])], x_title="Epoch")


def test_every_seed_has_its_dot_and_every_group_its_mean() -> None:
    """A group is drawn as its seeds' values and their mean with the spread."""
    figure = figures.seed_dots({"one": {0: 1.0, 4: 3.0}, "two": {0: 5.0}})

    assert list(figure.data[0].y) == [1.0, 3.0]
    assert list(figure.data[0].customdata) == [0, 4]
    assert list(figure.data[2].y) == [2.0, 5.0]
    assert list(figure.data[2].error_y.array) == pytest.approx([2**0.5, 0])


def test_angles_are_drawn_on_their_whole_range() -> None:
    """One bar per angle, from 0 to 90 degrees."""
    figure = figures.angle_bars(np.array([0.1, 45.0]))

    assert list(figure.data[0].y) == [0.1, 45.0]
    assert list(figure.layout.yaxis.range) == [0, 90]
