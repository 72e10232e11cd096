"""The autoencoders as sequences of layers: shapes, what each layer learns and costs.

No torch, and nothing is allocated. One description serves all: modules.py builds it, the form draws
it before anything is trained, the browser decodes by it. A sequence may branch: see `residual`.
Shapes leave out the batch; C = channels, H, W = height and width, P = C * H * W, D = latent_dim.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from autoencoder.config.datasets import ImageShape
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.run_config import RunConfig

Shape = tuple[int, ...]
MAX_PARAMETERS = 100_000_000  # of a network that is built
BYTES = 4  # of a float32 number
KERNEL, STRIDE = 4, 2  # of a convolution that halves or doubles
LEAK = 0.2  # slope of LeakyReLU below zero
NORM_EPSILON = 1e-5  # added to the variance by a batch norm


BATCH, BATCH_PIXELS = 500, 2_000_000  # images, and pixels of them, of a batch that only measures


def batch_of(pixels: int) -> int:
    """How many images of so many pixels go through a network at once where nothing is learned."""
    return max(1, min(BATCH, BATCH_PIXELS // pixels))


@dataclass(frozen=True)
class LayerKind:
    """What is known of all layers of a kind.

    Attributes:
        title: What it is called in the picture of a network.
        name: What it is called in a sentence.
        is_stage: Whether it has units of its own: it is drawn as a bar, and can be inspected.
        is_silent: Whether it only changes the shape of what passes: it is not drawn.
        only_in_training: Whether it does nothing in a trained network.
        out_axis: The axis of its weight along which its outputs lie.
        has_statistics: Whether it keeps the mean and the variance of each channel, over as many
            batches as it has counted.
    """

    title: str
    name: str = ""
    is_stage: bool = False
    is_silent: bool = False
    only_in_training: bool = False
    out_axis: int = 0
    has_statistics: bool = False


# The modules of these names stand in modules.py.
LAYERS: dict[str, LayerKind] = {
    "flatten": LayerKind("flatten", is_silent=True),
    "unflatten": LayerKind("unflatten", is_silent=True),
    "linear": LayerKind("dense", "dense", is_stage=True),
    "conv": LayerKind("conv", "convolution", is_stage=True),
    "conv_transpose": LayerKind("conv up", "transposed convolution", is_stage=True, out_axis=1),
    "residual": LayerKind("residual", "residual block", is_stage=True),
    "batch_norm": LayerKind("norm", has_statistics=True),
    "dropout": LayerKind("dropout", only_in_training=True),
    **{name: LayerKind(activation.title) for name, activation in ACTIVATIONS.items()},
}


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        kind: One of LAYERS.
        in_shape, out_shape: Of its input and output.
        weight: Shape of its weight, as torch has it; () if it learns nothing itself. Its bias has
            a number for each unit or channel of its output.
        macs: Multiply-adds for one image.
        kernel, stride: Of a convolution.
        output_padding: Of a conv_transpose: the row and column to add, which halving an odd size
            lost.
        rate: Of a dropout: the share of numbers that are set to 0 while training.
        branches: Of a residual block: sequences of layers that are all given its input, and whose
            outputs are added. A branch without layers is the input itself.
    """

    kind: str
    in_shape: Shape
    out_shape: Shape
    weight: Shape = ()
    macs: int = 0
    kernel: int = KERNEL
    stride: int = STRIDE
    output_padding: tuple[int, int] = (0, 0)
    rate: float = 0.0
    branches: tuple[tuple["Layer", ...], ...] = ()

    @property
    def learned(self) -> dict[str, Shape]:
        """Shapes of its own weight and bias, if it has them."""
        return {"weight": self.weight, "bias": self.out_shape[:1]} if self.weight else {}

    @property
    def parameters(self) -> int:
        """Numbers it learns, those of its branches included."""
        inner = sum(layer.parameters for branch in self.branches for layer in branch)
        return sum(prod(shape) for shape in self.learned.values()) + inner

    @property
    def padding(self) -> int:
        """Of a convolution: rows and columns of zeros around its input, on either side."""
        return (self.kernel - self.stride + 1) // 2


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


