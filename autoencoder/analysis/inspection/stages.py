"""A network cut into stages, and images sent through them step by step: no hooks, nothing is left
behind.

A residual block is one step and one stage: its units are the channels of its output.
Shapes: B = batch, U = units of a stage; its output is (B, U), or (B, U, h, w) with an image per
unit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from autoencoder.config.networks import ACTIVATIONS, ActivationSpec
from autoencoder.networks.blueprint import LAYERS
from autoencoder.networks.modules import KINDS, Autoencoder

Step = Callable[[Tensor], Tensor]
BATCH = 500


@dataclass(frozen=True)
class Stage:
    """A layer that learns, with what follows it: batch norm, activation, and the reshaping into
    images.

    Attributes:
        name: "Encoder 1", ..., "Bottleneck", "Decoder 1", ..., "Output".
        kind: Of the layer that learns, one of LAYERS.
        activation: What follows it, or the one that changes nothing.
        shape: Of what one image becomes there: (U,) or (U, h, w).
        start, stop: The steps of the network it covers, `stop` excluded.
    """

    name: str
    kind: str
    activation: ActivationSpec
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def units(self) -> int:
        """How many units it has."""
        return self.shape[0]

    @property
    def kind_name(self) -> str:
        """The kind in words, such as "transposed convolution"."""
        return LAYERS[self.kind].name

    @property
    def is_output(self) -> bool:
        """Whether what leaves it is the reconstruction."""
        return self.name == "Output"


def stages(network: Autoencoder, shape: Sequence[int]) -> list[Stage]:
    """The stages from images of `shape` (C, H, W) to their reconstructions, in order; the last is
    "Output".
    """
    path = steps(network)
    shapes = _shapes(path, shape)
    starts = [index for index, step in enumerate(path) if is_stage(step)]
    latent = sum(map(is_stage, network.encoder)) - 1  # the stage that gives the latent
    return [
        _stage(path, shapes, _name(number, latent, len(starts)), start, following)
        for number, (start, following) in enumerate(pairwise([*starts, len(path)]))
    ]


def _stage(
    path: Sequence[Step], shapes: Sequence[tuple[int, ...]], name: str, start: int, following: int
) -> Stage:
    """The stage from the step `start` to the one before the next stage's; what only prepares the
    output for the next one is left out.
    """
    stop = following
    while kind_of(path[stop - 1]) in ("flatten", "dropout"):
        stop -= 1
    activations = [step for step in path[start:stop] if is_activation(step)]
    activation = ACTIVATIONS[kind_of(activations[0])] if activations else ACTIVATIONS["none"]
    return Stage(name, kind_of(path[start]), activation, shapes[stop - 1], start, stop)


def _name(number: int, latent: int, count: int) -> str:
    """What stage `number` of `count` is called, if stage `latent` gives the latent."""
    if number == count - 1:
        return "Output"
    if number == latent:
        return "Bottleneck"
    return f"Encoder {number + 1}" if number < latent else f"Decoder {number - latent}"


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


def is_activation(step: object) -> bool:
    """Whether a step is an activation."""
    return kind_of(step) in ACTIVATIONS


def is_stage(step: object) -> bool:
    """Whether a step has units of its own."""
    kind = kind_of(step)
    return bool(kind) and LAYERS[kind].is_stage


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
    for start in range(0, len(images), BATCH):
        chunk = torch.from_numpy(np.ascontiguousarray(images[start : start + BATCH]))
        yield chunk.float() / 255 if chunk.dtype == torch.uint8 else chunk.float()


@torch.no_grad()
def activations(
    network: Autoencoder, images: np.ndarray, stage: Stage, *, before: bool = False
) -> np.ndarray:
    """What the images (N, C, H, W) become at `stage`: (N, U) or (N, U, h, w) float32; `before` its
    activation, if asked.
    """
    path = steps(network)
    last = [step for step in path[stage.start : stage.stop] if not (before and is_activation(step))]
    return np.concatenate(
        [through(x, [*path[: stage.start], *last]).numpy() for x in batches(images)]
    )
