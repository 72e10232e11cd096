"""The weights of each stage as kernels: one per unit, an image where they meet pixels, with the
following batch norm folded in.

Shapes: K = kernels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autoencoder.analysis.inspection.stages import Stage, is_stage, kind_of, stages, steps
from autoencoder.networks.blueprint import LAYERS
from autoencoder.networks.modules import Autoencoder, Residual

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
        come before those of log_var.
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
    every = stages(network, shape)
    return [_kernels(network, every, number, shape) for number in range(len(every))]


def _kernels(
    network: Autoencoder, every: Sequence[Stage], number: int, shape: Sequence[int]
) -> Kernels:
    """The kernels of stage `number` of `every`."""
    stage, path = every[number], steps(network)
    layer, following = _last_learning(path[stage.start : stage.stop])
    is_block = layer is not path[stage.start]  # whose weights meet neither pixels nor other units
    owner = every[number - 1] if stage.is_output and not is_block else stage
    at_pixels = (number == 0 or stage.is_output) and not is_block
    weight = _by_unit(folded(layer, following), layer, of_inputs=owner is not stage)
    if weight.ndim == 2 and at_pixels:
        weight = weight.reshape(-1, *shape)
    elif weight.ndim == 2:  # an image per unit, where its numbers become one
        weight = weight.reshape(owner.units, -1) if len(stage.shape) == 3 else weight
    maps = weight if at_pixels and weight.ndim == 4 and weight.shape[1] <= FEW else None
    norms = np.sqrt(np.square(weight, dtype=np.float64).reshape(len(weight), -1).sum(axis=1))
    rough = float("nan") if maps is None else roughness(maps)
    return Kernels(stage, owner, norms, maps, rough, is_folded=isinstance(following, NORMS))


def _last_learning(part: Sequence[object]) -> tuple[object, object]:
    """The layer whose weights give the units of a stage, and what follows it: the stage's first
    step, or the last layer that learns in the first branch of a block.
    """
    layer, following = part[0], part[1] if len(part) > 1 else None
    if not isinstance(layer, Residual):
        return layer, following
    modules = next(filter(None, ([*branch.children()] for branch in layer.branches)))
    starts = [index for index, module in enumerate(modules) if is_stage(module)]
    return _last_learning(modules[starts[-1] :])


def _by_unit(weight: np.ndarray, layer: object, *, of_inputs: bool) -> np.ndarray:
    """The weight with its outputs, or its inputs, along the first axis."""
    axis = LAYERS[kind_of(layer)].out_axis
    return np.moveaxis(weight, 1 - axis if of_inputs else axis, 0)


@torch.no_grad()
def folded(layer: object, following: object) -> np.ndarray:
    """The layer's weight, times what a batch norm right behind it multiplies its outputs by."""
    weight = layer.weight  # type: ignore[attr-defined]
    assert isinstance(weight, Tensor)
    if isinstance(following, NORMS):
        assert following.running_var is not None
        scale = following.weight / torch.sqrt(following.running_var + following.eps)
        axes = [1] * weight.ndim
        axes[LAYERS[kind_of(layer)].out_axis] = -1
        weight = weight * scale.reshape(axes)
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
