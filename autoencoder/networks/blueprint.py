"""The autoencoders as lists of layers: what each takes, gives, learns and costs. No torch, nothing
allocated.

One description serves all: networks.py builds it, the form draws it before anything is trained.
Shapes leave out the batch; C = channels, H, W = height and width, P = C * H * W, D = latent_dim.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig

Shape = tuple[int, ...]
MAX_PARAMETERS = 100_000_000  # of a network that is built
BYTES = 4  # of a float32 number
KERNEL, STRIDE, PADDING = 4, 2, 1  # of every convolution: they halve, or double
LEAK = 0.2  # slope of LeakyReLU below zero
NORM_EPSILON = 1e-5  # added to the variance by a batch norm


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        kind: flatten, unflatten, linear, conv, conv_transpose, batch_norm, dropout, or an
            activation's name.
        taken, given: Shapes of its input and output.
        parameters: Numbers it learns.
        macs: Multiply-adds for one image.
        padding: Of a conv_transpose: the row and column to add, which halving an odd size lost.
    """

    kind: str
    in_shape: Shape
    out_shape: Shape
    parameters: int = 0
    macs: int = 0
    padding: tuple[int, int] = (0, 0)

    @property
    def sizes(self) -> dict[str, Shape]:
        """Shapes of weight and bias, as torch has them, of a layer that multiplies; of others
        nothing.
        """
        if self.kind == "linear":
            return {"weight": (self.out_shape[0], self.in_shape[0]), "bias": self.out_shape}
        if self.kind in ("conv", "conv_transpose"):
            channels = (
                (self.in_shape[0], self.out_shape[0])
                if self.kind == "conv_transpose"
                else (self.out_shape[0], self.in_shape[0])
            )
            return {"weight": (*channels, KERNEL, KERNEL), "bias": self.out_shape[:1]}
        return {}


@dataclass(frozen=True)
class Blueprint:
    """Encoder and decoder, layer by layer; the bottleneck lies between them.

    A variational encoder gives 2 D numbers, mu and log_var. The activations of bottleneck and
    output are not among the layers.
    """

    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]
    shape: ImageShape
    latent_dim: int

    @property
    def parameters(self) -> int:
        """Numbers learned in all."""
        return sum(layer.parameters for layer in (*self.encoder, *self.decoder))

    @property
    def decode_macs(self) -> int:
        """Multiply-adds to decode one latent."""
        return sum(layer.macs for layer in self.decoder)

    @property
    def macs(self) -> int:
        """Multiply-adds to encode and decode one image."""
        return self.decode_macs + sum(layer.macs for layer in self.encoder)

    @property
    def latent_bytes(self) -> int:
        """Size of one latent, as float32."""
        return self.latent_dim * BYTES

    @property
    def image_bytes(self) -> int:
        """Size of one image as it is stored: a byte per number."""
        return self.shape.pixels


def draw(config: RunConfig, shape: ImageShape | None = None) -> Blueprint:
    """The network of `config` for images of `shape`, by default the data set's."""
    shape = shape or config.shape
    encoder, decoder = NETWORKS[config.network](config, shape)
    return Blueprint(tuple(encoder), tuple(decoder), shape, config.latent_dim)


Halves = tuple[list[Layer], list[Layer]]


def _linear(config: RunConfig, shape: ImageShape) -> Halves:
    """One matrix down, one up."""
    encoder = [_flatten(shape), _dense(shape.pixels, _latent_size(config))]
    return encoder, [_dense(config.latent_dim, shape.pixels), _unflatten(shape)]


def _mlp(config: RunConfig, shape: ImageShape) -> Halves:
    """Dense layers, narrowing to the bottleneck and widening the same way."""
    down, up = [shape.pixels, *config.hidden], [config.latent_dim, *reversed(config.hidden)]
    encoder = [
        _flatten(shape),
        *_stack(down, config, norm=False),
        _dense(down[-1], _latent_size(config)),
    ]
    return encoder, [
        *_stack(up, config, norm=False),
        _dense(up[-1], shape.pixels),
        _unflatten(shape),
    ]


