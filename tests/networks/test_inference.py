"""A network at work on arrays: what goes in, what comes out, and that looking changes nothing."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from autoencoder.analysis.metrics import to_unit
from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data.dataset import Dataset
from autoencoder.errors import CorruptRunError
from autoencoder.networks import blueprint, inference
from autoencoder.networks.modules import Autoencoder, build

KINDS: dict[str, dict[str, Any]] = {
    "linear": {"network": "linear"},
    "mlp": {"network": "mlp", "dropout": 0.5},
    "conv": {"channels": (4, 8), "hidden": (6,)},
    "variational": {"network": "mlp", "objective": "variational"},
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def config(request: pytest.FixtureRequest) -> RunConfig:
    """Networks whose training mode differs from their evaluation mode, among others."""
    return RunConfig(dataset="digits", latent_dim=3, **request.param)


@pytest.fixture
def network(config: RunConfig) -> Autoencoder:
    """Untrained."""
    return build(config)


@pytest.fixture
def images(digits: Dataset) -> np.ndarray:
    """Twenty of digits."""
    return digits.test.images[:20]


def test_shapes_and_kinds_of_numbers(network: Autoencoder, images: np.ndarray) -> None:
    """uint8 images give float32 latents (N, D) and float32 reconstructions of the images' shape,
    pixels in [0, 1].
    """
    latents, made = inference.encode(network, images), inference.reconstruct(network, images)

    assert (latents.shape, latents.dtype) == ((20, 3), np.float32)
    assert (made.shape, made.dtype) == ((20, 1, 8, 8), np.float32)
    assert 0 <= made.min() <= made.max() <= 1


def test_no_images_give_no_latents(network: Autoencoder, images: np.ndarray) -> None:
    """An empty set keeps its shape."""
    assert inference.encode(network, images[:0]).shape == (0, 3)
    assert inference.reconstruct(network, images[:0]).shape == (0, 1, 8, 8)


def test_the_network_sees_pixels_between_0_and_1(network: Autoencoder, images: np.ndarray) -> None:
    """Encoding is the network's own, in evaluation mode, on pixels divided by 255."""
    with torch.no_grad():
        expected = network.eval().encode(torch.from_numpy(images / np.float32(255)))

    assert np.allclose(inference.encode(network, images), expected.numpy(), atol=1e-6)


def test_decoding_latents_is_reconstructing(network: Autoencoder, images: np.ndarray) -> None:
    """Decode after encode is reconstruct; latents of another float type will do."""
    latents = inference.encode(network, images).astype(np.float64)

    assert np.allclose(
        inference.decode(network, latents), inference.reconstruct(network, images), atol=1e-6
    )


