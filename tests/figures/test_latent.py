"""Figures: the right numbers in the right traces; nothing about their looks."""

import tomllib

import numpy as np
import plotly.graph_objects as go
import pytest

from autoencoder import figures
from autoencoder.figures.latent import PALETTE
from tests.support.places import ROOT

NAMES = tuple("abc")
EACH = 48  # points of a class
POINTS = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
LIMITS = (0.0, 1.0)


def test_every_class_has_its_trace_whichever_classes_there_are() -> None:
    """Traces come in class order and absent classes keep theirs, so that a class keeps its
    colour.
    """
    figure = figures.latent_scatter(POINTS[:2], np.array([2, 0]), NAMES)

    assert [trace.name for trace in figure.data] == ["a", "b", "c"]
    assert [trace.visible for trace in figure.data] == [True, "legendonly", True]
    assert list(figure.data[0].x) == [2.0]
    assert list(figure.data[2].customdata) == [0]


def sorted_by_class(classes: int, dimensions: int = 2) -> go.Figure:
    """A map of as many points of each class, which come class after class."""
    labels = np.repeat(np.arange(classes), EACH)
    points = np.zeros((len(labels), dimensions))
    axes, names = ("x", "y", "z")[:dimensions], [str(index) for index in range(classes)]
    return figures.latent_scatter(points, labels, names, axes=axes)


