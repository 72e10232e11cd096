"""Kernels, surveys and switched-off units, on networks whose weights were set by hand."""

import threading

import numpy as np
import pytest
import torch
from torch import nn

from autoencoder.analysis import inspection
from autoencoder.analysis.inspection import Switch
from autoencoder.analysis.kernels import kernels, roughness
from autoencoder.analysis.stages import stages
from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.networks.modules import Autoencoder, build

SHAPE = ImageShape(1, 2, 2)
LINEAR = RunConfig(
    dataset="digits", network="linear", latent_dim=2, output_activation="none", loss="mse"
)


def images(count: int, shape: ImageShape = SHAPE) -> np.ndarray:
    """Random uint8 images, the same each time."""
    return np.random.default_rng(0).integers(0, 256, (count, *shape), dtype=np.uint8)


def weights_of(network: Autoencoder) -> dict[str, np.ndarray]:
    """Its arrays by name, as a run keeps them."""
    return {name: tensor.numpy() for name, tensor in network.state_dict().items()}


def dense(weight: object, bias: object) -> nn.Linear:
    """A dense layer with these numbers."""
    weight, bias = (
        torch.tensor(weight, dtype=torch.float32),
        torch.tensor(bias, dtype=torch.float32),
    )
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.load_state_dict({"weight": weight, "bias": bias})
    return layer


def handmade(activation: nn.Module, weight: object, bias: object) -> Autoencoder:
    """Four pixels to hidden units to two numbers and back; the decoder's columns are 1, 2 and so on
    by pixel.
    """
    hidden = dense(weight, bias)
    encoder = nn.Sequential(nn.Flatten(), hidden, activation, dense(np.eye(2, len(bias)), [0, 0]))  # type: ignore[arg-type]
    decoder = nn.Sequential(
        dense([[1, 0], [1, 0], [0, 1], [0, 1]], [0, 0, 0, 0]), nn.Unflatten(1, tuple(SHAPE))
    )
    return Autoencoder(encoder, decoder, LINEAR).eval()


# ---- Stages ----


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (RunConfig(dataset="digits", network="linear"), ["Bottleneck", "Output"]),
        (
            RunConfig(dataset="digits", network="mlp", hidden=(5, 4)),
            ["Encoder 1", "Encoder 2", "Bottleneck", "Decoder 1", "Decoder 2", "Output"],
        ),
        (
            RunConfig(dataset="digits", channels=(4,), hidden=(5,)),
            ["Encoder 1", "Encoder 2", "Bottleneck", "Decoder 1", "Decoder 2", "Output"],
        ),
        (
            RunConfig(dataset="digits", network="mlp", hidden=(5,), objective="variational"),
            ["Encoder 1", "Bottleneck", "Decoder 1", "Output"],
        ),
    ],
    ids=["linear", "mlp", "conv", "variational"],
)
def test_the_stages_lead_from_image_to_reconstruction(config: RunConfig, names: list[str]) -> None:
    """Every kind of network falls into named stages; what leaves "Bottleneck" are its latents,
    "Output" its reconstructions. Its blueprint says the same as its modules.
    """
    network, shown = build(config).eval(), images(7, config.shape)
    found = inspection.stages(network, config.shape)
    x = torch.from_numpy(shown).float() / 255

    assert [stage.name for stage in found] == names
    assert stages(config) == found
    assert units_by_layer(blueprint_of(config)) == {each.name: each.units for each in found[:-1]}
    for stage in found:
        assert inspection.activations(network, shown, stage).shape == (7, *stage.shape)
    latent = found[names.index("Bottleneck")]
    np.testing.assert_allclose(
        inspection.activations(network, shown, latent), network.encode(x).detach(), atol=1e-6
    )
    np.testing.assert_allclose(
        inspection.activations(network, shown, found[-1]), network(x).detach(), atol=1e-6
    )
    np.testing.assert_allclose(
        inspection.reconstruct(network, shown), network(x).detach(), atol=1e-6
    )


def test_values_before_the_activation_are_those_it_is_given() -> None:
    """Bending what a stage gives before its activation gives what it gives."""
    network, shown = (
        build(RunConfig(dataset="digits", activation="tanh")).eval(),
        images(3, ImageShape(1, 8, 8)),
    )
    stage = inspection.stages(network, (1, 8, 8))[0]
    before = inspection.activations(network, shown, stage, before=True)

    np.testing.assert_allclose(
        np.tanh(before), inspection.activations(network, shown, stage), atol=1e-6
    )
    assert stage.activation.title == "tanh"


