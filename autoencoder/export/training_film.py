"""A training as a film: loss curves, and for each epoch where the test images were on the map and
what came back of some of them.

Shapes: N = test images on the map, I = test images drawn (at most 16), C, H, W = one image. The
browser draws it in browser/training/training_view.js.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autoencoder.analysis import projections
from autoencoder.export.packing import packed
from autoencoder.formatting import number, short_number
from autoencoder.runs import Run
from autoencoder.training.progress import Progress

TICKS = 4  # on the loss axis, about
EPOCH_TICKS = 7  # at most, the first not counted
MOST_LETTERS = 24  # of the name of another run
MOST_FRAMES = 120  # of a whole training; of longer ones every second, third, ... epoch
MOST_POINTS = 300  # per curve; longer histories are thinned, their last point kept


@dataclass(frozen=True)
class Frame:
    """What a network did after one epoch.

    Attributes:
        epoch: Counted from 1.
        points: Places on the map, (N, 2) float32, aligned with those of the epoch before, so that
            they travel.
        reconstructions: (I, C, H, W) uint8.
    """

    epoch: int
    points: np.ndarray
    reconstructions: np.ndarray


@dataclass(frozen=True)
class Curve:
    """One line of the loss pane.

    Attributes:
        name: "Training", "Test", or another run's title.
        epochs, values: Of one length; values that are not finite leave a gap.
        kind: "train", "test" (its value is written at the shown epoch) or "other" (dashed, named at
            its end).
    """

    name: str
    epochs: Sequence[int]
    values: Sequence[float]
    kind: str


def film_bytes(
    run: str,
    frames: Sequence[Frame],
    curves: Sequence[Curve],
    *,
    labels: np.ndarray,
    class_names: Sequence[str],
    originals: np.ndarray,
    axis: str,
    epochs: int,
    live: bool,
    reveal: bool = False,
    log: bool = False,
) -> bytes:
    """The film of the training `run`, or some of its frames, as the browser wants it.

    Args:
        run: Names this training and no other; the same config trained again needs another name.
        labels: Class indices of the points, (N,).
        originals: The images above the reconstructions, (I, C, H, W) uint8.
        axis: What the curves measure, such as "Squared error per pixel (MSE)".
        epochs: How many there will be.
        live: Whether more is to come: then the newest epoch is followed.
        reveal: Scroll to the view when the run is first drawn.
        log: Draw the losses on a logarithmic axis.

    Raises:
        ValueError: If shapes or kinds do not fit together.
    """
    _check(frames, curves, labels, originals, epochs)
    low, high = loss_range(curves, epochs, log)
    header = {
        "run": run,
        "axis": axis,
        "epochs": epochs,
        "live": live,
        "reveal": reveal,
        "log": log,
        "classes": [str(name) for name in class_names],
        "curves": [_line(curve, log) for curve in curves],
        "range": [low, high],
        "ticks": loss_ticks(low, high, log),
        "epochTicks": epoch_ticks(epochs),
        "frames": [{"epoch": frame.epoch, "view": map_view(frame.points)} for frame in frames],
        "count": len(labels),
        "images": len(originals),
        "shape": originals.shape[1:],
    }
    arrays = [
        *(np.asarray(frame.points, "<f4") for frame in frames),
        *(np.asarray(frame.reconstructions, np.uint8) for frame in frames),
        np.asarray(labels, "<u2"),
        np.asarray(originals, np.uint8),
    ]
    return packed(header, arrays)


def frame_of(run: Run, epoch: int, labels: np.ndarray, before: np.ndarray | None) -> Frame:
    """The frame of one of the run's snapshots. Latents of two numbers are places themselves, of one
    are spread by class; of more, the two principal ones are shown, aligned with the points `before`
    (N, 2). Raises CorruptRunError.
    """
    snapshot = run.snapshot(epoch)
    latents = snapshot.latents.astype(np.float32)
    if latents.shape[1] == 1:
        scale = max(float(np.ptp(latents)), 1e-6) / len(run.class_names)
        points = np.column_stack([latents[:, 0], scale * labels[: len(latents)]])
    elif latents.shape[1] == 2:
        points = latents
    else:
        points = projections.fit_pca(latents, 2).encode(latents)
        points = points if before is None else projections.align(points, before)
    return Frame(epoch, points.astype(np.float32), snapshot.reconstructions)


def thinned(epochs: Sequence[int], total: int, most: int = MOST_FRAMES) -> list[int]:
    """Those of the epochs that become frames, of a training of `total` epochs: evenly, about `most`
    of them, the last one always.
    """
    every = -(-total // most)
    return [epoch for epoch in epochs if epoch == 1 or epoch % every == 0 or epoch == epochs[-1]]


def curve_of(title: str, kind: str, history: Sequence[Progress], part: str) -> Curve:
    """One part of the losses of a history, such as "mse": of the training if `kind` is "train",
    else of the test images.
    """
    every = -(-len(history) // MOST_POINTS) or 1
    shown = [p for index, p in enumerate(reversed(history)) if index % every == 0][::-1]
    values = [(p.train if kind == "train" else p.test).get(part, float("nan")) for p in shown]
    return Curve(title, [p.epoch for p in shown], values, kind)


def map_view(points: np.ndarray) -> tuple[float, float, float]:
    """Middle x, middle y and half the side of the square that holds the points (N, 2) but for a few
    strays, with a margin.
    """
    finite = points[np.isfinite(points).all(axis=1)]
    if not len(finite):
        return 0.0, 0.0, 1.0
    low, high = np.percentile(finite, [1, 99], axis=0)
    x, y = (low + high) / 2
    return float(x), float(y), float(1.15 * (high - low).max() / 2) or 1.0


def loss_range(curves: Sequence[Curve], epochs: int, log: bool) -> tuple[float, float]:
    """What the loss axis spans up to `epochs`: from zero, or the common logarithms of the least and
    greatest value.

    (0, 0) if there is nothing to draw.
    """
    pairs = [
        (epoch, float(value))
        for curve in curves
        for epoch, value in zip(curve.epochs, curve.values, strict=True)
    ]
    values = [
        value
        for epoch, value in pairs
        if epoch <= epochs and math.isfinite(value) and (value > 0 or not log)
    ]
    if not values:
        return 0.0, 0.0
    if log:
        return math.log10(min(values)) - 0.05, math.log10(max(values)) + 0.05
    low = min(0.0, 1.08 * min(values))
    return low, low + 1.08 * (max(values) - low) or 1.0


def loss_ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """About four round numbers, as places on the axis from `low` to `high` and as texts."""
    if low == high:
        return []
    if not log:
        return [(value, short_number(value)) for value in _even(low, high)]
    least, most = 10**low, 10**high
    decades = [10.0**power for power in range(math.floor(low), math.ceil(high))]
    values = _even(least, most)
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [
            step * decade for decade in decades for step in steps if least <= step * decade <= most
        ]
        if len(ticks) >= TICKS - 1:
            values = ticks[:: -(-len(ticks) // (TICKS + 2))]
            break
    return [(math.log10(value), short_number(value)) for value in values]


def epoch_ticks(epochs: int) -> list[int]:
    """The first epoch and at most seven multiples of a round number."""
    steps = (digit * 10**power for power in range(9) for digit in (1, 2, 5))
    step = next(step for step in steps if epochs // step <= EPOCH_TICKS)
    return sorted({1, *range(step, epochs + 1, step)})


def _even(low: float, high: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10((high - low) / TICKS))
    step = min(
        (times * power for times in (1, 2, 5, 10)),
        key=lambda step: abs((high - low) / step - TICKS),
    )
    return [index * step for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _check(
    frames: Sequence[Frame],
    curves: Sequence[Curve],
    labels: np.ndarray,
    originals: np.ndarray,
    epochs: int,
) -> None:
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1; got {epochs}")
    if originals.ndim != 4:
        raise ValueError(f"originals must be (I, C, H, W); got {originals.shape}")
    for frame in frames:
        if frame.points.shape != (len(labels), 2):
            raise ValueError(
                f"points must be ({len(labels)}, 2), as many as labels; got {frame.points.shape}"
            )
        if frame.reconstructions.shape != originals.shape:
            raise ValueError(
                f"reconstructions must be {originals.shape}, as originals; got"
                f" {frame.reconstructions.shape}"
            )
    for curve in curves:
        if curve.kind not in ("train", "test", "other"):
            raise ValueError(f"kind must be train, test or other; got {curve.kind}")
        if len(curve.epochs) != len(curve.values):
            raise ValueError(
                f"{curve.name} must have as many values as epochs ({len(curve.epochs)}); got"
                f" {len(curve.values)}"
            )


def _line(curve: Curve, log: bool) -> dict[str, Any]:
    """A curve for JSON, which has no NaN: null where nothing can be drawn.

    Six digits are more than a screen shows.
    """
    name = curve.name if len(curve.name) <= MOST_LETTERS else curve.name[: MOST_LETTERS - 1] + "…"
    drawn = [math.isfinite(value) and (value > 0 or not log) for value in curve.values]
    values = [
        float(f"{value:.6g}") if fine else None
        for value, fine in zip(curve.values, drawn, strict=True)
    ]
    texts = [number(float(value)) for value in curve.values] if curve.kind == "test" else []
    epochs = [int(epoch) for epoch in curve.epochs]
    return {"name": name, "kind": curve.kind, "epochs": epochs, "values": values, "texts": texts}