def drawn(figure: go.Figure) -> np.ndarray:
    """The points in the order in which they are drawn."""
    return np.concatenate(
        [np.zeros(0, int), *(trace.customdata for trace in figure.data if trace.name)]
    )


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("classes", [2, 10, 47])
def test_no_class_covers_another(classes: int, dimensions: int) -> None:
    """Every point is drawn once, and what is drawn last, a quarter of all, has as many points of
    each class.
    """
    order = drawn(sorted_by_class(classes, dimensions))
    last = order[-len(order) // 4 :] // EACH

    assert sorted(order) == list(range(classes * EACH))
    assert np.bincount(last, minlength=classes).tolist() == [EACH // 4] * classes


@pytest.mark.parametrize("classes", [2, 10, 47])
def test_all_traces_of_a_class_have_its_colour(classes: int) -> None:
    """A trace has the colour of its place: a class's are a whole number of palettes apart, those of
    the theme.
    """
    figure = sorted_by_class(classes)
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    places = {
        (trace.name, place % PALETTE) for place, trace in enumerate(figure.data) if trace.name
    }

    assert places == {(str(index), index % PALETTE) for index in range(classes)}
    assert len(theme["chartCategoricalColors"]) == PALETTE


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_class_is_one_entry_of_the_legend(dimensions: int) -> None:
    """The legend has each class once, in class order; its traces go together when it is clicked."""
    figure = sorted_by_class(3, dimensions)
    groups = {(trace.name, trace.legendgroup) for trace in figure.data if trace.name}

    assert [trace.name for trace in figure.data if trace.showlegend] == ["0", "1", "2"]
    assert len(figure.data) > 3
    assert len(groups) == len({group for _, group in groups if group}) == 3
    assert not any(trace.showlegend for trace in figure.data if not trace.name)


def test_latents_of_one_number_are_spread_by_class() -> None:
    """With one latent dimension the class is the second axis."""
    figure = figures.latent_scatter(np.array([[0.5], [1.5]]), np.array([1, 1]), NAMES, axes=("z0",))

    assert list(figure.data[1].x) == [0.5, 1.5]
    assert list(figure.data[1].y) == [1, 1]
    assert figure.layout.yaxis.title.text == "Class"


@pytest.mark.parametrize("size", [2, 3])
def test_no_points_give_empty_axes(size: int) -> None:
    """A map of nothing has its traces and its axes."""
    axes, nothing = ("x", "y", "z")[:size], np.zeros((0, size))

    assert len(figures.latent_scatter(nothing, np.zeros(0, int), NAMES, axes=axes).data) == 3
    assert (
        len(
            figures.latent_values(
                nothing, np.zeros(0), title="Error", limits=LIMITS, axes=axes
            ).data
        )
        == 1
    )


def test_shapes_that_do_not_fit_are_refused() -> None:
    """Four-dimensional points, or fewer labels than points, are named in the refusal; values need
    two dimensions.
    """
    with pytest.raises(ValueError, match=r"got \(4, 4\)"):
        figures.latent_scatter(np.zeros((4, 4)), np.zeros(4, int), NAMES)
    with pytest.raises(ValueError, match=r"and \(3,\)"):
        figures.latent_scatter(np.zeros((4, 2)), np.zeros(3, int), NAMES)
    with pytest.raises(ValueError, match=r"got \(4, 1\)"):
        figures.latent_values(np.zeros((4, 1)), np.zeros(4), title="Error", limits=LIMITS)


def test_a_class_name_is_shown_literally() -> None:
    """Plotly reads HTML in names: it is escaped there."""
    figure = figures.latent_scatter(
        np.zeros((1, 2)), np.zeros(1, int), ["<b>x</b>"], notes=["<i>y</i>"]
    )

    assert figure.data[0].name == "&lt;b&gt;x&lt;/b&gt;"
    assert "<b>" not in figure.data[0].hovertemplate
    assert figure.data[0].text == ("&lt;i&gt;y&lt;/i&gt;",)


def test_what_is_selected_stands_out() -> None:
    """On a flat map each trace names its selected points by their place within it; without a
    selection none does.
    """
    labels = np.array([0, 1, 0])
    figure = figures.latent_scatter(POINTS, labels, NAMES, selected=np.array([2]))
    plain = figures.latent_scatter(POINTS, labels, NAMES)

    assert [trace.selectedpoints for trace in figure.data] == [(1,), (), ()]
    assert [trace.selectedpoints for trace in plain.data] == [None, None, None]


def test_a_map_in_space_has_three_axes() -> None:
    """Three numbers per point make a 3-D chart with named axes, on which selected points are the
    large ones.
    """
    figure = figures.latent_scatter(
        np.eye(3),
        np.array([0, 0, 1]),
        NAMES,
        axes=("PC 1", "PC 2", "PC 3"),
        selected=np.array([1]),
        equal=True,
    )

    assert figure.data[0].type == "scatter3d"
    assert figure.layout.scene.zaxis.title.text == "PC 3"
    assert figure.data[0].marker.size[1] > figure.data[0].marker.size[0]


def test_values_are_drawn_with_the_greatest_on_top() -> None:
    """Points come by rising value, keep their numbers, and share one labelled scale."""
    figure = figures.latent_values(
        POINTS,
        np.array([0.9, 0.1, 0.5]),
        title="Error",
        limits=LIMITS,
        notes=["p", "q", "r"],
        selected=np.array([0]),
    )
    trace = figure.data[0]

    assert list(trace.customdata) == [1, 2, 0]
    assert list(trace.marker.color) == [0.1, 0.5, 0.9]
    assert list(trace.x) == [2, 4, 0]
    assert trace.text == ("q", "r", "p")
    assert trace.selectedpoints == (2,)
    assert (trace.marker.cmin, trace.marker.cmax, trace.marker.colorbar.title.text) == (
        0,
        1,
        "Error",
    )


def test_classes_beyond_the_palette_have_other_symbols() -> None:
    """The eleventh class has the first colour again, and a symbol that the first has not."""
    first, eleventh = (sorted_by_class(11).data[index] for index in (0, 10))

    assert first.marker.symbol is None
    assert eleventh.marker.symbol == "diamond"


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_thousand_classes_are_a_trace_for_each_colour(dimensions: int) -> None:
    """Their names are told on hover, and no legend fills the screen."""
    labels = np.array([0, 10, 999, 5])
    names = [f"kind {index}" for index in range(1_000)]
    points = np.zeros((4, dimensions))
    figure = figures.latent_scatter(points, labels, names, axes=("x", "y", "z")[:dimensions])

    assert len(figure.data) == PALETTE
    assert not any(trace.showlegend for trace in figure.data)
    assert list(figure.data[0].text) == ["kind 0", "kind 10"]
    assert list(figure.data[9].customdata) == [2]