def test_a_network_in_training_mode_is_refused() -> None:
    """Batch norm would learn from being looked at."""
    with pytest.raises(ValueError, match="eval"):
        inspection.stages(build(RunConfig(dataset="digits")), (1, 8, 8))


# ---- Kernels ----


def test_dense_kernels_are_images_of_the_weights() -> None:
    """The first layer's kernel i holds the weights from the pixels to unit i, the last layer's
    those from unit i to them.
    """
    config = RunConfig(dataset="digits", network="mlp", hidden=(3,), latent_dim=2, batch_norm=False)
    arrays = weights_of(build(config, SHAPE))
    arrays["encoder.1.weight"] = np.array([[0, 1, 2, 2], [3, 0, 0, -4], [0, 0, 0, 0]], np.float32)
    arrays["decoder.2.weight"] = np.array([[1, 0, 3], [1, 0, 2], [0, 1, 1], [0, 1, 0]], np.float32)
    first, middle, _, last = kernels(config, arrays, SHAPE)

    np.testing.assert_array_equal(
        first.maps[:, 0], [[[0, 1], [2, 2]], [[3, 0], [0, -4]], [[0, 0], [0, 0]]]
    )
    np.testing.assert_allclose(first.norms, [3, 5, 0])
    np.testing.assert_array_equal(
        last.maps[:, 0], [[[1, 1], [0, 0]], [[0, 0], [1, 1]], [[3, 2], [1, 0]]]
    )
    assert (first.owner.name, last.owner.name, middle.maps) == ("Encoder 1", "Decoder 1", None)
    assert not first.is_folded


@pytest.mark.parametrize("channels", [1, 3], ids=["grey", "colour"])
def test_convolution_kernels_have_the_batch_norm_in_them(channels: int) -> None:
    """A filter, times what the batch norm multiplies its channel by; at the output one filter per
    incoming channel.
    """
    config = RunConfig(dataset="digits", channels=(4, 6), hidden=())
    shape = ImageShape(channels, 8, 8)
    network = build(config, shape).eval()
    norm = network.encoder[1]
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, 2.0, 0.0, -1.0]))
        norm.running_var.fill_(4 - norm.eps)
    found = kernels(config, weights_of(network), shape)

    expected = network.encoder[0].weight.detach().numpy() * np.reshape(
        [0.5, 1, 0, -0.5], (4, 1, 1, 1)
    )
    np.testing.assert_allclose(found[0].maps, expected, rtol=1e-5)
    np.testing.assert_array_equal(found[-1].maps, network.decoder[-1].weight.detach().numpy())
    assert found[0].is_folded
    assert [len(each.norms) for each in found] == [4, 6, 2, 6, 4, 4]


def test_a_variational_latent_has_two_kernels_per_number() -> None:
    """Kernels of a linear variational encoder are called after mu and log_var."""
    config = RunConfig(dataset="digits", network="linear", objective="variational", latent_dim=2)
    found = kernels(config, weights_of(build(config)))[0]

    assert [found.name(index) for index in range(len(found.norms))] == [
        "mu 0",
        "mu 1",
        "log_var 0",
        "log_var 1",
    ]


def test_the_roughness_of_known_kernels() -> None:
    """Flat is 0, a chessboard 4, a step as computed by hand; all kernels count together, and scale
    does not matter.
    """
    flat, board = np.full((1, 1, 4, 4), 3.0), (-1.0) ** np.indices((4, 4)).sum(axis=0)[None, None]
    step = np.array(
        [[[[0.0, 2.0], [0.0, 2.0]]]]
    )  # two of four neighbours differ by 2: mean 2, over mean square 2

    assert roughness(flat) == 0
    assert roughness(board) == 4
    assert roughness(step) == roughness(-5 * step) == 1
    assert roughness(np.concatenate([flat, board])) == pytest.approx((0 + 4) / 2 / ((9 + 1) / 2))
    assert np.isnan(roughness(np.zeros((2, 1, 4, 4))))
    assert np.isnan(roughness(np.ones((2, 1, 1, 1))))


# ---- The survey ----


