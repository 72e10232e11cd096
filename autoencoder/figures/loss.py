"""How the error falls."""

from collections.abc import Sequence

import plotly.graph_objects as go

from autoencoder.progress import Progress

MOST_POINTS = 300  # per curve; longer histories are thinned, their last point kept
TITLES = {
    "mse": "Squared error per pixel (MSE)",
    "reconstruction": "Reconstruction loss",
    "kl": "KL, nats per image",
    "total": "Loss",
}


def loss_curve(history: Sequence[Progress], part: str = "mse", epochs: int | None = None) -> go.Figure:
    """Training and test error by epoch. An empty history gives empty axes.

    Args:
        history: One Progress per finished epoch.
        part: Which of the losses: mse, reconstruction, kl or total.
        epochs: How far the axis goes; as far as the history if None.
    """
    shown = _thinned(history)
    figure = go.Figure(layout={"xaxis_title": "Epoch", "yaxis_title": TITLES[part], "legend_orientation": "h", "legend_y": 1.1})
    figure.add_scatter(x=[p.epoch for p in shown], y=[p.train.get(part) for p in shown], name="Training", mode="lines+markers")
    figure.add_scatter(x=[p.epoch for p in shown], y=[p.test.get(part) for p in shown], name="Test", mode="lines+markers")
    figure.update_traces(marker_size=4)
    last = epochs or (shown[-1].epoch if shown else 1)
    figure.update_layout(
        xaxis_range=[0.5, last + 0.5],
        yaxis_rangemode="tozero",
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        hovermode="x unified",
    )
    return figure


def _thinned(history: Sequence[Progress]) -> list[Progress]:
    every = -(-len(history) // MOST_POINTS) or 1
    return [p for index, p in enumerate(reversed(history)) if index % every == 0][::-1]
