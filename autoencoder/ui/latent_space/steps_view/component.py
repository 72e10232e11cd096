"""The steps of a projection as a film: the map, the loss by epoch, and a scrubber.

Shapes: F = steps, N = points. The browser's half is component.js beside this file.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autoencoder.analysis.projections import ProjectionSteps
from autoencoder.analysis.projections.descent import EPOCHS
from autoencoder.export.packing import packed
from autoencoder.ui.components.mounting import component

LEVELS = 65_535  # of a coordinate on its way to the browser
_mount = component("steps_view", Path(__file__).parent)


def steps_view(
    name: str,
    steps: ProjectionSteps,
    *,
    labels: np.ndarray,
    class_names: Sequence[str],
    live: bool,
    key: str,
) -> None:
    """Draw the steps called `name`. The browser keeps what it was given under that name: later
    calls need to bring only the steps that are new, and one that comes again replaces the older.

    Args:
        name: Of these steps and no others.
        steps: Those that are new.
        labels: Class indices of the points, (N,).
        class_names: By class index.
        live: Whether more are to come.
    """
    lows, sides = squares_around(steps.points)
    levels = (steps.points - lows[:, None]) / sides[:, None, None] * LEVELS
    header = {
        "name": name,
        "epochs": EPOCHS,
        "live": live,
        "classes": [str(each) for each in class_names],
        "count": len(labels),
        "frames": [
            {"epoch": int(epoch), "loss": float(loss), "low": low.tolist(), "side": float(side)}
            for epoch, loss, low, side in zip(steps.epochs, steps.losses, lows, sides, strict=True)
        ],
    }
    _mount(key=key, data=packed(header, [np.rint(levels).astype("<u2"), labels.astype("<u2")]))


def squares_around(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lower left corners (F, 2) and the sides (F,) of the least squares about the middles of
    the points (F, N, 2) that hold them.
    """
    low, high = points.min(axis=1), points.max(axis=1)
    sides = np.maximum((high - low).max(axis=1), np.float32(1e-6))
    return (low + high) / 2 - sides[:, None] / 2, sides