def test_dead_units_after_a_relu_are_found() -> None:
    """A unit that is never above 0 is dead; one that is, on a single image or always, is not."""
    shown = np.zeros((1_000, 1, 2, 2), np.uint8)
    shown[:500, 0, 0, 0], shown[-1, 0, 1, 1] = 255, 255
    weight = [[1, 0, 0, 0], [0, 0, 0, 1], [-1, -1, -1, -1], [0, 0, 0, 0], [0, 0, 0, 0]]
    told: list[float] = []
    hidden = inspection.survey(
        handmade(nn.ReLU(), weight, [0, 0, 0, -1, 2]),
        shown,
        notify=lambda words, fraction: told.append(fraction),
    )[0]

    assert hidden.dead.tolist() == [False, False, True, True, False]
    np.testing.assert_allclose(hidden.active, [0.5, 0.001, 0, 0, 1])
    np.testing.assert_allclose(hidden.means, [0.5, 0.001, 0, 0, 2])
    np.testing.assert_allclose(hidden.variances, [0.25, 0.001 * 0.999, 0, 0, 0], atol=1e-12)
    assert told == [0.5, 1.0]


def test_dead_units_are_counted_by_layer() -> None:
    """Each layer but the output has its count; a network in training is left in training."""
    network = handmade(nn.ReLU(), [[1, 0, 0, 0], [-1, -1, -1, -1], [0, 0, 0, 0]], [0, 0, 0])

    assert inspection.dead_units(network.train(), images(50)) == {"Encoder 1": 2, "Bottleneck": 1}
    assert network.training


def test_dead_units_after_a_sigmoid_do_not_move() -> None:
    """After a sigmoid every unit is above 0: dead is the one that gives the same to every image."""
    hidden = inspection.survey(
        handmade(nn.Sigmoid(), [[1, 0, 0, 0], [0, 0, 0, 0]], [0, 3]), images(1_200)
    )[0]

    assert hidden.dead.tolist() == [False, True]
    assert hidden.active.tolist() == [1, 1]
    assert hidden.means[1] == pytest.approx(1 / (1 + np.exp(-3)))


def test_sparsity_is_that_of_the_activations() -> None:
    """One of four units active on every image: three quarters near zero, Hoyer's measure 1; all
    alike: none, and 0.
    """
    shown = np.full((600, 1, 2, 2), 255, np.uint8)
    sparse = inspection.survey(handmade(nn.ReLU(), np.zeros((4, 4)), [2, 0, 0, -1]), shown)[0]
    even = inspection.survey(handmade(nn.ReLU(), np.zeros((4, 4)), [2, 2, 2, 2]), shown)[0]
    small = inspection.survey(handmade(nn.ReLU(), np.zeros((4, 4)), [2, 2, 0.03, 0.01]), shown)[0]

    assert (sparse.near_zero, sparse.hoyer) == (0.75, pytest.approx(1))
    assert (even.near_zero, even.hoyer) == (0, pytest.approx(0))
    assert small.near_zero == 0.25  # below a hundredth of the root mean square, sqrt(8 / 4)


def test_sparsity_of_the_living_leaves_dead_units_out() -> None:
    """Half the activations of a layer are near zero, all of them those of its dead units: among the
    living none is.
    """
    shown = np.full((600, 1, 2, 2), 255, np.uint8)
    layer = inspection.survey(handmade(nn.ReLU(), np.zeros((4, 4)), [2, 2, 0, -1]), shown)[0]
    dead = inspection.survey(handmade(nn.ReLU(), np.zeros((4, 4)), [0, 0, 0, -1]), shown)[0]

    assert (layer.near_zero, layer.near_zero_living) == (0.5, 0.0)
    assert np.isnan(dead.near_zero_living)