def test_batches_make_no_difference(
    network: Autoencoder, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty images at once or seven at a time give the same, in the same order."""
    whole = inference.encode(network, images), inference.reconstruct(network, images)
    monkeypatch.setattr(blueprint, "BATCH", 7)

    assert np.allclose(inference.encode(network, images), whole[0], atol=1e-6)
    assert np.allclose(inference.reconstruct(network, images), whole[1], atol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_the_network_is_left_in_its_mode(
    network: Autoencoder, training: bool, images: np.ndarray
) -> None:
    """Nothing is dropped and no running mean moves, and a training goes on in the mode it was
    in.
    """
    network.train(training)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    first = inference.reconstruct(network, images)

    assert np.array_equal(inference.reconstruct(network, images), first)
    assert network.training is training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())


def test_a_failure_leaves_the_mode_too(network: Autoencoder) -> None:
    """Images of another shape are an error, after which a training could go on."""
    network.train()
    with pytest.raises(RuntimeError):
        inference.encode(network, np.zeros((2, 3, 9, 9), dtype=np.uint8))

    assert network.training


def test_a_rebuilt_network_is_the_same(
    config: RunConfig, network: Autoencoder, images: np.ndarray
) -> None:
    """From its arrays a network comes back in evaluation mode and does what it did; the arrays stay
    the caller's.
    """
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.01)
    weights = {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}
    for array in weights.values():
        array.setflags(write=False)  # as arrays are that were read from a file
    rebuilt = inference.rebuild(config, weights)

    assert not rebuilt.training
    assert np.array_equal(
        inference.reconstruct(rebuilt, images), inference.reconstruct(network, images)
    )
    kept = {name: array.copy() for name, array in weights.items()}
    with torch.no_grad():
        for parameter in rebuilt.parameters():
            parameter.zero_()
    assert all(np.array_equal(weights[name], kept[name]) for name in kept)


def test_a_network_is_rebuilt_for_another_shape() -> None:
    """The shape of the images may be another than the data set's."""
    config, shape = RunConfig(dataset="digits", network="mlp"), ImageShape(1, 9, 13)
    weights = {name: tensor.numpy() for name, tensor in build(config, shape).state_dict().items()}
    made = inference.reconstruct(
        inference.rebuild(config, weights, shape), np.zeros((2, 1, 9, 13), dtype=np.uint8)
    )

    assert made.shape == (2, 1, 9, 13)


@pytest.mark.parametrize(
    "other", [{"latent_dim": 4}, {"hidden": (255,)}, {"network": "conv"}, {"hidden": ()}]
)
def test_weights_of_another_network_are_refused(other: dict[str, Any]) -> None:
    """In words, not with torch's list of every name that does not match."""
    config = RunConfig(**{"dataset": "digits", "network": "mlp", **other})
    weights = {name: tensor.numpy() for name, tensor in build(config).state_dict().items()}

    with pytest.raises(
        CorruptRunError, match=r"^the weights are not those of this network: "
    ) as caught:
        inference.rebuild(RunConfig(dataset="digits", network="mlp"), weights)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("missing", ["encoder.1.weight", "decoder.0.bias"])
def test_incomplete_weights_are_refused(missing: str) -> None:
    """Every array must be there."""
    config = RunConfig(dataset="digits", network="mlp")
    weights = {
        name: tensor.numpy()
        for name, tensor in build(config).state_dict().items()
        if name != missing
    }

    with pytest.raises(CorruptRunError):
        inference.rebuild(config, weights)


def test_equal_images_have_a_similarity_of_one(digits: Dataset) -> None:
    """SSIM is 1 for equal images, on images smaller than its window as well, and less for any
    difference.
    """
    images = digits.test.images[:30]
    noisy = to_unit(images) + np.random.default_rng(0).normal(0, 0.1, images.shape)

    assert inference.ssim(images, to_unit(images)) == pytest.approx(1.0)
    assert 0.5 < inference.ssim(images, noisy) < 0.99
    assert inference.ssim(images, 1 - to_unit(images)) < 0.1


def test_similarity_is_that_of_the_paper() -> None:
    """Against SSIM written out: means, variances and covariance under a Gaussian of sigma 1.5,
    constants 0.01 and 0.03; what lies beyond the border is mirrored.
    """
    rng = np.random.default_rng(0)
    image = (
        (gaussian_filter(rng.normal(size=(40, 40)), 2) * 400 + 128).clip(0, 255).astype(np.uint8)
    )
    x = image / 255
    y = (x + rng.normal(0, 0.05, x.shape)).clip(0, 1)

    def blurred(array: np.ndarray) -> np.ndarray:
        return gaussian_filter(array, 1.5, radius=5, mode="mirror")

    mx, my = blurred(x), blurred(y)
    covariance, variances = (
        blurred(x * y) - mx * my,
        blurred(x * x) - mx**2 + blurred(y * y) - my**2,
    )
    expected = (
        (2 * mx * my + 1e-4)
        * (2 * covariance + 9e-4)
        / ((mx**2 + my**2 + 1e-4) * (variances + 9e-4))
    ).mean()

    assert inference.ssim(image[None, None], y[None, None]) == pytest.approx(expected, abs=1e-5)


def test_similarity_does_not_depend_on_batches(
    digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every image weighs the same, in a full batch or in what is left."""
    images, other = digits.test.images[:10], to_unit(digits.test.images[10:20])
    whole = inference.ssim(images, other)
    monkeypatch.setattr(blueprint, "BATCH", 7)

    assert inference.ssim(images, other) == pytest.approx(whole, abs=1e-6)


def test_kl_by_dimension_is_the_closed_form() -> None:
    """Each dimension's KL is that of torch's own normal distributions, averaged over images; their
    sum is the objective's.
    """
    network = build(
        RunConfig(dataset="digits", latent_dim=3, objective="variational", network="mlp")
    ).eval()
    images = np.arange(20 * 64, dtype=np.uint8).reshape(20, 1, 8, 8)
    with torch.no_grad():
        mu, log_var = network.posterior(torch.from_numpy(images).float() / 255)
        standard = torch.distributions.Normal(0.0, 1.0)
        expected = torch.distributions.kl_divergence(
            torch.distributions.Normal(mu, (0.5 * log_var).exp()), standard
        ).mean(0)

    np.testing.assert_allclose(
        inference.kl_by_dimension(network, images), expected, rtol=1e-4, atol=1e-6
    )


def test_latents_that_come_back_are_told_from_those_that_do_not() -> None:
    """With decoder and encoder inverse to each other within a square, latents inside come back to
    themselves, others do not.
    """
    network = build(
        RunConfig(
            dataset="digits", network="linear", latent_dim=2, output_activation="none", loss="mse"
        )
    )
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
        network.encoder[1].weight[:, :2] = torch.eye(2)
        network.decoder[0].weight[:2] = torch.eye(2)

    distances = inference.come_back(
        network, np.array([[0.2, 0.9], [1.5, 0.5], [-2.0, 1.0]], np.float32)
    )

    np.testing.assert_allclose(distances, [0, 0.5, 2], atol=1e-6)
