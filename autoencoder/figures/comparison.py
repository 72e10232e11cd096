"""Runs against each other: their curves, what a bottleneck costs, what seeds scatter, how far
subspaces are turned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from autoencoder.figures.texts import literal

DASHES = (
    "solid",
    "dash",
    "dot",
    "dashdot",
    "longdash",
    "longdashdot",
)  # so that colour does not tell runs apart alone
MSE = "Test MSE"
LEGEND_BELOW = {"orientation": "h", "yanchor": "top", "y": -0.28, "x": 0}
TIGHT = {"t": 24, "b": 8, "l": 8, "r": 8}


@dataclass(frozen=True)
class Curve:
    """A line: its name, and as many values `x` as `y`."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def curves(shown: Sequence[Curve], *, x_title: str, y_title: str = MSE) -> go.Figure:
    """One line per curve on a logarithmic y axis, each with a dash of its own. No curves give empty
    axes.

    Raises:
        ValueError: A curve has not as many x as y.
    """
    figure = go.Figure(
        layout={
            "xaxis_title": x_title,
            "yaxis_title": y_title,
            "legend": LEGEND_BELOW,
            "showlegend": True,
            "margin": TIGHT,
        }
    )
    for index, curve in enumerate(shown):
        _same_length(curve.x, curve.y)
        figure.add_scatter(
            x=list(curve.x),
            y=list(curve.y),
            mode="lines",
            name=literal(curve.name),
            line={"dash": DASHES[index % len(DASHES)]},
            hovertemplate=(
                f"{literal(curve.name)}<br>{x_title} %{{x:.4g}}, {y_title}"
                " %{y:.3g}<extra></extra>"
            ),
        )
    figure.update_yaxes(**_logarithmic([value for curve in shown for value in curve.y]))
    figure.update_xaxes(rangemode="tozero")
    return figure


def bottleneck_curve(
    dims: Sequence[int],
    errors: Sequence[float],
    pca: Sequence[float],
    accuracy: Sequence[float | None],
    sizes: Sequence[str],
    *,
    knee: int | None = None,
) -> go.Figure:
    """Test MSE over the bottleneck on logarithmic axes, with PCA's below it, and under both, where
    it is known of any run, the accuracy of nearest neighbours.

    Args:
        dims: K sizes, ascending.
        errors, pca: Of the runs and of PCA at the same sizes, (K,).
        accuracy: Of the runs' latents, (K,), from 0 to 1; None where it is not known.
        sizes: What one latent takes in bytes, as texts, (K,).
        knee: Index of the size that is marked.

    Raises:
        ValueError: The shapes do not fit each other.
    """
    for row in (errors, pca, accuracy, sizes):
        _same_length(dims, row)
    known = [(d, share) for d, share in zip(dims, accuracy, strict=True) if share is not None]
    heights = [0.68, 0.32] if known else [1.0]
    figure = make_subplots(
        rows=len(heights),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.06,
        row_heights=heights,
    )
    lines = [("Autoencoder", dims, errors, "solid", 1), ("PCA", dims, pca, "dash", 1)]
    if known:
        sizes_known, shares = zip(*known, strict=True)
        lines.append(("10-NN accuracy of the latents", sizes_known, shares, "dot", 2))
        figure.update_yaxes(title="10-NN accuracy", row=2, col=1)
    for name, x, y, dash, place in lines:
        figure.add_scatter(
            x=list(x),
            y=list(y),
            name=name,
            mode="lines+markers",
            line={"dash": dash},
            hovertemplate="d = %{x}: %{y:.3g}<extra></extra>",
            row=place,
            col=1,
        )
    if knee is not None:
        figure.add_scatter(
            x=[dims[knee]],
            y=[errors[knee]],
            name="Knee",
            mode="markers+text",
            text=[f"knee: d = {dims[knee]}"],
            textposition="bottom left",
            marker={"symbol": "circle-open", "size": 18, "line": {"width": 3}},
            hoverinfo="skip",
            row=1,
            col=1,
        )
    _name_axes(
        figure,
        [f"{d}<br>{size}" for d, size in zip(dims, sizes, strict=True)],
        dims,
        [*errors, *pca],
        rows=len(heights),
    )
    return figure


def _name_axes(
    figure: go.Figure,
    texts: Sequence[str],
    dims: Sequence[int],
    errors: Sequence[float],
    rows: int,
) -> None:
    """The axes of `bottleneck_curve`: sizes at the foot of the lowest chart, errors beside the
    upper one.
    """
    figure.update_xaxes(type="log", tickvals=list(dims), showticklabels=False)
    figure.update_xaxes(
        ticktext=list(texts),
        showticklabels=True,
        row=rows,
        col=1,
        title="Bottleneck d, and the size of one latent vector",
    )
    figure.update_yaxes(**_logarithmic(errors), title=MSE, row=1, col=1)
    figure.update_layout(
        margin=TIGHT, legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0}
    )


@dataclass(frozen=True)
class WeightedRun:
    """A run with a weight of neighbours: the 10-NN accuracy of its latents, from 0 to 1, and its
    test MSE.
    """

    weight: float
    seed: int
    accuracy: float
    error: float