def test_hoyers_measure() -> None:
    """By hand: (sqrt 4 - 7/5) / (sqrt 4 - 1) of (3, 4, 0, 0); undefined for nothing but zeros, and
    for a single number.
    """
    found = inspection.hoyer(torch.tensor([[3.0, -4.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]))

    assert found[0] == pytest.approx(0.6)
    assert torch.isnan(found[1])
    assert torch.isnan(inspection.hoyer(torch.ones(2, 1))).all()


def test_a_channel_is_dead_if_no_place_of_it_depends_on_the_image() -> None:
    """A channel with a pattern of its own, the same for every image, is dead; statistics are
    NumPy's over many batches.
    """
    config = RunConfig(dataset="digits", channels=(3,), hidden=(), batch_norm=False)
    network, shown = build(config).eval(), images(1_100, config.shape)
    with torch.no_grad():
        network.encoder[0].weight[1].zero_()
    found = inspection.survey(network, shown)
    values = inspection.activations(network, shown, found[0].stage).astype(np.float64)

    assert found[0].dead.tolist() == [False, True, False]
    np.testing.assert_allclose(found[0].means, values.mean(axis=(0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(
        found[0].variances, values.var(axis=0).mean(axis=(1, 2)), rtol=1e-4, atol=1e-12
    )
    assert [each.stage.name for each in found] == ["Encoder 1", "Bottleneck", "Decoder 1"]


# ---- Switching off ----


def test_a_unit_that_is_off_changes_only_what_depends_on_it() -> None:
    """Without the code's first number the two pixels made from it are 0; the two others stay as
    they were.
    """
    network, shown = handmade(nn.ReLU(), np.eye(4), [0] * 4), images(600)
    latent = inspection.stages(network, SHAPE)[1]
    whole, without = (
        inspection.reconstruct(network, shown),
        inspection.reconstruct(network, shown, Switch(latent, 0)),
    )

    assert (without[:, 0, 0] == 0).all()
    np.testing.assert_array_equal(without[:, 0, 1], whole[:, 0, 1])
    np.testing.assert_array_equal(inspection.reconstruct(network, shown), whole)


def test_nothing_stays_switched_off() -> None:
    """Weights, hooks and what others get from the same network at the same time are untouched."""
    config = RunConfig(dataset="digits", channels=(4,), hidden=(8,))
    network, shown = build(config).eval(), images(50, config.shape)
    stage = inspection.stages(network, config.shape)[0]
    weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    whole, seen = inspection.reconstruct(network, shown), []
    others = threading.Thread(
        target=lambda: seen.extend(inspection.reconstruct(network, shown) for _ in range(20))
    )
    others.start()
    for unit in range(20):
        assert not np.array_equal(
            inspection.reconstruct(network, shown, Switch(stage, unit % 4)), whole
        )
    others.join()

    assert len(seen) == 20
    assert all(np.array_equal(each, whole) for each in seen)
    assert all(torch.equal(tensor, weights[name]) for name, tensor in network.state_dict().items())
    assert not any(
        module._forward_hooks or module._forward_pre_hooks for module in network.modules()
    )


def test_the_cost_of_each_unit_is_the_error_without_it() -> None:
    """All costs at once are those measured one by one, with a value for each place; a dead unit
    costs nothing.
    """
    config = RunConfig(
        dataset="digits", channels=(4,), hidden=(8,), batch_norm=False, activation="relu"
    )
    network, shown = build(config).eval(), images(700, config.shape)
    with torch.no_grad():
        network.encoder[0].weight[2].zero_()
        network.encoder[0].bias[2] = -1
    stage = inspection.stages(network, config.shape)[0]
    means = inspection.activations(network, shown, stage).mean(axis=0)
    told: list[float] = []
    costs = inspection.costs(
        network, shown, stage, means, notify=lambda words, fraction: told.append(fraction)
    )

    each = [
        inspection.error(network, shown, shown, Switch(stage, unit, means[unit]))
        for unit in range(4)
    ]
    np.testing.assert_allclose(costs, each, rtol=1e-6)
    assert costs[2] == pytest.approx(inspection.error(network, shown, shown), rel=1e-9)
    assert told == [0.25, 0.5, 0.75, 1]


def test_a_unit_that_is_not_there_is_refused() -> None:
    """The refusal names the units that there are."""
    network = handmade(nn.ReLU(), np.eye(4), [0] * 4)
    with pytest.raises(ValueError, match="Bottleneck has units 0 to 1; got 2"):
        inspection.reconstruct(network, images(1), Switch(inspection.stages(network, SHAPE)[1], 2))


def test_bytes_and_shares_are_the_same_images() -> None:
    """Pixels from 0 to 255 and from 0 to 1 give the same reconstructions and errors."""
    network, shown = handmade(nn.ReLU(), np.eye(4), [0] * 4), images(5)
    unit = shown.astype(np.float32) / 255

    np.testing.assert_array_equal(
        inspection.reconstruct(network, shown), inspection.reconstruct(network, unit)
    )
    assert inspection.error(network, shown, shown) == pytest.approx(
        inspection.error(network, unit, unit), rel=1e-6
    )
