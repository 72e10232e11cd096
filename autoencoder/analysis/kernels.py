"""The weights of each stage as kernels: one per unit, an image where they meet pixels, with the
following batch norm folded in.

Shapes: K = kernels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autoencoder.analysis.stages import NamedLayer, Stage, is_stage, named, stages, steps
from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import LAYERS, NORM_EPSILON

Weights = Mapping[str, np.ndarray]
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


def kernels(config: RunConfig, weights: Weights, shape: ImageShape | None = None) -> list[Kernels]:
    """The kernels of every stage of the network for images of `shape`, by default the data set's,
    in order; `weights` are its arrays by name, as a run keeps them.

    A dense stage at the pixels has one map of the image's size per unit, a convolution there one
    map of its kernel's size. Elsewhere only norms are given, of the weights that lead to each unit.
    """
    every, path = stages(config, shape), steps(config, shape)
    pixels = shape or config.shape
    return [_kernels(weights, every, path, number, pixels) for number in range(len(every))]


def _kernels(
    weights: Weights,
    every: Sequence[Stage],
    path: Sequence[NamedLayer],
    number: int,
    shape: ImageShape,
) -> Kernels:
    """The kernels of stage `number` of `every`."""
    stage = every[number]
    layer, following = _last_learning(path[stage.start : stage.stop])
    is_block = layer is not path[stage.start]  # whose weights meet neither pixels nor other units
    owner = every[number - 1] if stage.is_output and not is_block else stage
    at_pixels = (number == 0 or stage.is_output) and not is_block
    folded = _folded(weights, layer, following)
    weight = _by_unit(folded, layer, of_inputs=owner is not stage)
    if weight.ndim == 2 and at_pixels:
        weight = weight.reshape(-1, *shape)
    elif weight.ndim == 2:  # an image per unit, where its numbers become one
        weight = weight.reshape(owner.units, -1) if len(stage.shape) == 3 else weight
    maps = weight if at_pixels and weight.ndim == 4 and weight.shape[1] <= FEW else None
    norms = np.sqrt(np.square(weight, dtype=np.float64).reshape(len(weight), -1).sum(axis=1))
    rough = float("nan") if maps is None else roughness(maps)
    return Kernels(stage, owner, norms, maps, rough, is_folded=_is_norm(following))


def _last_learning(part: Sequence[NamedLayer]) -> tuple[NamedLayer, NamedLayer | None]:
    """The layer whose weights give the units of a stage, and what follows it: the stage's first
    step, or the last layer that learns in the first branch of a block.
    """
    first, following = part[0], part[1] if len(part) > 1 else None
    name, layer = first
    if layer.kind != "residual":
        return first, following
    number, branch = next(each for each in enumerate(layer.branches) if each[1])
    inner = named(branch, f"{name}.branches.{number}")
    starts = [index for index, (_, each) in enumerate(inner) if is_stage(each.kind)]
    return _last_learning(inner[starts[-1] :])


def _by_unit(weight: np.ndarray, layer: NamedLayer, *, of_inputs: bool) -> np.ndarray:
    """The weight with its outputs, or its inputs, along the first axis."""
    axis = LAYERS[layer[1].kind].out_axis
    return np.moveaxis(weight, 1 - axis if of_inputs else axis, 0)


def _is_norm(layer: NamedLayer | None) -> bool:
    return layer is not None and layer[1].kind == "batch_norm"


def _folded(weights: Weights, layer: NamedLayer, following: NamedLayer | None) -> np.ndarray:
    """The layer's weight, times what a batch norm right behind it multiplies its outputs by."""
    weight = weights[f"{layer[0]}.weight"]
    if following is None or not _is_norm(following):
        return weight
    norm = following[0]
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + NORM_EPSILON)
    axes = [1] * weight.ndim
    axes[LAYERS[layer[1].kind].out_axis] = -1
    return weight * scale.reshape(axes)


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