def _conv(config: RunConfig, shape: ImageShape) -> Halves:
    """Halving convolutions (kernel 4, stride 2, padding 1), dense layers, the bottleneck, and the
    same backwards.
    """
    planes = [shape.channels, *config.channels]
    shapes = [
        (count, shape.height >> depth, shape.width >> depth) for depth, count in enumerate(planes)
    ]
    down, up = [prod(shapes[-1]), *config.hidden], [config.latent_dim, *reversed(config.hidden)]

    encoder: list[Layer] = []
    for in_shape, out_shape in pairwise(shapes):
        encoder += [
            _convolution("conv", in_shape, out_shape),
            *_finish(out_shape, config, norm=config.batch_norm),
        ]
    encoder += [
        _flatten(shapes[-1]),
        *_stack(down, config, norm=config.batch_norm),
        _dense(down[-1], _latent_size(config)),
    ]

    decoder = [*_stack(up, config, norm=config.batch_norm), _dense(up[-1], prod(shapes[-1]))]
    decoder += [*_finish((prod(shapes[-1]),), config, norm=False), _unflatten(shapes[-1])]
    for in_shape, out_shape in pairwise(reversed(shapes)):
        decoder += [_convolution("conv_transpose", in_shape, out_shape)]
        decoder += (
            _finish(out_shape, config, norm=config.batch_norm) if out_shape != shapes[0] else []
        )
    return encoder, decoder


NETWORKS: dict[str, Callable[[RunConfig, ImageShape], Halves]] = {
    "linear": _linear,  # PCA's space, if trained to the end without activations
    "mlp": _mlp,
    "conv": _conv,
}


def _latent_size(config: RunConfig) -> int:
    return config.latent_dim * (2 if config.is_variational else 1)


def _flatten(shape: Shape) -> Layer:
    return Layer("flatten", tuple(shape), (prod(shape),))


def _unflatten(shape: Shape) -> Layer:
    return Layer("unflatten", (prod(shape),), tuple(shape))


def _dense(in_shape: int, out_shape: int) -> Layer:
    return Layer(
        "linear",
        (in_shape,),
        (out_shape,),
        parameters=(in_shape + 1) * out_shape,
        macs=in_shape * out_shape,
    )


def _stack(widths: Sequence[int], config: RunConfig, *, norm: bool) -> Iterator[Layer]:
    """A dense layer from each width to the next, each with what follows it."""
    for in_shape, out_shape in pairwise(widths):
        yield _dense(in_shape, out_shape)
        yield from _finish((out_shape,), config, norm=norm)
        if config.dropout:
            yield Layer("dropout", (out_shape,), (out_shape,))


def _finish(shape: Shape, config: RunConfig, *, norm: bool) -> list[Layer]:
    layers = (
        [Layer("batch_norm", shape, shape, parameters=2 * shape[0], macs=prod(shape))]
        if norm
        else []
    )
    return [*layers, Layer(config.activation, shape, shape)]


def _convolution(kind: str, in_shape: Shape, out_shape: Shape) -> Layer:
    """Each pixel of the smaller side meets KERNEL * KERNEL of the larger, for every pair of
    channels.
    """
    small = min(in_shape, out_shape, key=lambda shape: shape[1] * shape[2])
    padding = (
        (out_shape[1] - 2 * in_shape[1], out_shape[2] - 2 * in_shape[2])
        if kind == "conv_transpose"
        else (0, 0)
    )
    area = KERNEL * KERNEL
    macs = area * in_shape[0] * out_shape[0] * small[1] * small[2]
    return Layer(
        kind,
        in_shape,
        out_shape,
        parameters=(area * in_shape[0] + 1) * out_shape[0],
        macs=macs,
        padding=padding,
    )
