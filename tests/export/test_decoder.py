"""Decoders in JavaScript against decoders in torch, and the bytes between them."""

import json
from typing import Any

import numpy as np
import pytest

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.export import decoder_bytes
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from tests.support.decoding import decoded_in_node
from tests.support.networks import arrays, trained_a_little

SHAPES = [ImageShape(1, 8, 8), ImageShape(1, 28, 28), ImageShape(3, 32, 32)]
ACTIVATIONS = ["relu", "leaky_relu", "silu", "sigmoid", "tanh"]
KINDS: dict[str, dict[str, Any]] = {
    "linear": {"network": "linear"},
    "linear-identity": {"network": "linear", "output_activation": "none", "loss": "mse"},
    **{
        f"mlp-{name}": {"network": "mlp", "hidden": (33, 14), "activation": name, "dropout": 0.5}
        for name in ACTIVATIONS
    },
    **{
        f"conv-{name}": {"channels": (5, 12), "hidden": (21,), "activation": name}
        for name in ACTIVATIONS
    },
    "conv-default": {},
    "conv-bare": {"channels": (6,), "hidden": (), "batch_norm": False},
    "variational": {"objective": "variational", "channels": (8, 16)},
    "variational-mlp": {"objective": "variational", "network": "mlp", "latent_activation": "none"},
    "denoising": {"objective": "denoising", "latent_activation": "relu", "channels": (7,)},
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_javascript_decodes_as_torch_does(options: dict[str, Any], shape: ImageShape) -> None:
    """Every kind of decoder, at every kind of image, gives the same pixels in plain JavaScript and
    in WebAssembly to 1e-4.
    """
    config = RunConfig(dataset="digits", latent_dim=3, **options)
    network = trained_a_little(config, shape)
    latents = np.array([[0, 0, 0], [0.7, -1.9, 2.4], [-30, 4, 0.01]], np.float32)
    expected = inference.decode(network, latents)

    plain, simd = decoded_in_node(decoder_bytes(config, arrays(network), shape), latents, shape)

    np.testing.assert_allclose(plain, expected, atol=1e-4, rtol=1e-5)
    np.testing.assert_allclose(simd, expected, atol=1e-4, rtol=1e-5)
    np.testing.assert_allclose(simd, plain, atol=1e-5, rtol=1e-5)
    assert expected.std() > 1e-3  # and there is something to see


@pytest.mark.parametrize("shape", [ImageShape(1, 9, 13), ImageShape(3, 7, 10)], ids=str)
def test_odd_sizes_decode_too(shape: ImageShape) -> None:
    """Rows and columns that halving lost are added in the same places."""
    config = RunConfig(dataset="digits", latent_dim=3, channels=(5, 6), hidden=())
    network = trained_a_little(config, shape)
    latents = np.array([[0.5, -1, 2]], np.float32)

    images = decoded_in_node(decoder_bytes(config, arrays(network), shape), latents, shape)

    for decoded in images:
        np.testing.assert_allclose(decoded, inference.decode(network, latents), atol=1e-4)


def test_the_bytes_are_what_the_format_says() -> None:
    """A length, a header filled up to four bytes, and float32 weights at the places that the layers
    name.
    """
    config = RunConfig(dataset="digits", network="linear", latent_dim=2)
    network = trained_a_little(config, config.shape)
    content = decoder_bytes(config, arrays(network))
    length = int.from_bytes(content[:4], "little")
    header = json.loads(content[4 : 4 + length])
    weights = np.frombuffer(content[4 + length :], "<f4")

    assert length % 4 == 0
    assert (header["latent_dim"], header["shape"]) == (2, [1, 8, 8])
    assert [layer["kind"] for layer in header["layers"]] == ["linear", "unflatten", "sigmoid"]
    dense = header["layers"][0]
    np.testing.assert_array_equal(
        weights[dense["weight"] : dense["weight"] + 128].reshape(64, 2),
        network.decoder[0].weight.detach(),
    )
    np.testing.assert_array_equal(
        weights[dense["bias"] : dense["bias"] + 64], network.decoder[0].bias.detach()
    )
    assert len(weights) == 64 * 3


def test_batch_norm_and_dropout_are_folded_away() -> None:
    """What does nothing of its own in evaluation is not sent: no batch norm, no dropout."""
    config = RunConfig(dataset="digits", dropout=0.5)
    content = decoder_bytes(config, arrays(build(config)))
    header = json.loads(content[4 : 4 + int.from_bytes(content[:4], "little")])

    kinds = {layer["kind"] for layer in header["layers"]}
    assert kinds == {"linear", "silu", "unflatten", "conv_transpose", "sigmoid"}


def test_the_next_decode_does_not_remember_the_last() -> None:
    """Buffers are used again, their contents are not: a latent decodes alike whatever came before
    it.
    """
    config = RunConfig(dataset="digits", latent_dim=3, channels=(5, 6))
    content = decoder_bytes(config, arrays(trained_a_little(config, config.shape)))
    latents = np.array([[1, 2, 3], [-4, 0, 9], [1, 2, 3]], np.float32)

    for first, _, again in decoded_in_node(content, latents, config.shape):
        np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("change", ["missing", "other shape"])
def test_weights_of_another_network_are_refused(change: str) -> None:
    """Weights that lack an array, or have one of another shape, are said to be another
    network's.
    """
    config = RunConfig(dataset="digits", latent_dim=3)
    weights = arrays(build(config))
    name = "decoder.1.running_var"
    weights = {key: array for key, array in weights.items() if key != name}
    if change == "other shape":
        weights[name] = np.ones(7)

    with pytest.raises(CorruptRunError, match=r"decoder\.1\.running_var should be \(256,\)"):
        decoder_bytes(config, weights)
