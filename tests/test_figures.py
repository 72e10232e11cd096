"""Figures: the right numbers in the right traces; nothing about their looks."""

import numpy as np
import pytest

from autoencoder import figures

NAMES = tuple("abc")


def test_every_class_has_its_trace_whichever_classes_there_are() -> None:
    """Traces come in class order and absent classes keep theirs, so that a class keeps its colour."""
    figure = figures.latent_scatter(np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([2, 0]), NAMES)

    assert [trace.name for trace in figure.data] == ["a", "b", "c"]
    assert [trace.visible for trace in figure.data] == [True, "legendonly", True]
    assert list(figure.data[0].x) == [2.0]
    assert list(figure.data[2].customdata) == [0]


def test_codes_of_one_number_are_spread_by_class() -> None:
    """With one latent dimension the class is the second axis."""
    figure = figures.latent_scatter(np.array([[0.5], [1.5]]), np.array([1, 1]), NAMES)

    assert list(figure.data[1].x) == [0.5, 1.5]
    assert list(figure.data[1].y) == [1, 1]
    assert figure.layout.yaxis.title.text == "Class"


def test_no_points_give_empty_axes() -> None:
    """A map of nothing has its traces and its axes."""
    assert len(figures.latent_scatter(np.zeros((0, 2)), np.zeros(0, int), NAMES).data) == 3


def test_shapes_that_do_not_fit_are_refused() -> None:
    """Three-dimensional points, or fewer labels than points, are named in the refusal."""
    with pytest.raises(ValueError, match=r"got \(4, 3\)"):
        figures.latent_scatter(np.zeros((4, 3)), np.zeros(4, int), NAMES)
    with pytest.raises(ValueError, match=r"and \(3,\)"):
        figures.latent_scatter(np.zeros((4, 2)), np.zeros(3, int), NAMES)


def test_a_class_name_is_shown_literally() -> None:
    """Plotly reads HTML in names: it is escaped there."""
    figure = figures.latent_scatter(np.zeros((1, 2)), np.zeros(1, int), ["<b>x</b>"])

    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    assert "<b>" not in figure.data[0].hovertemplate
