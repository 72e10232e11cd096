"""Where the images of a run land, flat or in space.

Shapes: N = images, K = 1, 2 or 3 dimensions of the map.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from autoencoder.figures.texts import literal

MANY = 2_000  # points, above which they are drawn smaller
FADED = 0.12  # opacity of what is not selected, while something is


def latent_scatter(
    points: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    axes: Sequence[str] = ("z0", "z1"),
    equal: bool = False,
    legend: str = "Class",
    notes: Sequence[str] = (),
    selected: np.ndarray | None = None,
) -> go.Figure:
    """One point per image, one trace per class in class order, so that a class has its colour
    whichever classes there are.

    Args:
        points: (N, K); with K = 1 the class is the other axis. No points give empty axes.
        labels: Class indices, (N,).
        class_names: Of all classes, by index.
        axes: What the axes are called, K of them.
        equal: One unit is as long on both axes of a flat map, as fits where both measure the same
            thing.
        legend: What a class is called.
        notes: N more facts to be shown on hover.
        selected: Indices of the points to stand out; None if all are alike.

    Raises:
        ValueError: If the shapes do not fit each other.
    """
    _check(points, labels)
    if points.shape[1] == 1:
        points, axes = np.column_stack([points[:, 0], labels]), (axes[0], "Class")
    figure = _frame(axes, equal and points.shape[1] == 2)
    figure.update_layout(legend={"title_text": legend, "itemsizing": "constant"})
    for index, name in enumerate(class_names):
        of_class = np.flatnonzero(labels == index)
        _add(
            figure,
            points,
            of_class,
            selected,
            name=literal(name),
            visible=True if len(of_class) else "legendonly",
            text=[literal(notes[int(i)]) for i in of_class] if notes else None,
            hovertemplate=(
                f"{literal(name)}, test image"
                f" %{{customdata}}{'<br>%{text}' if notes else ''}<extra></extra>"
            ),
        )
    return figure


def latent_values(
    points: np.ndarray,
    values: np.ndarray,
    *,
    title: str,
    limits: tuple[float, float],
    axes: Sequence[str] = ("z0", "z1"),
    equal: bool = False,
    notes: Sequence[str] = (),
    selected: np.ndarray | None = None,
) -> go.Figure:
    """One point per image, coloured by a number of its own; greater ones are drawn over smaller
    ones.

    Args:
        points: (N, K) with K = 2 or 3.
        values: (N,).
        title: What the numbers are.
        limits: Those that get the ends of the palette.
        axes, equal, notes, selected: As for `latent_scatter`.

    Raises:
        ValueError: If the shapes do not fit each other.
    """
    _check(points, values, fewest=2)
    figure = _frame(axes, equal and points.shape[1] == 2)
    order = np.argsort(values, kind="stable")
    text = [literal(notes[i]) for i in order] if notes else None
    _add(
        figure,
        points,
        order,
        selected,
        name=title,
        text=text,
        showlegend=False,
        hovertemplate=(
            f"{'%{text}, ' if notes else ''}test image %{{customdata}}<br>{literal(title)}"
            " %{marker.color:.3g}<extra></extra>"
        ),
    )
    scale = {
        "color": values[order],
        "cmin": limits[0],
        "cmax": limits[1],
        "showscale": True,
        "colorbar": {"title": {"text": title, "side": "right"}, "thickness": 14},
    }
    figure.update_traces(marker=scale)
    return figure


def _check(points: np.ndarray, values: np.ndarray, fewest: int = 1) -> None:
    if points.ndim != 2 or not fewest <= points.shape[1] <= 3 or values.shape != (len(points),):
        sizes = " or ".join(f"(N, {k})" for k in range(fewest, 4))
        raise ValueError(
            f"points must be {sizes} with N labels or values; got {points.shape} and {values.shape}"
        )


def _frame(axes: Sequence[str], equal: bool) -> go.Figure:
    figure = go.Figure(
        layout={"margin": {"l": 10, "r": 10, "t": 10, "b": 10}, "uirevision": "kept"}
    )
    if len(axes) == 3:
        names = {
            f"{letter}axis": {"title": {"text": name}}
            for letter, name in zip("xyz", axes, strict=True)
        }
        return figure.update_layout(scene={**names, "aspectmode": "data" if equal else "cube"})
    figure.update_layout(dragmode="pan", xaxis_title=axes[0], yaxis_title=axes[1])
    if equal:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    return figure


def _add(
    figure: go.Figure,
    points: np.ndarray,
    indices: np.ndarray,
    selected: np.ndarray | None,
    **options: Any,
) -> None:
    """A trace of the points `own`.

    In space Plotly cannot fade single points: those not selected are small there instead.
    """
    size = 5 if len(points) > MANY else 7
    chosen = None if selected is None else np.isin(indices, selected)
    places = dict(zip("xyz", points[indices].T, strict=False))
    if points.shape[1] == 3:
        sizes = size - 2 if chosen is None else np.where(chosen, size + 1, 1.5)
        figure.add_scatter3d(
            **places,
            customdata=indices,
            mode="markers",
            marker={"size": sizes, "opacity": 0.85, "line": {"width": 0}},
            **options,
        )
        return
    strong = None if chosen is None else np.flatnonzero(chosen).tolist()
    figure.add_scattergl(
        **places,
        customdata=indices,
        mode="markers",
        marker={"size": size, "opacity": 0.85},
        selectedpoints=strong,
        unselected={"marker": {"opacity": FADED}},
        **options,
    )
