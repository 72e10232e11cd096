"""Blueprints against the networks built from them: shapes, parameters, padding, and what a pass
costs.
"""

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import Blueprint, Layer, blueprint_of, state_shapes
from autoencoder.networks.modules import build
from tests.support.places import ROOT

KINDS: dict[str, dict[str, Any]] = {
    "linear": {"network": "linear"},
    "mlp": {"network": "mlp", "hidden": (9, 5)},
    "mlp without layers": {"network": "mlp", "hidden": ()},
    "conv": {"channels": (4, 6), "hidden": (9,)},
    "conv without dense layers": {"channels": (3,), "hidden": (), "batch_norm": False},
    "conv to the last pixel": {"channels": (2, 3, 4), "hidden": (5, 3), "dropout": 0.1},
}
SHAPES = [ImageShape(1, 8, 8), ImageShape(3, 11, 14), ImageShape(1, 9, 15), ImageShape(2, 28, 13)]
OBJECTIVES = ["plain", "variational"]
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_objective = pytest.mark.parametrize("objective", OBJECTIVES)


def passed(
    modules: nn.Sequential, x: torch.Tensor
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """What each module of a sequence takes and gives for a batch of one, without the batch."""
    seen: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    hooks = [
        module.register_forward_hook(
            lambda _, in_shape, out_shape: seen.append(
                (tuple(in_shape[0].shape[1:]), tuple(out_shape.shape[1:]))
            )
        )
        for module in modules
    ]
    modules(x)
    for hook in hooks:
        hook.remove()
    return seen


def multiply_adds(modules: nn.Module, x: torch.Tensor) -> int:
    """What torch counts for dense layers and convolutions."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        modules(x)
    return counter.get_total_flops() // 2


def without_norms(layers: tuple[Layer, ...]) -> int:
    """Multiply-adds of a half of a blueprint, as far as torch counts them."""
    return sum(layer.macs for layer in layers if layer.kind != "batch_norm")


@each_objective
@each_shape
@each_kind
def test_every_layer_gives_what_the_blueprint_says(
    kind: dict[str, Any], shape: ImageShape, objective: str
) -> None:
    """Layer by layer, the network takes and gives the drawn shapes, and the image comes back in its
    own.
    """
    config = RunConfig(dataset="digits", objective=objective, latent_dim=3, **kind)
    blueprint, network = blueprint_of(config, shape), build(config, shape).eval()
    latents = torch.zeros(1, 3)

    encoder = passed(network.encoder, torch.zeros(1, *shape))
    decoder = passed(network.decoder, latents)
    assert encoder == [(layer.in_shape, layer.out_shape) for layer in blueprint.encoder]
    assert decoder == [(layer.in_shape, layer.out_shape) for layer in blueprint.decoder]
    assert decoder[-1][1] == tuple(shape)
    assert encoder[-1][1] == (6 if objective == "variational" else 3,)


@each_objective
@each_shape
@each_kind
def test_every_layer_learns_what_the_blueprint_says(
    kind: dict[str, Any], shape: ImageShape, objective: str
) -> None:
    """Parameters are counted right for each layer, and so for the whole."""
    config = RunConfig(dataset="digits", objective=objective, latent_dim=3, **kind)
    blueprint, network = blueprint_of(config, shape), build(config, shape)
    layers = (*blueprint.encoder, *blueprint.decoder)
    modules = (*network.encoder, *network.decoder)

    counted = [sum(parameter.numel() for parameter in module.parameters()) for module in modules]
    assert counted == [layer.parameters for layer in layers]
    assert blueprint.parameters == sum(counted)


@each_objective
@each_shape
@each_kind
def test_multiply_adds_are_those_torch_counts(
    kind: dict[str, Any], shape: ImageShape, objective: str
) -> None:
    """Encoding and decoding one image costs half as many multiply-adds as torch counts operations,
    normalisation apart.
    """
    config = RunConfig(dataset="digits", objective=objective, latent_dim=3, **kind)
    blueprint, network = blueprint_of(config, shape), build(config, shape).eval()

    assert without_norms(blueprint.encoder) == multiply_adds(
        network.encoder, torch.zeros(1, *shape)
    )
    assert without_norms(blueprint.decoder) == multiply_adds(network.decoder, torch.zeros(1, 3))


@each_shape
@each_kind
def test_normalising_costs_one_multiply_add_per_number(
    kind: dict[str, Any], shape: ImageShape
) -> None:
    """A normalisation multiplies and adds once for each number that passes; activations and dropout
    count for nothing.
    """
    layers = [
        layer
        for half in (blueprint_of(RunConfig(dataset="digits", **kind), shape),)
        for layer in (*half.encoder, *half.decoder)
    ]

    assert all(
        layer.macs == torch.Size(layer.out_shape).numel()
        for layer in layers
        if layer.kind == "batch_norm"
    )
    free = [
        layer
        for layer in layers
        if layer.kind not in ("linear", "conv", "conv_transpose", "batch_norm")
    ]
    assert free
    assert not any(layer.macs or layer.parameters for layer in free)


def test_a_linear_network_by_hand() -> None:
    """64 pixels through 2 numbers and back: 64 x 2 each way, and a bias for each number given."""
    blueprint = blueprint_of(RunConfig(dataset="digits", network="linear", latent_dim=2))

    assert (blueprint.macs, blueprint.decode_macs) == (2 * 64 * 2, 64 * 2)
    assert blueprint.parameters == (64 + 1) * 2 + (2 + 1) * 64


def test_a_convolutional_network_by_hand() -> None:
    """One convolution from 1 x 8 x 8 to 3 x 4 x 4, a latent of 2, and the same backwards, without
    normalisation.
    """
    blueprint = blueprint_of(
        RunConfig(dataset="digits", channels=(3,), hidden=(), latent_dim=2, batch_norm=False)
    )
    convolution = (
        16 * 1 * 3 * 4 * 4
    )  # kernel of 4 x 4, every pair of channels, every pixel of the smaller side
    dense = 3 * 4 * 4 * 2

    assert (blueprint.macs, blueprint.decode_macs) == (
        2 * (convolution + dense),
        convolution + dense,
    )
    assert blueprint.parameters == (16 * 1 + 1) * 3 + (48 + 1) * 2 + (2 + 1) * 48 + (16 * 3 + 1) * 1


def test_a_normalised_convolutional_network_by_hand() -> None:
    """With normalisation each convolution's 3 x 4 x 4 numbers cost one multiply-add and each
    channel learns two numbers.
    """
    plain, normed = (
        blueprint_of(RunConfig(dataset="digits", channels=(3,), hidden=(), batch_norm=on))
        for on in (False, True)
    )

    assert (
        normed.macs - plain.macs == 3 * 4 * 4
    )  # the decoder's only convolution gives the image: not normalised
    assert normed.parameters - plain.parameters == 2 * 3


@pytest.mark.parametrize(
    ("height", "width", "paddings"),
    [
        (8, 8, [(0, 0), (0, 0)]),
        (9, 8, [(0, 0), (1, 0)]),
        (11, 14, [(1, 1), (1, 0)]),
        (7, 5, [(1, 0), (1, 1)]),
    ],
)
def test_odd_sizes_are_padded_on_the_way_up(
    height: int, width: int, paddings: list[tuple[int, int]]
) -> None:
    """The row or column that halving an odd size loses is added by the layer that doubles it
    again.
    """
    shape = ImageShape(1, height, width)
    config = RunConfig(dataset="digits", channels=(2, 2), hidden=())
    up = [layer for layer in blueprint_of(config, shape).decoder if layer.kind == "conv_transpose"]

    assert [layer.output_padding for layer in up] == paddings
    built = [
        module for module in build(config, shape).decoder if isinstance(module, nn.ConvTranspose2d)
    ]
    assert [module.output_padding for module in built] == paddings


@pytest.mark.parametrize(
    ("dataset", "image_bytes"), [("digits", 64), ("mnist", 784), ("cifar10", 3_072)]
)
@each_objective
def test_latents_and_images_have_their_sizes(
    dataset: str, image_bytes: int, objective: str
) -> None:
    """A latent is latent_dim float32 numbers, however many the encoder gives; an image is a byte
    per number.
    """
    blueprint = blueprint_of(RunConfig(dataset=dataset, objective=objective, latent_dim=7))

    assert blueprint.latent_bytes == 7 * torch.zeros(7).element_size() == 28
    assert blueprint.image_bytes == image_bytes


def test_the_shape_is_the_data_sets_unless_given() -> None:
    """A blueprint drawn without a shape is for the images of the config's data set."""
    config = RunConfig(dataset="cifar10", network="linear")

    assert (
        blueprint_of(config)
        == blueprint_of(config, ImageShape(3, 32, 32))
        != blueprint_of(config, ImageShape(1, 8, 8))
    )
    assert isinstance(blueprint_of(config), Blueprint)


def test_a_blueprint_needs_no_torch() -> None:
    """Drawing the largest network allowed, in a fresh process, loads no torch."""
    code = (
        "import sys\n"
        "from autoencoder.networks.blueprint import blueprint_of\n"
        "from autoencoder.config.run_config import RunConfig\n"
        "print(blueprint_of(RunConfig(hidden=(8192,) * 8)).parameters)\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 14 * 8192**2


@each_kind
@each_shape
@each_objective
def test_the_arrays_of_a_network_are_foreseen(
    kind: dict[str, Any], shape: ImageShape, objective: str
) -> None:
    """Name and shape of every array that a network's weights consist of, without building it."""
    config = RunConfig(dataset="digits", objective=objective, latent_dim=3, **kind)
    state = build(config, shape).state_dict()

    assert state_shapes(blueprint_of(config, shape)) == {
        name: tuple(tensor.shape) for name, tensor in state.items()
    }
