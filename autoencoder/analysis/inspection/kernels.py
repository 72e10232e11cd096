"""The weights of each stage as kernels: one per unit, an image where they meet pixels, with the
following batch norm folded in.

Shapes: K = kernels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autoencoder.analysis.inspection.stages import Stage, stages, steps
from autoencoder.networks.modules import Autoencoder

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
FEW = 3  # channels, up to which a kernel is shown as an image with one picture for each


@dataclass(frozen=True, eq=False)
class Kernels:
    """The weights of one stage.

    Attributes:
        stage: Whose weights they are.
        owner: The stage whose unit i kernel i belongs to: `stage`, or the one before where a unit's
            weights make up pixels.
        norms: Euclidean norm of each, (K,).
        maps: (K, C, h, w): weights from or to the pixels; None where they meet no pixels.
        roughness: Of `maps`; NaN without them.
        is_folded: A batch norm follows, and is folded in.
    """

    stage: Stage
    owner: Stage
    norms: np.ndarray
    maps: np.ndarray | None
    roughness: float
    is_folded: bool

    def name(self, index: int) -> str:
        """What kernel `index` is called: its unit's number; in a variational latent those of mu
        come
        before those of log_var.
        """
        units = self.owner.units
        if self.owner is self.stage and len(self.norms) > units:
            return f"mu {index}" if index < units else f"log_var {index - units}"
        return str(index)


def kernels(network: Autoencoder, shape: Sequence[int]) -> list[Kernels]:
    """The kernels of every stage of a network for images of `shape` (C, H, W), in order.

    A dense stage at the pixels has one map of the image's size per unit, a convolution there one
    map of its kernel's size. Elsewhere only norms are given, of the weights that lead to each unit.
    """
    made, all_stages, found = steps(network), stages(network, shape), []
    for number, stage in enumerate(all_stages):
        following = made[stage.start + 1]
        weight = folded(made[stage.start], following)
        owner, maps = stage, None
        if stage.is_output:  # by the units that the pixels are made from
            owner = all_stages[number - 1]
            weight = weight if stage.kind != "dense" else weight.T.reshape(-1, *shape)
        elif stage.kind == "transposed convolution":
            weight = weight.swapaxes(0, 1)
        elif stage.kind == "dense" and number == 0:
            weight = weight.reshape(-1, *shape)
        elif (
            stage.kind == "dense" and len(stage.shape) == 3
        ):  # whose numbers become an image per unit
            weight = weight.reshape(stage.units, -1)
        if weight.ndim == 4 and weight.shape[1] <= FEW and (number == 0 or stage.is_output):
            maps = weight
        norms = np.sqrt(np.square(weight, dtype=np.float64).reshape(len(weight), -1).sum(axis=1))
        rough = float("nan") if maps is None else roughness(maps)
        found.append(
            Kernels(stage, owner, norms, maps, rough, is_folded=isinstance(following, NORMS))
        )
    return found


@torch.no_grad()
def folded(layer: object, following: object) -> np.ndarray:
    """The layer's weight, times what a batch norm right behind it multiplies its outputs by."""
    weight = layer.weight  # type: ignore[attr-defined]
    assert isinstance(weight, Tensor)
    if isinstance(following, NORMS):
        assert following.running_var is not None
        scale = following.weight / torch.sqrt(following.running_var + following.eps)
        across = 1 if isinstance(layer, nn.ConvTranspose2d) else 0
        weight = weight * scale.reshape(
            [-1 if axis == across else 1 for axis in range(weight.ndim)]
        )
    return weight.detach().cpu().numpy().copy()


def roughness(maps: np.ndarray) -> float:
    """Mean squared difference of neighbouring weights over mean squared weight: 0 if they are all
    alike, 2 if independent.

    Args:
        maps: (K, C, h, w). Neighbours lie side by side or one above the other in one map; all maps
            count together, so that one of weak weights counts for little.

    Returns:
        From 0 to 4; NaN if there are no neighbours, or no weight but 0.
    """
    maps = np.asarray(maps, dtype=np.float64)
    steps_taken = np.concatenate([np.diff(maps, axis=axis).ravel() for axis in (2, 3)])
    power = np.square(maps).mean() if maps.size else 0.0
    return (
        float(np.square(steps_taken).mean() / power)
        if steps_taken.size and power > 0
        else float("nan")
    )
