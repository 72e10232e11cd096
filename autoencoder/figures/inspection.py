"""What units do and what they are worth: their spread, their values for one image, their norms, and
errors under noise.

Shapes: U = units of a stage, L = levels of noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from autoencoder.figures.texts import literal

GREY = "rgba(128, 128, 128, 0.9)"  # of what is no run, readable on either ground
DASHES = (
    "solid",
    "dash",
    "dashdot",
    "longdash",
    "longdashdot",
)  # so that colour does not tell runs apart alone
MARK = 14  # pixels
MARGIN = {"l": 10, "r": 10, "t": 10, "b": 10}
ABOVE = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0}


@dataclass(frozen=True)
class NoiseCurve:
    """Errors of one run under noise.

    Attributes:
        name: Of the run.
        levels, errors: (L,) each, levels ascending.
        trained_at: The level it was trained with, one of `levels`; None if it was trained without
            this kind of noise.
    """

    name: str
    levels: Sequence[float]
    errors: Sequence[float]
    trained_at: float | None = None


def unit_spread(
    means: np.ndarray, deviations: np.ndarray, active: np.ndarray, dead: np.ndarray
) -> go.Figure:
    """Each unit by its mean activation and its standard deviation over the images; dead units are
    crosses of their own trace.

    Args:
        means, deviations: (U,).
        active: Shares of images from 0 to 1, (U,).
        dead: Whether it is, (U,).

    Raises:
        ValueError: The shapes do not fit each other.
    """
    if not means.shape == deviations.shape == active.shape == dead.shape == (len(means),):
        raise ValueError(
            f"there must be a number of each kind per unit; got {means.shape}, {deviations.shape},"
            f" {dead.shape}"
        )
    figure = go.Figure(
        layout={
            "margin": MARGIN,
            "xaxis_title": "Mean activation",
            "legend": ABOVE,
            "showlegend": True,
        }
    )
    for name, own, symbol in (("Not dead", ~dead, "circle"), ("Dead", dead, "x")):
        units = np.flatnonzero(own)
        figure.add_scatter(
            x=means[units],
            y=deviations[units],
            mode="markers",
            name=f"{name} ({len(units)})",
            customdata=units,
            text=[f"{share:.1%}" for share in active[units]],
            marker={"symbol": symbol, "size": 8, "opacity": 0.8},
            hovertemplate=(
                "unit %{customdata}<br>mean %{x:.3g}, standard deviation %{y:.3g}<br>active on"
                " %{text} of the images<extra></extra>"
            ),
        )
    return figure.update_yaxes(title="Standard deviation", rangemode="tozero")


def unit_bars(values: np.ndarray, *, title: str, ranked: bool = False) -> go.Figure:
    """A bar for each unit's value (U,), in order, or the greatest first."""
    order = np.argsort(-values, kind="stable") if ranked else np.arange(len(values))
    figure = go.Figure(
        layout={"margin": MARGIN, "yaxis_title": title, "bargap": 0.15 if len(values) <= 64 else 0}
    )
    figure.add_bar(
        x=np.arange(len(values)),
        y=values[order],
        customdata=order,
        hovertemplate="unit %{customdata}: %{y:.3g}<extra></extra>",
    )
    if not ranked:
        return figure.update_xaxes(title="Unit")
    return figure.update_xaxes(title="Units, largest first", showticklabels=False)


def noise_curves(
    curves: Sequence[NoiseCurve], baseline: NoiseCurve, *, axis: str, at: float | None = None
) -> go.Figure:
    """Error over noise level: a line per run, the level it was trained with as a diamond on it, the
    noisy image itself in grey.

    Args:
        curves: One per run; each keeps its colour and its dash by its place.
        baseline: Of the images without a network.
        axis: What the levels are.
        at: The level that is looked at, as an upright line; None for none.

    Raises:
        ValueError: A curve has not as many levels as errors, or was trained at a level that is not
        among them.
    """
    figure = go.Figure(
        layout={"margin": MARGIN, "xaxis_title": axis, "legend": ABOVE, "showlegend": True}
    )
    for index, curve in enumerate([*curves, baseline]):
        if len(curve.levels) != len(curve.errors):
            raise ValueError(
                f"there must be an error per level; got {len(curve.errors)} for {len(curve.levels)}"
            )
        line = (
            {"dash": DASHES[index % len(DASHES)]}
            if index < len(curves)
            else {"color": GREY, "dash": "dot", "width": 2}
        )
        name = literal(curve.name)
        figure.add_scatter(
            x=list(curve.levels),
            y=list(curve.errors),
            name=name,
            line=line,
            **_mark(curve),
            hovertemplate=f"{name}<br>level %{{x:.2g}}: MSE %{{y:.3g}}<extra></extra>",
        )
    if at is not None:
        figure.add_vline(at, line={"width": 1, "color": GREY})
    figure.update_xaxes(range=[0, 1.01])
    return figure.update_yaxes(title="MSE against the clean image", rangemode="tozero")


def _mark(curve: NoiseCurve) -> dict[str, Any]:
    """A diamond in the line's own colour where it was trained; points of no size elsewhere."""
    if curve.trained_at is None:
        return {"mode": "lines"}
    if curve.trained_at not in curve.levels:
        raise ValueError(
            f"{curve.name} was trained at {curve.trained_at}, which is not among its levels"
        )
    sizes = [MARK if level == curve.trained_at else 0 for level in curve.levels]
    return {"mode": "lines+markers", "marker": {"symbol": "diamond", "size": sizes, "opacity": 1}}
