"""A unit switched off: what the network still reconstructs without it, and what it costs.

The images go through the steps up to the unit's stage, the unit's output is replaced, and the rest
follows: the network itself is never changed, so that nobody else who uses it sees anything of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from autoencoder.analysis.inspection.passes import (
    Step,
    activations,
    batches,
    steps,
    through,
)
from autoencoder.analysis.stages import Stage
from autoencoder.networks.blueprint import batch_of
from autoencoder.networks.modules import Autoencoder
from autoencoder.progress import ProgressCallback, ignore


@dataclass(frozen=True)
class Switch:
    """A unit that gives `value` whatever it is shown.

    Attributes:
        stage: Whose unit it is.
        unit: From 0 to stage.units - 1.
        value: A number, or one for each position, (h, w).
    """

    stage: Stage
    unit: int
    value: float | np.ndarray = 0.0

    def apply(self, activations: Tensor) -> Tensor:
        """A copy of the stage's activations (B, U, ...) with the unit's replaced."""
        changed = activations.clone()
        changed[:, self.unit] = torch.as_tensor(self.value, dtype=changed.dtype)
        return changed


@torch.no_grad()
def reconstruct(
    network: Autoencoder, images: np.ndarray, switch: Switch | None = None
) -> np.ndarray:
    """Reconstructions (N, C, H, W) float32 of images (N, C, H, W), uint8 or in [0, 1], maybe with a
    unit switched off.

    Raises:
        ValueError: The stage has no such unit.
    """
    made = steps(network)
    parts: Sequence[Sequence[Step]] = [made]
    if switch:
        if not 0 <= switch.unit < switch.stage.units:
            raise ValueError(
                f"{switch.stage.name} has units 0 to {switch.stage.units - 1}; got {switch.unit}"
            )
        parts = [made[: switch.stage.stop], [switch.apply], made[switch.stage.stop :]]
    return np.concatenate(
        [through(x, [step for part in parts for step in part]).numpy() for x in batches(images)]
    )


def error(
    network: Autoencoder, images: np.ndarray, clean: np.ndarray, switch: Switch | None = None
) -> float:
    """Mean squared error per pixel between what becomes of `images` and `clean`, both (N, C, H, W)
    uint8 or in [0, 1].
    """
    total, size = 0.0, batch_of(images[0].size)
    for start in range(0, len(images), size):
        rows = slice(start, start + size)
        target = clean[rows] / np.float32(255) if clean.dtype == np.uint8 else clean[rows]
        total += float(
            np.square(reconstruct(network, images[rows], switch) - target, dtype=np.float64).sum()
        )
    return total / clean.size


@torch.no_grad()
def costs(
    network: Autoencoder,
    images: np.ndarray,
    stage: Stage,
    values: np.ndarray,
    *,
    notify: ProgressCallback = ignore,
) -> np.ndarray:
    """Mean squared error per pixel of the reconstructions with each unit of `stage` switched off in
    turn, (U,).

    Args:
        images: (N, C, H, W) uint8 or in [0, 1].
        values: What each unit gives instead, (U,) or (U, h, w).
        notify: Hears the fraction that is done.
    """
    rest = steps(network)[stage.stop :]
    inside = torch.from_numpy(activations(network, images, stage))
    clean = torch.cat(list(batches(images)))
    rise, size = np.zeros(stage.units), batch_of(images[0].size)
    for unit in range(stage.units):
        switch = Switch(stage, unit, values[unit])
        for chunk, target in zip(inside.split(size), clean.split(size), strict=True):
            rise[unit] += float(
                (through(switch.apply(chunk), rest) - target).square().sum(dtype=torch.float64)
            )
        notify("switching off units", (unit + 1) / stage.units)
    return rise / clean.numel()
