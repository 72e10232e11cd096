"""A visitor's own image among those of a run: its place on a map, its latent beside theirs.

D = latent_dim.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

GREY = "#80859166"


def marked(figure: go.Figure, place: Sequence[float], name: str, colour: str) -> go.Figure:
    """The same flat map with one more point that stands out: at `place` (x, y), called `name`."""
    return figure.add_scattergl(
        x=[place[0]],
        y=[place[1]],
        mode="markers",
        name=name,
        hovertemplate=f"{name}<extra></extra>",
        marker={
            "symbol": "x",
            "size": 15,
            "color": colour,
            "line": {"width": 2, "color": "#ffffff"},
        },
    )


def latent_bars(
    latent: np.ndarray, low: np.ndarray, high: np.ndarray, order: np.ndarray, colour: str
) -> go.Figure:
    """A dot for each number of a latent, over the range in which those of test images lie.

    Args:
        latent, low, high: (D,).
        order: Which dimensions to show, in this order.
        colour: Of the dots.
    """
    names = [f"z{index}" for index in order]
    figure = go.Figure(
        layout={
            "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
            "dragmode": False,
            "showlegend": False,
        }
    )
    figure.add_bar(
        x=names,
        base=low[order],
        y=(high - low)[order],
        marker_color=GREY,
        name="test images",
        customdata=high[order],
        hovertemplate="test images: %{base:.3g} to %{customdata:.3g}<extra></extra>",
    )
    figure.add_scatter(
        x=names,
        y=latent[order],
        mode="markers",
        marker={"size": 9, "color": colour, "symbol": "x"},
        name="yours",
        hovertemplate="%{x}: %{y:.3g}<extra></extra>",
    )
    return figure.update_xaxes(type="category")
