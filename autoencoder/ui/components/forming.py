"""The live view of a training: loss curves, latent map and reconstructions of one epoch, and a scrubber over the epochs.

Shapes: N = test images on the map, I = test images drawn (at most 16), C, H, W = one image. The browser's half is forming.js.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

HERE = Path(__file__).parent
HTML = """
<div class="forming">
  <div class="panes">
    <section class="loss">
      <header><span class="axis"></span><span class="legend"></span></header>
      <canvas role="img"></canvas>
    </section>
    <section class="map">
      <header><span>Latent map</span><span class="count"></span></header>
      <div class="frame"><canvas role="img"></canvas><p class="empty"></p></div>
      <div class="chips" role="group" aria-label="Classes on the map"></div>
    </section>
    <section class="images">
      <header><span>Original above reconstruction</span></header>
      <canvas role="img"></canvas>
    </section>
  </div>
  <div class="scrubber">
    <button class="play" type="button" aria-label="Play" disabled>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path class="to-play" d="M4 2.2v11.6L13.6 8z"/><path class="to-pause" d="M3.6 2.4h3v11.2h-3zM9.4 2.4h3v11.2h-3z"/>
      </svg>
    </button>
    <input type="range" step="any" min="1" max="2" value="1" aria-label="Epoch" disabled>
    <p class="caption"></p>
    <button class="live" type="button" aria-pressed="false" title="Follow the newest epoch">Live</button>
  </div>
</div>
"""
_mount = st.components.v2.component(
    "latent_lab.forming",
    html=HTML,
    css=(HERE / "forming.css").read_text(encoding="utf-8"),
    js=(HERE / "forming.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Frame:
    """What a network did after one epoch.

    Attributes:
        epoch: Counted from 1.
        points: Places on the map, (N, 2) float32, aligned with those of the epoch before, so that they travel.
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
        kind: "train", "test" (its value is written at the shown epoch) or "other" (dashed, named at its end).
    """

    name: str
    epochs: Sequence[int]
    values: Sequence[float]
    kind: str


def forming(
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
    log: bool = False,
    key: str,
) -> None:
    """Draw the training `run`. Only `frames` the browser has not got yet need to be passed: it keeps those it was given, by run.

    Pass all of them whenever the page is drawn anew, and the newest few in the reruns of a fragment: a message that is
    followed by another at once may never reach the browser. A frame that is passed again replaces the older one.

    Args:
        run: Names this training and no other; the same config trained again needs another name.
        labels: Class indices of the points, (N,).
        originals: The images above the reconstructions, (I, C, H, W) uint8.
        axis: What the curves measure, such as "Squared error per pixel (MSE)".
        epochs: How many there will be.
        live: Whether more is to come: then the newest epoch is followed.
        log: Draw the losses on a logarithmic axis.

    Raises:
        ValueError: If shapes or kinds do not fit together.
    """
    _check(frames, curves, labels, originals, epochs)
    header = {
        "run": run, "axis": axis, "epochs": epochs, "live": live, "log": log, "classes": [str(name) for name in class_names],
        "curves": [_line(curve) for curve in curves], "frames": [frame.epoch for frame in frames],
        "count": len(labels), "images": len(originals), "shape": originals.shape[1:],
    }  # fmt: skip
    arrays = [
        *(np.asarray(frame.points, "<f4") for frame in frames),
        *(np.asarray(frame.reconstructions, np.uint8) for frame in frames),
        np.asarray(labels, "<u2"),
        np.asarray(originals, np.uint8),
    ]
    _mount(key=key, data=_packed(header, arrays))


def _check(
    frames: Sequence[Frame], curves: Sequence[Curve], labels: np.ndarray, originals: np.ndarray, epochs: int
) -> None:
    if epochs < 1:
        raise ValueError(f"epochs must be at least 1; got {epochs}")
    if originals.ndim != 4:
        raise ValueError(f"originals must be (I, C, H, W); got {originals.shape}")
    for frame in frames:
        if frame.points.shape != (len(labels), 2):
            raise ValueError(f"points must be ({len(labels)}, 2), as many as labels; got {frame.points.shape}")
        if frame.reconstructions.shape != originals.shape:
            raise ValueError(f"reconstructions must be {originals.shape}, as originals; got {frame.reconstructions.shape}")
    for curve in curves:
        if curve.kind not in ("train", "test", "other"):
            raise ValueError(f"kind must be train, test or other; got {curve.kind}")
        if len(curve.epochs) != len(curve.values):
            raise ValueError(f"{curve.name} must have as many values as epochs ({len(curve.epochs)}); got {len(curve.values)}")


def _line(curve: Curve) -> dict[str, Any]:
    """A curve for JSON, which has no NaN; six digits are more than a screen shows."""
    values = [float(f"{value:.6g}") if math.isfinite(value) else None for value in curve.values]
    return {"name": curve.name, "kind": curve.kind, "epochs": [int(epoch) for epoch in curve.epochs], "values": values}


def _packed(header: dict[str, Any], arrays: Sequence[np.ndarray]) -> bytes:
    """Length of the header (uint32), the header, the arrays: components take raw bytes only as the whole of their data."""
    text = json.dumps(header).encode()
    return b"".join([len(text).to_bytes(4, "little"), text, *(array.tobytes() for array in arrays)])
