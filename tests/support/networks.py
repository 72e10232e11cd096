"""Networks of every kind, as if trained a little."""

from typing import Any

import numpy as np
import torch

from autoencoder.config.datasets import ImageShape
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import (
    Halves,
    Layer,
    batch_norm,
    conv,
    conv_transpose,
    dense,
    flatten,
    residual,
    unflatten,
)
from autoencoder.networks.modules import Autoencoder, build

BLOCKS = "blocks"  # the name of `blocks` where a test puts it among the networks
GREY, ODD_COLOUR = ImageShape(1, 8, 8), ImageShape(3, 9, 13)
# Together they have every network, kind of layer, output activation, and both sorts of latents.
KINDS: dict[str, tuple[ImageShape, dict[str, Any]]] = {
    "linear": (ODD_COLOUR, {"network": "linear", "output_activation": "none", "loss": "mse"}),
    "mlp": (GREY, {"network": "mlp", "hidden": (9, 7), "latent_activation": "relu"}),
    "variational": (GREY, {"network": "mlp", "objective": "variational", "batch_norm": False}),
    "conv": (ODD_COLOUR, {"channels": (5, 6), "hidden": (8,), "dropout": 0.5}),
    BLOCKS: (GREY, {"network": BLOCKS, "latent_activation": "sigmoid"}),
}


def blocks(config: RunConfig, shape: ImageShape) -> Halves:
    """Residual blocks, one within another, and every activation."""
    planes = (4, 4, 4)
    inner = [batch_norm(planes), conv(planes, planes, kernel=3, stride=1)]
    nested = residual([dense(8, 8)], [Layer("tanh", (8,), (8,))])
    encoder = [
        conv(tuple(shape), planes),
        residual(inner, [conv(planes, planes, kernel=1, stride=1)]),
        flatten(planes),
        dense(64, config.latent_dim),
    ]
    decoder = [
        dense(config.latent_dim, 8),
        residual([Layer("relu", (8,), (8,)), nested], []),
        *[Layer(name, (8,), (8,)) for name in ACTIVATIONS],
        dense(8, 64),
        unflatten(planes),
        conv_transpose(planes, tuple(shape)),
    ]
    return encoder, decoder


def trained_a_little(config: RunConfig, shape: ImageShape) -> Autoencoder:
    """A network whose batch norms have seen batches and whose weights are not those it started
    with.
    """
    network = build(config, shape).train()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for _ in range(3):
            network(torch.rand(16, *shape, generator=generator))
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return network.eval()


def arrays(network: Autoencoder) -> dict[str, np.ndarray]:
    """Its weights by name, as a run keeps them."""
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}
