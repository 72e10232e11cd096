"""A network cut into stages, and the way of images through them, step by step: no hooks, nothing is
left behind.

Shapes: B = batch, U = units of a stage; its output is (B, U), or (B, U, h, w) with an image per
unit.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from autoencoder.networks.modules import ACTIVATIONS, Autoencoder

Step = Callable[[Tensor], Tensor]
LEARNS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
KINDS = {nn.Linear: "dense", nn.Conv2d: "convolution", nn.ConvTranspose2d: "transposed convolution"}
TITLES = {
    nn.ReLU: "ReLU",
    nn.LeakyReLU: "leaky ReLU",
    nn.SiLU: "SiLU",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
    nn.Identity: "none",
}
BENT = tuple(type(make()) for make in ACTIVATIONS.values())
BATCH = 500


@dataclass(frozen=True)
class Stage:
    """A layer that learns, with what follows it: batch norm, activation, and the reshaping into
    images.

    Attributes:
        name: "Encoder 1", ..., "Code", "Decoder 1", ..., "Output".
        kind: "dense", "convolution" or "transposed convolution".
        activation: "ReLU", ..., or "none".
        shape: Of what one image becomes there: (U,) or (U, h, w).
        start, stop: The steps of the network it covers, `stop` excluded.
    """

    name: str
    kind: str
    activation: str
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def units(self) -> int:
        """How many units it has."""
        return self.shape[0]

    @property
    def is_output(self) -> bool:
        """Whether what leaves it is the reconstruction."""
        return self.name == "Output"


def stages(network: Autoencoder, shape: Sequence[int]) -> list[Stage]:
    """The stages from images of `shape` (C, H, W) to their reconstructions, in order; the last is
    "Output".
    """
    made = steps(network)
    starts = [index for index, step in enumerate(made) if isinstance(step, LEARNS)]
    last = (
        sum(isinstance(module, LEARNS) for module in network.encoder) - 1
    )  # the one that gives the latent
    with torch.no_grad():
        sizes, x = [], torch.zeros(1, *shape)
        for step in made:
            x = step(x)
            sizes.append(tuple(x.shape[1:]))
    found = []
    for number, (start, following) in enumerate(zip(starts, [*starts[1:], len(made)], strict=True)):
        stop = following
        while isinstance(made[stop - 1], (nn.Flatten, nn.Dropout)):  # what a later stage is given
            stop -= 1
        bent = [TITLES[type(step)] for step in made[start:stop] if isinstance(step, BENT)]
        name = (
            "Code"
            if number == last
            else f"Encoder {number + 1}"
            if number < last
            else f"Decoder {number - last}"
        )
        name = "Output" if following == len(made) else name
        kind = next(kind for layer, kind in KINDS.items() if isinstance(made[start], layer))
        found.append(Stage(name, kind, next(iter(bent), "none"), sizes[stop - 1], start, stop))
    return found


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
    made = steps(network)
    own = [
        step for step in made[stage.start : stage.stop] if not (before and isinstance(step, BENT))
    ]
    return np.concatenate(
        [through(x, [*made[: stage.start], *own]).numpy() for x in batches(images)]
    )
