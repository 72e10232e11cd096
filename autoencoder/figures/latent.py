"""Where the images of a run land."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go


def latent_scatter(
    points: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    *,
    axes: Sequence[str] = ("z0", "z1"),
    equal: bool = False,
) -> go.Figure:
    """One point per image, one trace per class in class order, so that a class has its colour whichever classes there are.

    Args:
        points: (N, 2), or (N, 1): then the class is the other axis. No points give empty axes.
        labels: Class indices, (N,).
        class_names: Of all classes, by index.
        axes: What the axes are called.
        equal: One unit is as long on both axes, as fits where both measure the same thing.

    Raises:
        ValueError: If the shapes do not fit each other.
    """
    if points.ndim != 2 or points.shape[1] not in (1, 2) or labels.shape != (len(points),):
        raise ValueError(f"points must be (N, 1) or (N, 2) with N labels; got {points.shape} and {labels.shape}")
    if points.shape[1] == 1:
        points, axes = np.column_stack([points[:, 0], labels]), (axes[0], "Class")
    figure = go.Figure(layout={"xaxis_title": axes[0], "yaxis_title": axes[1], "legend_title_text": "Class"})
    for index, name in enumerate(class_names):
        own = np.flatnonzero(labels == index)
        figure.add_scattergl(
            x=points[own, 0], y=points[own, 1], customdata=own, name=_literal(name), mode="markers",
            visible=True if len(own) else "legendonly",
            hovertemplate=f"{_literal(name)}, test image %{{customdata}}<extra></extra>",
        )  # fmt: skip
    figure.update_traces(marker={"size": 5 if len(points) > 2_000 else 7, "opacity": 0.85})
    figure.update_layout(
        dragmode="pan", margin={"l": 10, "r": 10, "t": 10, "b": 10}, uirevision="kept", legend={"itemsizing": "constant"}
    )
    if equal:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    return figure


def _literal(name: str) -> str:
    """A class name as Plotly prints it literally: it reads a little HTML in names."""
    return name[:40].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
