"""A network with residual blocks, from its blueprint through training to JavaScript."""

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from autoencoder.analysis import inspection
from autoencoder.analysis.kernels import kernels
from autoencoder.analysis.stages import stages
from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data.dataset import Dataset
from autoencoder.export import decoder_bytes
from autoencoder.networks import blueprint, inference
from autoencoder.networks.blueprint import (
    Halves,
    Layer,
    batch_norm,
    blueprint_of,
    conv,
    conv_transpose,
    dense,
    flatten,
    residual,
    unflatten,
)
from autoencoder.networks.modules import Residual, build
from autoencoder.networks.numpy_inference import NumpyAutoencoder
from autoencoder.training.loop import Training
from autoencoder.ui.train.network_picture import _drawn, _title
from tests.support.decoding import decoded_in_node

SHAPE = ImageShape(1, 8, 8)
CONFIG = RunConfig(dataset="digits", latent_dim=3, batch_size=32, epochs=1, dropout=0.5)


def relu(*shape: int) -> Layer:
    """An activation."""
    return Layer("relu", shape, shape)


def toy(config: RunConfig, shape: ImageShape) -> Halves:
    """Blocks of all forms: with the input itself, with a projection, within another block, with a
    batch norm inside, in front, and behind.
    """
    planes, wide = (4, 4, 4), (6, 4, 4)
    inner = [conv(planes, wide, kernel=3, stride=1), batch_norm(wide), relu(*wide)]
    projection = [conv(planes, wide, kernel=1, stride=1)]
    encoder = [
        conv(tuple(shape), planes),
        residual(inner, projection),
        relu(*wide),
        flatten(wide),
        dense(96, 3),
    ]
    up = {"kernel": 3, "stride": 1}
    nested = residual([dense(8, 8), Layer("dropout", (8,), (8,), rate=0.5)], [relu(8)])
    before = [batch_norm(planes), relu(*planes), conv_transpose(planes, planes, **up)]
    decoder = [
        dense(3, 8),
        residual([relu(8), nested, dense(8, 8)], []),
        batch_norm((8,)),
        dense(8, 64),
        unflatten(planes),
        residual(before, []),
        conv_transpose(planes, tuple(shape)),
    ]
    return encoder, decoder


@pytest.fixture(autouse=True)
def toy_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy in the place of a real network."""
    monkeypatch.setitem(blueprint.NETWORKS, "conv", toy)


def test_a_network_with_blocks_trains_and_decodes_in_javascript(digits: Dataset) -> None:
    """After one epoch of steps, JavaScript decodes its latents to 1e-4 as torch does."""
    network = build(CONFIG)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    shapes = blueprint.state_shapes(blueprint_of(CONFIG))
    assert shapes == {name: tuple(tensor.shape) for name, tensor in before.items()}
    training = Training(network, CONFIG, digits.train.images[:64], digits.test.images[:32])
    *_, last = training.run()
    weights = {name: tensor.numpy() for name, tensor in network.eval().state_dict().items()}
    latents = np.array([[0, 0, 0], [0.7, -1.9, 2.4], [-30, 4, 0.01], [0, 0, 0]], np.float32)

    assert np.isfinite(last.test["mse"])
    assert not torch.equal(
        before["decoder.1.branches.0.1.branches.0.0.weight"],
        network.state_dict()["decoder.1.branches.0.1.branches.0.0.weight"],
    )
    expected = inference.decode(network, latents)
    for decoded in decoded_in_node(decoder_bytes(CONFIG, weights), latents, SHAPE):
        np.testing.assert_allclose(decoded, expected, atol=1e-4)


def test_a_network_with_blocks_is_the_same_in_numpy() -> None:
    """Branches within branches are added up as torch does it, in encoder and decoder."""
    network = build(CONFIG).eval()
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    other = NumpyAutoencoder(CONFIG, weights)
    images = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), dtype=np.uint8)
    latents = inference.encode(network, images)

    np.testing.assert_allclose(other.encode(images), latents, atol=1e-5)
    np.testing.assert_allclose(other.decode(latents), inference.decode(network, latents), atol=1e-5)


def test_what_a_block_learns_and_costs_is_counted() -> None:
    """Parameters are those of the modules; multiply-adds those that torch counts, normalisation
    apart.
    """
    plan, network = blueprint_of(CONFIG), build(CONFIG).eval()
    norms = 6 * 4 * 4 + 8 + 4 * 4 * 4
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, *SHAPE))

    assert plan.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert plan.macs - norms == counter.get_total_flops() // 2


def test_a_block_is_one_stage() -> None:
    """It is inspected like a layer: its units are its output's channels, one of which can be
    switched off.
    """
    network = build(CONFIG).eval()
    images = np.random.default_rng(0).integers(0, 256, (5, *SHAPE), dtype=np.uint8)
    layers = inspection.stages(network, SHAPE)
    block = layers[1]

    assert [stage.kind_name for stage in layers].count("residual block") == 3
    assert (block.units, block.shape, block.activation.title) == (6, (6, 4, 4), "ReLU")
    assert isinstance(network.encoder[block.start], Residual)
    changed = inspection.reconstruct(network, images, inspection.Switch(block, 0, 9.0))
    assert not np.array_equal(changed, inspection.reconstruct(network, images))
    assert stages(CONFIG) == layers
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    every = kernels(CONFIG, weights)
    assert len(every) == len(layers)
    assert (every[1].maps, len(every[1].norms), every[1].is_folded) == (None, 6, True)


def test_a_block_is_drawn_with_its_layers() -> None:
    """Its bar is called after the layers in it."""
    titles = [_title(layer) for layer, _ in _drawn(blueprint_of(CONFIG).encoder)]

    assert titles == ["conv", "residual: conv, conv", "dense"]


@pytest.mark.parametrize(
    "branches",
    [
        ([dense(3, 4)], []),  # the input itself has another shape
        ([dense(3, 4)], [dense(3, 5)]),
        ([dense(3, 4)], [dense(2, 4)]),
        ([], []),
    ],
)
def test_branches_that_do_not_fit_are_refused(branches: tuple[list[Layer], list[Layer]]) -> None:
    """All take one shape and give one shape."""
    with pytest.raises(ValueError, match="give"):
        residual(*branches)