def blueprint_of(config: RunConfig, shape: ImageShape | None = None) -> Blueprint:
    """The network of `config` for images of `shape`, by default the data set's."""
    shape = shape or config.shape
    encoder, decoder = NETWORKS[config.network](config, shape)
    return Blueprint(tuple(encoder), tuple(decoder), shape, config.latent_dim)


def state_shapes(blueprint: Blueprint) -> dict[str, Shape]:
    """The shape of every array of the network's weights, by the name that torch gives it."""
    halves = {"encoder": blueprint.encoder, "decoder": blueprint.decoder}
    return {name: shape for half, layers in halves.items() for name, shape in _state(half, layers)}


def _state(prefix: str, layers: Sequence[Layer]) -> Iterator[tuple[str, Shape]]:
    for index, layer in enumerate(layers):
        shapes = dict(layer.learned)
        if LAYERS[layer.kind].has_statistics:
            channels = layer.out_shape[:1]
            shapes |= {"running_mean": channels, "running_var": channels, "num_batches_tracked": ()}
        yield from ((f"{prefix}.{index}.{name}", shape) for name, shape in shapes.items())
        for number, branch in enumerate(layer.branches):
            yield from _state(f"{prefix}.{index}.branches.{number}", branch)


def units_by_layer(blueprint: Blueprint) -> dict[str, int]:
    """How many units each layer has that has some, but the output: its name -> units. These are the
    stages that can be inspected: "Encoder 1", ..., "Bottleneck", "Decoder 1", ...
    """
    encoder, decoder = _units(blueprint.encoder), _units(blueprint.decoder)
    before = {f"Encoder {number}": units for number, units in enumerate(encoder[:-1], start=1)}
    after = {f"Decoder {number}": units for number, units in enumerate(decoder[:-1], start=1)}
    return {**before, "Bottleneck": blueprint.latent_dim, **after}


def _units(layers: Sequence[Layer]) -> list[int]:
    """Units of each layer that has some; a dense one that is shaped into images has channels."""
    units: list[int] = []
    for layer in layers:
        if LAYERS[layer.kind].is_stage:
            units.append(layer.out_shape[0])
        elif layer.kind == "unflatten" and units:
            units[-1] = layer.out_shape[0]
    return units


Halves = tuple[list[Layer], list[Layer]]


def linear(config: RunConfig, shape: ImageShape) -> Halves:
    """One matrix down, one up."""
    encoder = [flatten(shape), dense(shape.pixels, _latent_size(config))]
    return encoder, [dense(config.latent_dim, shape.pixels), unflatten(shape)]


def mlp(config: RunConfig, shape: ImageShape) -> Halves:
    """Dense layers, narrowing to the bottleneck and widening the same way."""
    down, up = [shape.pixels, *config.hidden], [config.latent_dim, *reversed(config.hidden)]
    encoder = [
        flatten(shape),
        *_stack(down, config),
        dense(down[-1], _latent_size(config)),
    ]
    return encoder, [
        *_stack(up, config),
        dense(up[-1], shape.pixels),
        unflatten(shape),
    ]


def convolutional(config: RunConfig, shape: ImageShape) -> Halves:
    """Convolutions (kernel 4, stride 2, padding 1), dense layers, the bottleneck, and the same
    backwards.
    """
    planes = [shape.channels, *config.channels]
    shapes = [
        (count, shape.height >> depth, shape.width >> depth) for depth, count in enumerate(planes)
    ]
    down, up = [prod(shapes[-1]), *config.hidden], [config.latent_dim, *reversed(config.hidden)]

    encoder: list[Layer] = []
    for in_shape, out_shape in pairwise(shapes):
        encoder += [
            conv(in_shape, out_shape),
            *_finish(out_shape, config, norm=config.batch_norm),
        ]
    encoder += [
        flatten(shapes[-1]),
        *_stack(down, config),
        dense(down[-1], _latent_size(config)),
    ]

    decoder = [*_stack(up, config), dense(up[-1], prod(shapes[-1]))]
    decoder += [*_finish((prod(shapes[-1]),), config, norm=False), unflatten(shapes[-1])]
    for in_shape, out_shape in pairwise(reversed(shapes)):
        decoder += [conv_transpose(in_shape, out_shape)]
        decoder += (
            _finish(out_shape, config, norm=config.batch_norm) if out_shape != shapes[0] else []
        )
    return encoder, decoder


