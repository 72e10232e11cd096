"""Figures of where a run errs: what they say, not how they look."""

import numpy as np
import pytest

from autoencoder.figures import (
    class_bars,
    class_errors,
    error_histogram,
    error_maps,
    latent_bars,
    latent_scatter,
    marked,
    pixel_errors,
)
from autoencoder.figures.errors import BINS, edges_for, histogram

ERRORS = np.array([0.1, 0.3, 0.2, 0.2, 0.9])
LABELS = np.array([0, 0, 2, 2, 2])


def test_an_error_map_is_how_far_off_each_pixel_is() -> None:
    """The absolute difference, averaged over channels."""
    images = np.zeros((1, 3, 1, 2))
    made = np.array([[[[0.3, 0]], [[0, 0]], [[-0.6, 1]]]])

    np.testing.assert_allclose(error_maps(images, made), [[[0.3, 1 / 3]]])


def test_errors_by_class_are_means_and_percentiles() -> None:
    """A class without images has none of them."""
    found = class_errors(ERRORS, LABELS, 4)

    np.testing.assert_allclose(found.mean, [0.2, np.nan, 1.3 / 3, np.nan])
    np.testing.assert_allclose(found.low, [0.12, np.nan, 0.2, np.nan])
    np.testing.assert_allclose(found.high, [0.28, np.nan, 0.76, np.nan])


def test_bars_stand_in_class_order_with_pca_beside() -> None:
    """A trace per class, absent ones too, so that colours never shift; then PCA's; whiskers end at
    the percentiles.
    """
    own, pca = class_errors(ERRORS, LABELS, 4), class_errors(2 * ERRORS, LABELS, 4)
    figure = class_bars(own, pca, ["a", "b", "<i>", "d"])

    assert [trace.name for trace in figure.data] == ["a", "b", "&lt;i&gt;", "d", "PCA"]
    assert figure.data[2].y[0] == pytest.approx(1.3 / 3)
    assert figure.data[2].y[0] + figure.data[2].error_y.array[0] == pytest.approx(0.76)
    assert figure.data[2].y[0] - figure.data[2].error_y.arrayminus[0] == pytest.approx(0.2)
    np.testing.assert_allclose(figure.data[4].y, 2 * own.mean)
    assert list(figure.layout.xaxis.ticktext) == ["a", "&lt;i&gt;"]
    with pytest.raises(ValueError, match="a name per class"):
        class_bars(own, pca, ["a"])


def test_a_histogram_counts_everything() -> None:
    """Shares in percent add up to 100; what lies beyond the last edge is in the last bin."""
    found = histogram(np.array([0.0, 0.1, 0.6, 5.0]), np.linspace(0, 1, 5))

    assert found.shares.tolist() == [50, 0, 25, 25]
    assert histogram(np.zeros(7), edges_for(np.zeros(7))).shares.sum() == 100
    assert len(edges_for(ERRORS)) == BINS + 1


def test_the_histogram_marks_an_image() -> None:
    """Bars of the run, a line of PCA, and a line upright at the image's error, or at the last bin's
    end if it errs more.
    """
    for error, place in ((0.25, 0.25), (50.0, edges_for(ERRORS, ERRORS)[-1])):
        figure = error_histogram(ERRORS, ERRORS, marked=error, mark="no. 3")
        assert [trace.name for trace in figure.data] == ["This run", "PCA"]
        assert sum(figure.data[0].y) == pytest.approx(100)
        assert figure.layout.shapes[0].x0 == pytest.approx(place)
        assert figure.layout.annotations[0].text == "no. 3"


def test_nothing_to_count_gives_empty_axes() -> None:
    """No images are no error."""
    assert not error_histogram(np.empty(0), np.empty(0), marked=0.1).data


def test_pixels_are_where_they_are() -> None:
    """The first row of the map is on top, and the scale begins at zero."""
    figure = pixel_errors(np.array([[0.1, 0.2], [0.3, 0.4]]))

    assert figure.data[0].z.tolist() == [[0.1, 0.2], [0.3, 0.4]]
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.data[0].zmin == 0


def test_ones_own_image_is_a_point_of_its_own() -> None:
    """After all classes, at its place; and its latent stands over the range of the others, in the
    order asked for.
    """
    figure = marked(
        latent_scatter(np.zeros((2, 2)), np.array([0, 1]), ["a", "b"]),
        (3.0, 4.0),
        "Yours",
        "#123456",
    )
    bars = latent_bars(
        np.array([1.0, 2, 3]),
        np.array([0.0, 1, 2]),
        np.array([5.0, 6, 7]),
        np.array([2, 0]),
        "#123456",
    )

    assert (figure.data[-1].name, figure.data[-1].x[0], figure.data[-1].y[0]) == ("Yours", 3, 4)
    assert (
        bars.data[0].x == ("z2", "z0")
        and list(bars.data[0].base) == [2, 0]
        and list(bars.data[0].y) == [5, 5]
    )
    assert list(bars.data[1].y) == [3, 1]


def test_of_many_classes_the_worst_have_bars() -> None:
    """Of more than 40 classes, those with the largest means are shown, in their order."""
    errors = np.arange(100.0)
    by_class = class_errors(errors, np.arange(100), 100)
    figure = class_bars(by_class, by_class, [str(index) for index in range(100)])

    assert [trace.name for trace in figure.data] == [*map(str, range(60, 100)), "PCA"]
