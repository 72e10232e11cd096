"""Figures of how classes stand to each other: what they say, not how they look."""

import numpy as np
import pytest

from autoencoder.figures import class_matrix


def test_each_cell_says_its_number() -> None:
    """Rows from the top, a number in each cell and, with names and unit, on hover; the diagonal has
    no colour.
    """
    figure = class_matrix(
        np.array([[90.0, 9.96, 0.04], [8.25, 100.0, np.nan], [1, 2, 345.6]]),
        ["a", "b", "c"],
        "%",
        unit=" %",
    )
    heat = figure.data[0]

    assert [list(row) for row in heat.text] == [
        ["90", "10", "0"],
        ["8.2", "100", "-"],
        ["1", "2", "346"],
    ]
    assert (
        heat.customdata[0][1] == "a and b: 10 %" and heat.customdata[1][2] == "b and c: not defined"
    )
    assert np.isnan(np.diag(heat.z)).all() and heat.z[2][0] == 1
    assert (
        list(figure.layout.yaxis.ticktext) == ["a", "b", "c"]
        and figure.layout.yaxis.autorange == "reversed"
    )
    assert heat.colorbar.title.text == "%" and heat.texttemplate


def test_names_are_literal_and_may_be_alike() -> None:
    """What looks like HTML, a number or another class's name is a name of its own."""
    names = ["<b>x</b>", "1", "1", "&lt;" + "y" * 100]
    figure = class_matrix(np.eye(4), names, "%")

    assert list(figure.layout.xaxis.ticktext)[:3] == ["&lt;b&gt;x&lt;/b&gt;", "1", "1"]
    assert (
        figure.layout.xaxis.ticktext[3].startswith("&amp;lt;y")
        and len(figure.layout.xaxis.ticktext[3]) < 50
    )
    assert figure.data[0].customdata[0][1] == "&lt;b&gt;x&lt;/b&gt; and 1: 0"
    assert list(figure.layout.xaxis.tickvals) == [0, 1, 2, 3]


def test_many_classes_have_no_numbers() -> None:
    """More than fit into cells."""
    assert (
        not class_matrix(np.zeros((21, 21)), [str(number) for number in range(21)], "%")
        .data[0]
        .texttemplate
    )


def test_no_classes_give_empty_axes() -> None:
    """Nothing to show is no error."""
    assert class_matrix(np.empty((0, 0)), [], "%").data[0].z.size == 0


@pytest.mark.parametrize("shape", [(2, 3), (3,), (3, 3, 1), (2, 2)])
def test_a_matrix_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    """There is a row and a column for each name."""
    with pytest.raises(ValueError, match="3, 3"):
        class_matrix(np.zeros(shape), ["a", "b", "c"], "%")