def means_by_weight(runs: Sequence[WeightedRun]) -> list[WeightedRun]:
    """One for each weight, ascending: the means over its seeds; the seed is the first one's."""
    groups: dict[float, list[WeightedRun]] = {}
    for run in sorted(runs, key=lambda run: run.weight):
        groups.setdefault(run.weight, []).append(run)
    return [
        WeightedRun(
            weight,
            group[0].seed,
            float(np.mean([run.accuracy for run in group])),
            float(np.mean([run.error for run in group])),
        )
        for weight, group in groups.items()
    ]


def weight_trade_off(runs: Sequence[WeightedRun]) -> go.Figure:
    """Test MSE over 10-NN accuracy: a point for each run, labelled by its weight, and a line
    through the means of each weight, in the order of weights. No runs give empty axes.
    """
    means = means_by_weight(runs)
    figure = go.Figure(
        layout={
            "xaxis_title": "10-NN accuracy of the latents",
            "yaxis_title": MSE,
            "showlegend": False,
            "margin": TIGHT,
        }
    )
    figure.add_scatter(
        x=[mean.accuracy for mean in means],
        y=[mean.error for mean in means],
        mode="lines",
        name="Mean of each weight",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[run.accuracy for run in runs],
        y=[run.error for run in runs],
        mode="markers+text",
        name="Runs",
        marker={"size": 10},
        text=[f"{run.weight:g}" for run in runs],
        textposition="top center",
        cliponaxis=False,
        customdata=[[run.weight, run.seed] for run in runs],
        hovertemplate=(
            "weight %{customdata[0]}, seed %{customdata[1]}<br>10-NN accuracy %{x:.3g}, test MSE"
            " %{y:.3g}<extra></extra>"
        ),
    )
    return figure


def seed_dots(groups: Mapping[str, Mapping[int, float]], *, title: str = MSE) -> go.Figure:
    """One column per group: a dot for each seed, and beside them the mean with one standard
    deviation to either side.

    Args:
        groups: Name -> seed -> value, at least one in each.
        title: What the values are.
    """
    figure = go.Figure(layout={"yaxis_title": title, "showlegend": False, "margin": TIGHT})
    samples = [np.array(list(values.values())) for values in groups.values()]
    for place, (name, values) in enumerate(groups.items()):
        figure.add_scatter(
            x=[place] * len(values),
            y=samples[place],
            mode="markers",
            name=literal(name),
            customdata=list(values),
            hovertemplate=f"{literal(name)}<br>seed %{{customdata}}: %{{y:.4g}}<extra></extra>",
            marker={"size": 10},
        )
    deviations = [float(sample.std(ddof=1)) if len(sample) > 1 else 0.0 for sample in samples]
    figure.add_scatter(
        x=[place + 0.12 for place in range(len(samples))],
        y=[sample.mean() for sample in samples],
        mode="markers",
        name="Mean ± standard deviation",
        error_y={"type": "data", "array": deviations},
        customdata=deviations,
        marker={"symbol": "diamond", "size": 10},
        hovertemplate="mean %{y:.4g} ± %{customdata:.2g}<extra></extra>",
    )
    ticks = {"tickvals": list(range(len(groups))), "ticktext": [literal(name) for name in groups]}
    figure.update_xaxes(**ticks, range=[-0.6, len(groups) - 0.4])
    return figure


def angle_bars(angles: np.ndarray) -> go.Figure:
    """Principal angles (K,) in degrees as bars, on an axis that ends at 90."""
    figure = go.Figure(
        layout={
            "xaxis_title": "Principal angle, smallest first",
            "yaxis_title": "Degrees",
            "margin": TIGHT,
        }
    )
    numbers = [str(index) for index in range(1, len(angles) + 1)]
    figure.add_bar(
        x=numbers,
        y=angles,
        text=[f"{angle:.2g}°" for angle in angles],
        hovertemplate="%{y:.3g}°<extra></extra>",
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(range=[0, 90], tickvals=[0, 15, 30, 45, 60, 75, 90])
    return figure


def _logarithmic(values: Sequence[float]) -> dict[str, object]:
    """A logarithmic axis whose ticks are round numbers around the values, closer ones within a
    factor of ten.
    """
    positive = [value for value in values if value > 0]
    if not positive:
        return {"type": "log"}
    least, most = np.log10(min(positive)), np.log10(max(positive))
    factors = (
        (1, 2, 3, 4, 5, 6, 8)
        if most - least < 0.5
        else (1, 2, 3, 5, 7)
        if most - least < 1
        else (1, 2, 5)
    )
    powers = range(int(np.floor(least)), int(np.ceil(most)) + 1)
    return {
        "type": "log",
        "tickvals": [factor * 10.0**power for power in powers for factor in factors],
        "tickformat": "~g",
    }


def _same_length(one: Sequence[object], other: Sequence[object]) -> None:
    if len(one) != len(other):
        raise ValueError(f"both must have the same length; got {len(one)} and {len(other)}")
