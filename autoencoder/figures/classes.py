"""How classes stand to each other.

C = classes.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from autoencoder.figures.texts import literal

MOST_NUMBERED = 20  # classes whose cells are wide enough for a number
MOST_TICKS = 30  # classes whose names fit beside the rows
UNDEFINED = "-"


def class_matrix(
    values: np.ndarray, names: Sequence[str], title: str, *, unit: str = ""
) -> go.Figure:
    """A number for each two classes, rows from the top; the diagonal, where a class meets itself,
    has a number but no colour. More than 30 classes are named on hover only.

    Args:
        values: (C, C), NaN where a number is not defined. No classes give empty axes.
        names: Of the classes, in this order.
        title: What the numbers are.
        unit: Follows a number on hover, such as " %".

    Raises:
        ValueError: The shapes do not fit each other.
    """
    count = len(names)
    if np.shape(values) != (count, count):
        raise ValueError(
            f"values must be ({count}, {count}) for {count} names; got {np.shape(values)}"
        )
    words, cells = [literal(name) for name in names], np.array(values, dtype=np.float64)
    shown = [[_number(value) for value in row] for row in cells]
    texts = [["not defined" if text == UNDEFINED else text + unit for text in row] for row in shown]
    hover = [
        [f"{one} and {other}: {texts[i][j]}" for j, other in enumerate(words)]
        for i, one in enumerate(words)
    ]
    numbered = count <= MOST_NUMBERED
    figure = go.Figure(layout={"margin": {"l": 10, "r": 10, "t": 10, "b": 10}, "dragmode": False})
    figure.add_heatmap(
        z=np.where(np.eye(count, dtype=bool), np.nan, cells),
        text=shown,
        texttemplate="%{text}" if numbered else "",
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
        xgap=1,
        ygap=1,
        colorbar={"title": {"text": title}},
    )
    ticks = {
        "tickvals": list(range(count)) if count <= MOST_TICKS else [],
        "ticktext": words if count <= MOST_TICKS else [],
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
    }
    figure.update_xaxes(**ticks, side="top", constrain="domain")
    figure.update_yaxes(**ticks, autorange="reversed", scaleanchor="x", constrain="domain")
    return figure


def _number(value: float) -> str:
    """One decimal at most, none from 100 on."""
    if np.isnan(value):
        return UNDEFINED
    return f"{value:.0f}" if value >= 100 else f"{round(value, 1) + 0.0:g}"
