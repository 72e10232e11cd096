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
ROUNDS = 8  # in which all classes are drawn in turn, each with that share of its points
FEWEST_ROUNDS = 4  # where there are many classes
MOST_TRACES = 160  # of classes: more of them make a chart slow
FEW = 4  # points of a class in a round: with fewer, there are fewer rounds
MOST_NAMED = 50  # classes that have a trace and a name in the legend each
SYMBOLS = ("circle", "diamond", "square", "cross", "x")
PALETTE = 10  # colours of a theme: Plotly gives a trace the colour of its place, modulo this

Trace = dict[str, Any]


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
    """One point per image. Classes are in class order, so that a class has its colour whichever
    classes there are.

    The palette has ten colours. From the eleventh class on, other symbols tell classes apart. More
    than 50 classes have one trace for each colour and no legend: the class is told on hover.

    Plotly draws trace after trace. So that no class covers another, each class has several traces,
    drawn in rounds: one of each class, then the next of each. The first one of a class is in the
    legend; all of them are shown and hidden together.

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
    figure.update_layout(
        legend={"title_text": legend, "itemsizing": "constant", "tracegroupgap": 0}
    )
    if len(class_names) > MOST_NAMED:
        return figure.add_traces(_by_colour(points, labels, class_names, notes, selected))
    members = [np.flatnonzero(labels == index) for index in range(len(class_names))]
    rounds = _rounds([len(of_class) for of_class in members])
    traces: list[Trace] = []
    for turn in range(rounds):
        if turn:
            traces += _rest_of_palette(len(traces), points.shape[1])
        for index, name in enumerate(class_names):
            part = members[index][turn::rounds]
            trace = _trace(
                points,
                part,
                selected,
                symbol=SYMBOLS[index // PALETTE % len(SYMBOLS)],
                name=literal(name),
                legendgroup=str(index),
                showlegend=turn == 0 and len(class_names) > 1,
                visible=True if len(part) else "legendonly",
                text=[literal(notes[int(i)]) for i in part] if notes else None,
                hovertemplate=_hover(name if len(class_names) > 1 else "", bool(notes)),
            )
            traces.append(trace)
    return figure.add_traces(traces)


def _hover(name: str, has_notes: bool) -> str:
    about = f"{literal(name)}, test image" if name else "Test image"
    return f"{about} %{{customdata}}{'<br>%{text}' if has_notes else ''}<extra></extra>"


def _by_colour(
    points: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    notes: Sequence[str],
    selected: np.ndarray | None,
) -> list[Trace]:
    """A trace for each colour of the palette, with all classes of that colour."""
    traces = []
    for colour in range(PALETTE):
        part = np.flatnonzero(labels % PALETTE == colour)
        texts = [literal(class_names[int(labels[i])]) for i in part]
        if notes:
            texts = [
                f"{text}<br>{literal(notes[int(i)])}" for text, i in zip(texts, part, strict=True)
            ]
        traces.append(
            _trace(
                points,
                part,
                selected,
                name="",
                showlegend=False,
                text=texts,
                hovertemplate="%{text}<br>test image %{customdata}<extra></extra>",
            )
        )
    return traces


def _rounds(counts: Sequence[int]) -> int:
    """In how many rounds classes with so many points are drawn."""
    present = sum(count > 0 for count in counts)
    if present < 2:
        return 1
    affordable = min(ROUNDS, max(FEWEST_ROUNDS, MOST_TRACES // present))
    return max(1, min(affordable, max(counts) // FEW))


def _rest_of_palette(count: int, dimensions: int) -> list[Trace]:
    """Empty traces after `count` others, so that the next one has the palette's first colour."""
    empty = {"visible": "legendonly", "showlegend": False}  # visible=False would take no colour
    return [{"type": _kind(dimensions), **empty}] * (-count % PALETTE)


def _kind(dimensions: int) -> str:
    return "scatter3d" if dimensions == 3 else "scattergl"


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
    trace = _trace(
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
    figure.add_traces([trace]).update_traces(marker=scale)
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


def _trace(
    points: np.ndarray,
    indices: np.ndarray,
    selected: np.ndarray | None,
    *,
    symbol: str = "circle",
    **options: Any,
) -> Trace:
    """The points with these `indices`, as a dict: Plotly would check an object of its own twice.

    In space Plotly cannot fade single points: those not selected are small there instead.
    """
    size = 5 if len(points) > MANY else 7
    shape = {} if symbol == "circle" else {"symbol": symbol}
    chosen = None if selected is None else np.isin(indices, selected)
    places = dict(zip("xyz", points[indices].T, strict=False))
    shared = {"type": _kind(points.shape[1]), "customdata": indices, "mode": "markers"}
    if points.shape[1] == 3:
        sizes = size - 2 if chosen is None else np.where(chosen, size + 1, 1.5)
        marker = {"size": sizes, "opacity": 0.85, "line": {"width": 0}, **shape}
        return {**shared, **places, "marker": marker, **options}
    strong = None if chosen is None else np.flatnonzero(chosen).tolist()
    return {
        **shared,
        **places,
        "marker": {"size": size, "opacity": 0.85, **shape},
        "selectedpoints": strong,
        "unselected": {"marker": {"opacity": FADED}},
        **options,
    }
