"""Where a run errs: which pixels, which classes, how much from image to image.

N = images; H, W = height and width of one; K = classes. An error is an image's mean squared error
per pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from autoencoder.figures.texts import literal

LOW, HIGH = 10, 90  # percentiles between which most images of a class lie
BINS = 40
MOST_BARS = 40  # classes
CUT = 99.5  # percentile beyond which all images are in the histogram's last bin
ERROR = "MSE"
GREY = "#808591"  # of what is no class: between both themes
FRAME: dict[str, Any] = {"margin": {"l": 10, "r": 10, "t": 10, "b": 10}, "dragmode": False}


@dataclass(frozen=True, eq=False)
class ClassErrors:
    """Each class's errors (K,): their mean, and the 10th and the 90th percentile; NaN for a class
    without images.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def of(self, classes: np.ndarray) -> "ClassErrors":
        """Those of some classes."""
        return ClassErrors(self.mean[classes], self.low[classes], self.high[classes])


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many errors lie between each two of B + 1 edges, in percent (B,) of all; the last bin
    holds all that are greater.
    """

    edges: np.ndarray
    shares: np.ndarray


def error_maps(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Absolute error of each pixel, averaged over channels: both (N, C, H, W) in [0, 1] -> (N, H,
    W).
    """
    return np.abs(images - reconstructions).mean(axis=1)


def class_errors(errors: np.ndarray, labels: np.ndarray, classes: int) -> ClassErrors:
    """Errors (N,) of images with labels (N,) in 0 to `classes` - 1, by class."""
    table = np.full((3, classes), np.nan)
    for label in np.unique(labels):
        of_class = errors[labels == label]
        table[:, label] = of_class.mean(), *np.percentile(of_class, (LOW, HIGH))
    return ClassErrors(*table)


def histogram(errors: np.ndarray, edges: np.ndarray) -> Histogram:
    """Errors (N,), none below the first edge, counted between `edges` (B + 1,), ascending."""
    counts = np.histogram(np.minimum(errors, edges[-1]), edges)[0]
    return Histogram(edges, 100 * counts / max(1, len(errors)))


def edges_for(*errors: np.ndarray) -> np.ndarray:
    """Edges (BINS + 1,) of equal bins from 0 on, for all these arrays of errors (N,); they have a
    width even for mere zeros.
    """
    most = max((float(np.percentile(each, CUT)) for each in errors if len(each)), default=0.0)
    return np.linspace(0, most or 1e-6, BINS + 1)


def pixel_errors(squares: np.ndarray) -> go.Figure:
    """The mean squared error of each pixel (H, W) as a picture that can be read off."""
    figure = go.Figure(layout=FRAME)
    figure.add_heatmap(
        z=squares,
        zmin=0,
        colorbar={"title": {"text": ERROR}},
        hovertemplate="row %{y}, column %{x}: %{z:.3g}<extra></extra>",
    )
    hidden = {
        "showticklabels": False,
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
        "constrain": "domain",
    }
    figure.update_xaxes(**hidden)
    return figure.update_yaxes(**hidden, autorange="reversed", scaleanchor="x")


def class_bars(own: ClassErrors, pca: ClassErrors, names: Sequence[str]) -> go.Figure:
    """A bar per class, PCA's beside, with whiskers from the 10th to the 90th percentile; classes
    without images have none. Of more than 40 classes, those 40 with the largest means.

    Raises:
        ValueError: There are not as many names as classes.
    """
    if not len(names) == len(own.mean) == len(pca.mean):
        raise ValueError(
            f"there must be a name per class; got {len(names)}, {len(own.mean)} and {len(pca.mean)}"
        )
    if len(names) > MOST_BARS:
        worst = np.sort(np.argsort(-np.nan_to_num(own.mean), kind="stable")[:MOST_BARS])
        own, pca, names = own.of(worst), pca.of(worst), [names[index] for index in worst]
    words = [literal(name) for name in names]
    figure = go.Figure(
        layout={**FRAME, "yaxis_title": ERROR, "barmode": "group", "showlegend": False}
    )
    for index, word in enumerate(words):
        _bar(
            figure,
            own,
            [index],
            offsetgroup="run",
            name=word,
            hovertemplate=f"{word}: %{{y:.3g}}<extra></extra>",
        )
    everyone = list(range(len(words)))
    over = "%{customdata}, PCA: %{y:.3g}<extra></extra>"
    _bar(
        figure,
        pca,
        everyone,
        offsetgroup="pca",
        name="PCA",
        customdata=words,
        hovertemplate=over,
        marker_color=GREY,
    )
    shown = [index for index in everyone if np.isfinite(own.mean[index])]
    return figure.update_xaxes(
        tickvals=shown, ticktext=[words[index] for index in shown], title="Class"
    )


def _bar(figure: go.Figure, errors: ClassErrors, places: list[int], **options: object) -> None:
    mean = errors.mean[places]
    spread = {
        "array": errors.high[places] - mean,
        "arrayminus": mean - errors.low[places],
        "color": GREY,
        "thickness": 1.5,
    }
    figure.add_bar(x=places, y=mean, error_y={"type": "data", **spread}, **options)


def error_histogram(
    errors: np.ndarray, pca: np.ndarray, *, marked: float | None = None, mark: str = ""
) -> go.Figure:
    """How errors (N,) are spread, as bars, and PCA's (N,) as a line over them; a line upright at
    the error `marked`.

    Nothing to count gives empty axes.
    """
    layout: dict[str, Any] = {
        **FRAME,
        "margin": {**FRAME["margin"], "t": 30},
        "bargap": 0,
        "showlegend": True,
        "legend": {"x": 1, "xanchor": "right", "y": 1, "yanchor": "top"},
        "xaxis": {"title": {"text": f"{ERROR} of an image"}},
        "yaxis": {"title": {"text": "Images, %"}},
    }
    if not len(errors):
        return go.Figure(layout=layout)
    edges = edges_for(errors, pca)
    centres, most = (edges[:-1] + edges[1:]) / 2, float(edges[-1])
    own, other = histogram(errors, edges), histogram(pca, edges)
    over = "about %{x:.3g}: %{y:.3g} %<extra></extra>"
    bars = go.Bar(x=centres, y=own.shares, width=edges[1], name="This run", hovertemplate=over)
    line = {"shape": "hvh", "color": GREY, "width": 2}
    baseline = go.Scatter(
        x=centres, y=other.shares, name="PCA", mode="lines", line=line, hovertemplate=over
    )
    layout["xaxis"]["range"] = [0, most * 1.01]
    if (
        marked is not None
        # as dictionaries: add_vline takes longer than all the rest, and every picked image waits
        # for it
    ):
        place, upright = min(marked, most), {"yref": "y domain", "xref": "x"}
        dashed = {"dash": "dash", "width": 2}
        layout["shapes"] = [
            {**upright, "type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "line": dashed}
        ]
        above = {"x": place, "y": 1, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
        layout["annotations"] = [{**upright, **above, "text": literal(mark)}]
    return go.Figure([bars, baseline], layout)