NETWORKS: dict[str, Callable[[RunConfig, ImageShape], Halves]] = {
    "linear": linear,  # PCA's space, if trained to the end without activations
    "mlp": mlp,
    "conv": convolutional,
}


def _latent_size(config: RunConfig) -> int:
    return config.latent_dim * (2 if config.is_variational else 1)


def residual(*branches: Sequence[Layer]) -> Layer:
    """A block that adds what its branches make of its input; an empty branch is the input itself.

    Raises:
        ValueError: The branches do not all take one shape and give one shape.
    """
    shapes = {(branch[0].in_shape, branch[-1].out_shape) for branch in branches if branch}
    if len(shapes) != 1:
        raise ValueError(f"branches must take and give the same shapes; got {sorted(shapes)}")
    [(in_shape, out_shape)] = shapes
    if in_shape != out_shape and not all(branches):
        raise ValueError(f"an empty branch gives its input, {in_shape}; others give {out_shape}")
    return Layer(
        "residual",
        in_shape,
        out_shape,
        macs=sum(layer.macs for branch in branches for layer in branch),
        branches=tuple(map(tuple, branches)),
    )


def flatten(shape: Shape) -> Layer:
    """An image as a vector."""
    return Layer("flatten", tuple(shape), (prod(shape),))


def unflatten(shape: Shape) -> Layer:
    """A vector as an image of `shape`."""
    return Layer("unflatten", (prod(shape),), tuple(shape))


def dense(in_size: int, out_size: int) -> Layer:
    """Every number given depends on every number taken."""
    macs = in_size * out_size
    return Layer("linear", (in_size,), (out_size,), weight=(out_size, in_size), macs=macs)


def _stack(widths: Sequence[int], config: RunConfig) -> Iterator[Layer]:
    """A dense layer from each width to the next, each with what follows it."""
    for in_size, out_size in pairwise(widths):
        yield dense(in_size, out_size)
        yield from _finish((out_size,), config, norm=config.batch_norm)
        if config.dropout:
            yield Layer("dropout", (out_size,), (out_size,), rate=config.dropout)


def _finish(shape: Shape, config: RunConfig, *, norm: bool) -> list[Layer]:
    """What follows a layer that learns: maybe a batch norm, and the activation."""
    activation = Layer(config.activation, shape, shape)
    return [batch_norm(shape), activation] if norm else [activation]


def batch_norm(shape: Shape) -> Layer:
    return Layer("batch_norm", shape, shape, weight=shape[:1], macs=prod(shape))


def conv(in_shape: Shape, out_shape: Shape, *, kernel: int = KERNEL, stride: int = STRIDE) -> Layer:
    """A convolution; with stride 1 and an odd kernel it keeps height and width."""
    area = kernel * kernel
    return Layer(
        "conv",
        in_shape,
        out_shape,
        weight=(out_shape[0], in_shape[0], kernel, kernel),
        macs=area * in_shape[0] * prod(out_shape),  # each pixel given meets the kernel's square
        kernel=kernel,
        stride=stride,
    )


def conv_transpose(
    in_shape: Shape, out_shape: Shape, *, kernel: int = KERNEL, stride: int = STRIDE
) -> Layer:
    """The inverse of `conv` as far as shapes go: a transposed convolution."""
    area = kernel * kernel
    rows, columns = (
        after - stride * before for before, after in zip(in_shape[1:], out_shape[1:], strict=True)
    )
    return Layer(
        "conv_transpose",
        in_shape,
        out_shape,
        weight=(in_shape[0], out_shape[0], kernel, kernel),
        macs=area * out_shape[0] * prod(in_shape),  # each pixel taken meets the kernel's square
        kernel=kernel,
        stride=stride,
        output_padding=(rows, columns),
    )
