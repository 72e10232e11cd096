"""The networks: shapes for every kind of image, seeds, size limits, and what each activation
promises.
"""

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import nn

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.networks import modules
from autoencoder.networks.blueprint import NETWORKS, blueprint_of
from autoencoder.networks.modules import Autoencoder, build

SHAPES = [ImageShape(1, 8, 8), ImageShape(1, 28, 28), ImageShape(3, 32, 32), ImageShape(1, 9, 13)]
ACTIVATIONS = ["relu", "leaky_relu", "silu", "sigmoid", "tanh"]
KINDS: list[dict[str, Any]] = [
    {"network": "linear"},
    *(
        {"network": "mlp", "hidden": (12, 7), "activation": activation}
        for activation in ACTIVATIONS
    ),
    *(
        {"network": "conv", "channels": (4, 5, 6), "hidden": (7,), "activation": activation}
        for activation in ACTIVATIONS
    ),
    {"network": "conv", "channels": (4,), "hidden": (), "batch_norm": False},
    {"network": "mlp", "hidden": ()},
]


def words(kind: dict[str, Any]) -> str:
    """A kind for a test's name."""
    return "-".join(str(value) for value in kind.values())


def images(shape: ImageShape, count: int = 6) -> torch.Tensor:
    """Seeded noise in [0, 1]."""
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1))


def network_of(shape: ImageShape = SHAPES[0], **options: Any) -> Autoencoder:
    """A small one, in evaluation mode."""
    return build(RunConfig(dataset="digits", **options), shape).eval()


@pytest.mark.parametrize("objective", ["plain", "variational"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=words)
def test_shapes(kind: dict[str, Any], shape: ImageShape, objective: str) -> None:
    """Images become latents of size D and images of their own shape again, odd sizes included."""
    network, x = network_of(shape, latent_dim=3, objective=objective, **kind), images(shape)

    z = network.encode(x)
    assert z.shape == (6, 3)
    assert network.encoder(x).shape == (6, 6 if objective == "variational" else 3)
    assert network.decode(z).shape == network(x).shape == x.shape
    assert torch.equal(network(x), network.decode(z))


@pytest.mark.parametrize("kind", KINDS, ids=words)
def test_latents_of_size_one(kind: dict[str, Any]) -> None:
    """A bottleneck of one number works like any other."""
    network = network_of(latent_dim=1, **kind)

    assert network(images(SHAPES[0])).shape == (6, *SHAPES[0])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_seed_draws_the_weights(name: str) -> None:
    """The same config gives the same weights, another seed others, and torch's own generator does
    not move.
    """
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, again, other = (
        build(RunConfig(dataset="digits", network=name, seed=seed)).state_dict()
        for seed in (3, 3, 4)
    )

    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(one[part], again[part]) for part in one)
    assert not all(torch.equal(one[part], other[part]) for part in one)


def test_the_shape_defaults_to_the_data_sets() -> None:
    """Without a shape the network takes images of the config's data set."""
    assert build(RunConfig(dataset="cifar10"))(images(SHAPES[2])).shape == (6, 3, 32, 32)


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_counted_right(name: str) -> None:
    """The count without building equals that of the network."""
    config = RunConfig(network=name, dataset="mnist")

    assert blueprint_of(config).parameters == sum(
        parameter.numel() for parameter in build(config).parameters()
    )


def test_the_linear_networks_parameters_by_hand() -> None:
    """Two matrices and two biases, on digits 64 -> 3 -> 64."""
    assert (
        blueprint_of(RunConfig(dataset="digits", network="linear", latent_dim=3)).parameters
        == 64 * 3 + 3 + 3 * 64 + 64
    )


