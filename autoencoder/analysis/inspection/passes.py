"""Images sent through a network step by step: no hooks, nothing is left behind.

A residual block is one step.
Shapes: B = batch, U = units of a stage; its output is (B, U), or (B, U, h, w) with an image per
unit.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from autoencoder.analysis.stages import Stage, cut
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.networks.blueprint import batch_of
from autoencoder.networks.modules import KINDS, Autoencoder

Step = Callable[[Tensor], Tensor]


def stages(network: Autoencoder, shape: Sequence[int]) -> list[Stage]:
    """The stages from images of `shape` (C, H, W) to their reconstructions, in order; the last is
    "Output".
    """
    path = steps(network)
    return cut([kind_of(step) for step in path], _shapes(path, shape), len(network.encoder))


@torch.no_grad()
def _shapes(path: Sequence[Step], shape: Sequence[int]) -> list[tuple[int, ...]]:
    """What an image of `shape` is after each step."""
    shapes, x = [], torch.zeros(1, *shape)
    for step in path:
        x = step(x)
        shapes.append(tuple(x.shape[1:]))
    return shapes


def kind_of(step: object) -> str:
    """The kind of layer that a step is, one of LAYERS; nothing for what is no layer."""
    return next((kind for module, kind in KINDS.items() if type(step) is module), "")


def steps(network: Autoencoder) -> list[Step]:
    """All that happens to a batch of images, in order.

    Raises ValueError if the network is still in training mode.
    """
    if network.training:
        raise ValueError("a network is inspected as it is used: call its eval() before")
    middle: list[Step] = [_mean] if network.is_variational else []
    return [*network.encoder, *middle, network.latent, *network.decoder, network.output]


def _mean(posterior: Tensor) -> Tensor:
    """mu and log_var (B, 2D) -> mu (B, D)."""
    return posterior.chunk(2, dim=1)[0]


def through(x: Tensor, part: Sequence[Step]) -> Tensor:
    """`x` after these steps."""
    for step in part:
        x = step(x)
    return x


def batches(images: np.ndarray) -> Iterator[Tensor]:
    """Images (N, C, H, W), uint8 or in [0, 1], as float batches in [0, 1]."""
    size = batch_of(images[0].size) if len(images) else 1
    for start in range(0, len(images), size):
        chunk = torch.from_numpy(np.ascontiguousarray(images[start : start + size]))
        yield chunk.float() / 255 if chunk.dtype == torch.uint8 else chunk.float()


@torch.no_grad()
def activations(
    network: Autoencoder, images: np.ndarray, stage: Stage, *, before: bool = False
) -> np.ndarray:
    """What the images (N, C, H, W) become at `stage`: (N, U) or (N, U, h, w) float32; `before` its
    activation, if asked.
    """
    path = steps(network)
    last = [
        step
        for step in path[stage.start : stage.stop]
        if not (before and kind_of(step) in ACTIVATIONS)
    ]
    return np.concatenate(
        [through(x, [*path[: stage.start], *last]).numpy() for x in batches(images)]
    )
