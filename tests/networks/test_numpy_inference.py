"""Networks in NumPy against the same networks in torch."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from autoencoder.config.datasets import ImageShape
from autoencoder.config.networks import BETWEEN_LAYERS
from autoencoder.config.run_config import CHOICES, RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks import inference, numpy_inference
from autoencoder.networks.modules import Autoencoder, build
from autoencoder.networks.numpy_inference import NumpyAutoencoder

SHAPE = ImageShape(1, 8, 8)
SMALL = RunConfig(dataset="digits", latent_dim=3, channels=(5, 6), hidden=(9, 7))
NETWORKS = {
    "linear": RunConfig(dataset="digits", latent_dim=3, network="linear"),
    "mlp": RunConfig(dataset="digits", latent_dim=3, network="mlp", hidden=(9, 7)),
    "conv": SMALL,
}
CONFIGS = {
    "linear": NETWORKS["linear"],
    **{
        f"{network}-{activation}": replace(NETWORKS[network], activation=activation)
        for network in ("mlp", "conv")
        for activation in BETWEEN_LAYERS
    },
    "mlp without norm": replace(NETWORKS["mlp"], batch_norm=False, dropout=0.5),
    "conv without norm": replace(SMALL, batch_norm=False, hidden=()),
    "variational": replace(SMALL, objective="variational"),
    "denoising": replace(SMALL, objective="denoising", dropout=0.5),
    "neighbours": replace(SMALL, objective="neighbours"),
    "relu latent": replace(SMALL, latent_activation="relu"),
    "sigmoid latent": replace(SMALL, latent_activation="sigmoid"),
    "identity output": replace(SMALL, output_activation="none", loss="mse"),
}


def trained_a_little(config: RunConfig, shape: ImageShape) -> Autoencoder:
    """A network whose batch norms have seen batches, ready for use."""
    network = build(config, shape).train()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        network(torch.rand(16, *shape, generator=generator))
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return network.eval()


def in_numpy(network: Autoencoder, config: RunConfig, shape: ImageShape) -> NumpyAutoencoder:
    """The same network."""
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    return NumpyAutoencoder(config, weights, shape)


def images(count: int, shape: ImageShape = SHAPE) -> np.ndarray:
    """Random ones, the same each time."""
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


def check(config: RunConfig, shape: ImageShape) -> None:
    """Encode and decode as torch does, to 1e-5."""
    network = trained_a_little(config, shape)
    other, shown = in_numpy(network, config, shape), images(5, shape)
    latents = np.array([[0, 0, 0], [0.7, -1.9, 2.4], [-30, 4, 0.01]], np.float32)
    encoded, decoded = inference.encode(network, shown), inference.decode(network, latents)

    np.testing.assert_allclose(other.encode(shown), encoded, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(other.decode(latents), decoded, rtol=1e-5, atol=1e-5)
    assert (other.encode(shown).dtype, other.decode(latents).dtype) == (np.float32, np.float32)
    assert encoded.std() > 1e-3 and decoded.std() > 1e-3  # there is something to compare


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_numpy_computes_what_torch_computes(config: RunConfig) -> None:
    """Every network, activation, norm and objective gives the same latents and images to 1e-5."""
    check(config, SHAPE)


def test_every_choice_that_shapes_a_network_is_compared() -> None:
    """The table above leaves out no network, no objective and no activation."""
    for name in ("network", "objective", "activation", "latent_activation", "output_activation"):
        assert {getattr(config, name) for config in CONFIGS.values()} == set(CHOICES[name])


@pytest.mark.parametrize("shape", [(1, 9, 13), (3, 7, 10), (3, 32, 32)], ids=str)
@pytest.mark.parametrize("config", NETWORKS.values(), ids=NETWORKS)
def test_images_of_any_shape_will_do(config: RunConfig, shape: tuple[int, int, int]) -> None:
    """Colours stay in their order, and so do rows and columns that halving lost."""
    check(config, ImageShape(*shape))


def test_batches_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large images go in smaller batches, down to one; the results stay in order."""
    network = trained_a_little(SMALL, SHAPE)
    shown = images(20)
    whole = in_numpy(network, SMALL, SHAPE).encode(shown)
    for numbers in (5_000, 1):
        monkeypatch.setattr(numpy_inference, "PATCHES", numbers)
        np.testing.assert_allclose(
            in_numpy(network, SMALL, SHAPE).encode(shown), whole, rtol=1e-5, atol=1e-6
        )


def test_no_images_give_no_latents() -> None:
    """An empty set keeps its shape."""
    network = in_numpy(build(SMALL, SHAPE), SMALL, SHAPE)

    assert network.encode(images(0)).shape == (0, 3)
    assert network.decode(np.zeros((0, 3))).shape == (0, 1, 8, 8)


def test_kl_and_the_way_back_are_those_of_torch() -> None:
    """The KL of each dimension, and how far latents land from themselves."""
    config = replace(SMALL, objective="variational")
    network, shown = trained_a_little(config, SHAPE), images(20)
    other, latents = in_numpy(network, config, SHAPE), inference.encode(network, shown)

    np.testing.assert_allclose(
        other.kl_by_dimension(shown), inference.kl_by_dimension(network, shown), rtol=1e-4
    )
    np.testing.assert_allclose(
        other.come_back(latents), inference.come_back(network, latents), rtol=1e-4, atol=1e-5
    )


def test_numbers_beyond_all_bounds_are_no_error() -> None:
    """A network whose weights have grown without end gives what torch gives, without a warning."""
    network = build(replace(SMALL, activation="silu"), SHAPE).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(1e30)

    found = in_numpy(network, SMALL, SHAPE).decode(np.ones((2, 3)))
    np.testing.assert_array_equal(
        np.isnan(found), np.isnan(inference.decode(network, np.ones((2, 3))))
    )


@pytest.mark.parametrize("change", ["missing", "other shape"])
def test_weights_of_another_network_are_refused(change: str) -> None:
    """In words, with the name of the array."""
    name = "decoder.1.running_var"
    weights = {key: tensor.numpy() for key, tensor in build(SMALL).state_dict().items()}
    array = weights.pop(name)
    if change == "other shape":
        weights[name] = array[:-1]

    with pytest.raises(CorruptRunError, match=r"decoder\.1\.running_var should be \(7,\)"):
        NumpyAutoencoder(SMALL, weights)