def test_too_large_a_network_is_refused_before_anything_is_allocated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The cap is found on the blueprint, before torch makes a single layer; the sentence has both
    numbers.
    """
    config = RunConfig(dataset="digits", network="mlp", hidden=(8_192, 8_192), latent_dim=4_096)
    monkeypatch.setattr(modules, "LAYERS", {})  # a layer made would be a KeyError

    with pytest.raises(
        ConfigError, match=r"at most 100,000,000 parameters; this one would have 20\d,\d{3},\d{3}"
    ):
        build(config)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_sigmoid_keeps_pixels_between_0_and_1(name: str) -> None:
    """However far out a latent lies; without the sigmoid pixels may leave the range."""
    far = torch.tensor([[1e4, -1e4], [-1e4, -1e4], [0.0, 0.0]])
    kept, free = (
        network_of(network=name, loss="mse", output_activation=output)
        for output in ("sigmoid", "none")
    )

    assert kept.decode(far).min() >= 0
    assert kept.decode(far).max() <= 1
    assert free.decode(far).abs().max() > 1
    assert torch.equal(kept.decode(far), free.decode(far).sigmoid())


@pytest.mark.parametrize(
    ("activation", "low", "high"), [("relu", 0.0, torch.inf), ("sigmoid", 0.0, 1.0)]
)
def test_the_latent_activation_limits_latents(activation: str, low: float, high: float) -> None:
    """Latents lie in the activation's range, and without one on both sides of zero."""
    z = network_of(latent_dim=50, latent_activation=activation).encode(images(SHAPES[0]))
    free = network_of(latent_dim=50).encode(images(SHAPES[0]))

    assert low <= z.min() <= z.max() <= high
    assert free.min() < 0 < free.max()
    assert torch.equal(z, modules.ACTIVATIONS[activation]()(free))


def test_encoding_a_variational_network_gives_the_mean() -> None:
    """Latents are the posterior's mean, without noise: the same every time."""
    network, x = network_of(objective="variational", latent_dim=3).train(False), images(SHAPES[0])
    mu, log_var = network.posterior(x)

    assert torch.equal(network.encode(x), mu)
    assert torch.equal(network.encoder(x), torch.cat([mu, log_var], dim=1))
    assert torch.equal(network(x), network(x))


def test_dropout_drops_only_while_training() -> None:
    """Two passes differ in training mode and agree in evaluation mode."""
    network, x = network_of(network="mlp", dropout=0.5), images(SHAPES[0])

    assert torch.equal(network(x), network(x))
    assert not torch.equal(network.train()(x), network(x))


@pytest.mark.parametrize(("batch_norm", "count"), [(True, 2 + 1 + 1 + 1), (False, 0)])
def test_batch_norm_follows_every_hidden_layer(batch_norm: bool, count: int) -> None:
    """On two convolutions and one dense layer, and on their mirror images; never on latents or
    pixels.
    """
    network = network_of(channels=(4, 8), hidden=(6,), batch_norm=batch_norm)
    norms = [
        layer for layer in network.modules() if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d))
    ]

    assert len(norms) == count
    assert isinstance(network.encoder[-1], nn.Linear)
    assert isinstance(network.decoder[-1], nn.ConvTranspose2d)


def test_the_decoder_mirrors_the_encoder() -> None:
    """Dense widths come back in reverse order."""
    network = network_of(network="mlp", hidden=(12, 7), latent_dim=3)
    widths = [
        [layer.out_features for layer in part if isinstance(layer, nn.Linear)]
        for part in (network.encoder, network.decoder)
    ]

    assert widths == [[12, 7, 3], [7, 12, 64]]


def test_gradients_come_back_through_the_flattening_in_the_images_layout() -> None:
    """Images in channels-last layout get a gradient in that layout, and it is the same as that of
    contiguous ones.
    """
    weights = torch.arange(2 * 3 * 4 * 5.0).view(2, -1)
    found: list[torch.Tensor] = []
    for layout in (torch.channels_last, torch.contiguous_format):
        x = torch.ones(2, 3, 4, 5).contiguous(memory_format=layout).requires_grad_()
        flat = modules.Flatten()(x)
        x.register_hook(found.append)  # hears what the layers before would
        (flat * weights).sum().backward()

        assert found[-1].is_contiguous(memory_format=layout)
    assert torch.equal(*found) and torch.equal(found[0], weights.view(2, 3, 4, 5))


def test_a_bias_is_learned_only_where_it_has_an_effect() -> None:
    """A bias that a batch norm takes out again gets no gradient; all others do, and all without
    batch norm.
    """
    normed, bare = (
        build(RunConfig(dataset="digits", batch_norm=normed)) for normed in (True, False)
    )
    for half in (normed.encoder, normed.decoder):
        for layer, after in pairwise(half):
            if isinstance(bias := getattr(layer, "bias", None), nn.Parameter):
                assert bias.requires_grad != isinstance(after, nn.BatchNorm1d | nn.BatchNorm2d)

    assert any(not parameter.requires_grad for parameter in normed.parameters())
    assert all(parameter.requires_grad for parameter in bare.parameters())
