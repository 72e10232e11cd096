"""A network cut into stages, by its blueprint: no torch.

A residual block is one stage: its units are the channels of its output.
Shapes: U = units of a stage; an image becomes (U,) there, or (U, h, w) with an image per unit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoencoder.config.datasets import ImageShape
from autoencoder.config.networks import ACTIVATIONS, ActivationSpec
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import LAYERS, Layer, Shape, blueprint_of

NamedLayer = tuple[str, Layer]  # the name is that of its arrays among the network's weights


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
    shape: Shape
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


def stages(config: RunConfig, shape: ImageShape | None = None) -> list[Stage]:
    """The stages from images of `shape`, by default the data set's, to their reconstructions, in
    order; the last is "Output".
    """
    layers = [layer for _, layer in steps(config, shape)]
    kinds, shapes = [layer.kind for layer in layers], [layer.out_shape for layer in layers]
    return cut(kinds, shapes, len(blueprint_of(config, shape).encoder))


def steps(config: RunConfig, shape: ImageShape | None = None) -> list[NamedLayer]:
    """All that happens to an image, in order."""
    blueprint = blueprint_of(config, shape)
    latent, pixels = (blueprint.latent_dim,), tuple(blueprint.shape)
    mean = [Layer("none", (2 * blueprint.latent_dim,), latent)]  # leaves log_var out
    return [
        *named(blueprint.encoder, "encoder"),
        *named(mean if config.is_variational else [], "mean"),
        ("latent", Layer(config.latent_activation, latent, latent)),
        *named(blueprint.decoder, "decoder"),
        ("output", Layer(config.output_activation, pixels, pixels)),
    ]


def named(layers: Sequence[Layer], prefix: str) -> list[NamedLayer]:
    """Each layer with its name, such as "decoder.0"."""
    return [(f"{prefix}.{index}", layer) for index, layer in enumerate(layers)]


def cut(kinds: Sequence[str], shapes: Sequence[Shape], encoder: int) -> list[Stage]:
    """The stages of a network whose steps are of these kinds and give these shapes; the first
    `encoder` of them are the encoder's.
    """
    starts = [index for index, kind in enumerate(kinds) if is_stage(kind)]
    latent = sum(map(is_stage, kinds[:encoder])) - 1  # the stage that gives the latent
    return [
        _stage(kinds, shapes, _name(number, latent, len(starts)), start, following)
        for number, (start, following) in enumerate(pairwise([*starts, len(kinds)]))
    ]


def _stage(
    kinds: Sequence[str], shapes: Sequence[Shape], name: str, start: int, following: int
) -> Stage:
    """The stage from the step `start` to the one before the next stage's; what only prepares the
    output for the next one is left out.
    """
    stop = following
    while kinds[stop - 1] in ("flatten", "dropout"):
        stop -= 1
    activations = [kind for kind in kinds[start:stop] if kind in ACTIVATIONS]
    activation = ACTIVATIONS[activations[0] if activations else "none"]
    return Stage(name, kinds[start], activation, shapes[stop - 1], start, stop)


def _name(number: int, latent: int, count: int) -> str:
    """What stage `number` of `count` is called, if stage `latent` gives the latent."""
    if number == count - 1:
        return "Output"
    if number == latent:
        return "Bottleneck"
    return f"Encoder {number + 1}" if number < latent else f"Decoder {number - latent}"


def is_stage(kind: str) -> bool:
    """Whether a step of that kind, nothing for what is no layer, has units of its own."""
    return bool(kind) and LAYERS[kind].is_stage
