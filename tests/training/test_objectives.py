"""What is minimised, against values computed by hand or by torch.distributions."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Normal, kl_divergence

from autoencoder.config.objectives import OBJECTIVES as SPECS
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.corruption import corrupt
from autoencoder.networks.modules import Autoencoder, build
from autoencoder.training.objectives import (
    OBJECTIVES,
    denoising,
    kl_weight,
    neighbour_loss,
    neighbour_weight,
    neighbours,
    plain,
    variational,
)

X = torch.tensor([[[[0.0, 0.25], [0.5, 1.0]]], [[[1.0, 1.0], [0.0, 0.75]]]])  # (2, 1, 2, 2)
GREY = torch.full((50, 1, 40, 40), 0.5)


class Fixed(nn.Module):
    """Answers whatever it is asked with the same tensor, and remembers the question."""

    def __init__(self, answer: Tensor) -> None:
        super().__init__()
        self.answer = answer
        self.asked: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Any x -> the answer."""
        self.asked = x
        return self.answer


def answering(encoded: Tensor, decoded: Tensor, config: RunConfig) -> Autoencoder:
    """A network with a known encoder and decoder."""
    return Autoencoder(nn.Sequential(Fixed(encoded)), nn.Sequential(Fixed(decoded)), config)


def copying(config: RunConfig) -> Autoencoder:
    """A network that returns the image it sees."""
    return Autoencoder(
        nn.Sequential(nn.Flatten()), nn.Sequential(nn.Unflatten(1, (1, 2, 2))), config
    )


def config_of(**options: Any) -> RunConfig:
    """A config; pixels are left as the decoder gives them, unless the loss needs a sigmoid."""
    output = {} if options.get("loss", "bce") == "bce" else {"output_activation": "none"}
    return RunConfig(**{"dataset": "digits", **output, **options})


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("mse", (0.01 + 0.0 + 0.25 + 4.0 + 1.0 + 0.0 + 0.0 + 0.0625) / 8),
        ("l1", (0.1 + 0.0 + 0.5 + 2.0 + 1.0 + 0.0 + 0.0 + 0.25) / 8),
    ],
)
def test_distances_by_hand(loss: str, expected: float) -> None:
    """Squared and absolute differences are means over all pixels."""
    config = config_of(loss=loss)
    made = torch.tensor([[[[0.1, 0.25], [1.0, -1.0]]], [[[0.0, 1.0], [0.0, 0.5]]]])
    losses = plain(answering(torch.zeros(2, 2), made, config), X, config, 0.0)

    assert losses["reconstruction"].item() == pytest.approx(expected)
    assert losses["total"].item() == losses["reconstruction"].item()


def test_cross_entropy_by_hand() -> None:
    """bce is -x log s - (1 - x) log(1 - s), mean over pixels, of the sigmoid s of the decoder's
    logits.
    """
    config = config_of(loss="bce")
    logits = torch.linspace(-3, 3, 8).reshape(2, 1, 2, 2)
    s = [1 / (1 + math.exp(-logit)) for logit in logits.flatten().tolist()]
    expected = (
        sum(
            -x * math.log(p) - (1 - x) * math.log(1 - p)
            for x, p in zip(X.flatten().tolist(), s, strict=True)
        )
        / 8
    )
    squared = sum((x - p) ** 2 for x, p in zip(X.flatten().tolist(), s, strict=True)) / 8

    losses = plain(answering(torch.zeros(2, 2), logits, config), X, config, 0.0)

    assert losses["reconstruction"].item() == pytest.approx(expected, rel=1e-5)
    assert losses["mse"].item() == pytest.approx(squared, rel=1e-5)


def test_cross_entropy_is_finite_for_any_logit() -> None:
    """Where the sigmoid rounds to 0 or 1 its logarithm would be infinite; the loss grows linearly
    instead.
    """
    config = config_of(loss="bce")
    losses = plain(
        answering(torch.zeros(2, 2), torch.full((2, 1, 2, 2), 1_000.0), config),
        torch.zeros_like(X),
        config,
        0.0,
    )

    assert losses["reconstruction"].item() == pytest.approx(1_000.0)


@pytest.mark.parametrize("loss", ["mse", "bce", "l1"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_gives_scalars_and_a_gradient(objective: str, loss: str) -> None:
    """All losses are scalars, "mse" is there whatever the loss, and only the total and what it is
    made of have a gradient.
    """
    config = RunConfig(dataset="digits", network="mlp", hidden=(6,), objective=objective, loss=loss)
    losses = OBJECTIVES[objective](build(config), torch.rand(10, 1, 8, 8), config, 1.0)

    assert set(losses) == {"total", "reconstruction", "mse", *SPECS[objective].parts}
    assert all(value.shape == () and value.isfinite() for value in losses.values())
    assert losses["total"].requires_grad
    assert not losses["mse"].requires_grad


def test_denoising_sees_noise_and_is_compared_with_the_clean_image() -> None:
    """With every pixel masked a network that copies returns black: the loss is the clean image's
    mean square.
    """
    config = config_of(objective="denoising", noise="masking", noise_level=1.0, loss="mse")

    assert denoising(copying(config), X, config, 0.0)["total"].item() == pytest.approx(
        X.square().mean().item()
    )


def test_denoising_has_nothing_to_pay_for_a_network_that_answers_clean() -> None:
    """A decoder that gives the clean image has no loss, whatever noise the encoder saw."""
    config = config_of(objective="denoising", noise_level=1.0, loss="mse")
    network = answering(torch.zeros(2, 2), X, config)

    assert denoising(network, X, config, 0.0)["total"].item() == 0
    assert not torch.equal(network.encoder[0].asked, X)


def test_plain_sees_the_image_itself() -> None:
    """A network that copies has no loss."""
    config = config_of(loss="mse")

    assert plain(copying(config), X, config, 0.0)["total"].item() == 0


MU = torch.tensor([[0.0, 1.5, -2.0], [0.3, -0.1, 4.0]])
LOG_VAR = torch.tensor([[0.0, -3.0, 1.0], [2.0, 0.5, -8.0]])


def known_posterior(**options: Any) -> tuple[Autoencoder, RunConfig]:
    """A network whose posterior is N(MU, exp(LOG_VAR)) and whose pixels are all a half."""
    config = config_of(objective="variational", latent_dim=3, loss="mse", **options)
    return answering(torch.cat([MU, LOG_VAR], dim=1), torch.full_like(X, 0.5), config), config


def test_kl_is_that_of_torch_distributions() -> None:
    """The closed form, summed over dimensions and averaged over images, in nats."""
    network, config = known_posterior()
    expected = (
        kl_divergence(Normal(MU, torch.exp(0.5 * LOG_VAR)), Normal(0.0, 1.0)).sum(dim=1).mean()
    )

    assert variational(network, X, config, 1.0)["kl"].item() == pytest.approx(
        expected.item(), rel=1e-5
    )


def test_kl_is_zero_at_the_prior() -> None:
    """A posterior that is N(0, I) pays nothing."""
    config = config_of(objective="variational", loss="mse")
    network = answering(torch.zeros(2, 4), X, config)

    assert variational(network, X, config, 1.0)["kl"].item() == 0


@pytest.mark.parametrize(
    ("beta", "warm_up", "epoch"), [(1.0, 0, 0.0), (4.0, 0, 3.0), (4.0, 8, 2.0), (0.0, 0, 1.0)]
)
def test_the_total_weighs_kl_per_pixel(beta: float, warm_up: int, epoch: float) -> None:
    """Total = reconstruction + weight * KL / pixels: the negative ELBO per pixel where the weight
    is one.
    """
    network, config = known_posterior(beta=beta, kl_warmup=warm_up)
    losses = variational(network, X, config, epoch)
    weight = beta * (epoch / warm_up if warm_up else 1)

    assert losses["reconstruction"].item() == pytest.approx((X - 0.5).square().mean().item())
    assert losses["total"].item() == pytest.approx(
        (losses["reconstruction"] + weight * losses["kl"] / 4).item()
    )


def test_latents_are_drawn_from_the_posterior() -> None:
    """What is decoded has the posterior's mean and standard deviation, and differs from image to
    image.
    """
    config = config_of(objective="variational", latent_dim=3, loss="mse")
    many = 20_000
    x = torch.zeros(many, 1, 2, 2)
    network = answering(torch.cat([MU[0], LOG_VAR[0]]).expand(many, 6), torch.zeros_like(x), config)
    torch.manual_seed(0)
    variational(network, x, config, 1.0)
    z = network.decoder[0].asked

    assert torch.allclose(z.mean(dim=0), MU[0], atol=0.05)
    assert torch.allclose(z.std(dim=0), torch.exp(0.5 * LOG_VAR[0]), rtol=0.03)


@pytest.mark.parametrize(
    ("epoch", "weight"), [(0.0, 0.0), (0.5, 0.25), (2.0, 1.0), (4.0, 2.0), (9.0, 2.0)]
)
def test_kl_warms_up(epoch: float, weight: float) -> None:
    """Beta grows linearly from zero over kl_warmup epochs, fractions of an epoch included, then
    stays.
    """
    assert (
        kl_weight(
            RunConfig(dataset="digits", objective="variational", beta=2.0, kl_warmup=4), epoch
        )
        == weight
    )


def test_without_warm_up_beta_holds_from_the_start() -> None:
    """kl_warmup 0 means none."""
    assert kl_weight(RunConfig(dataset="digits", objective="variational", beta=2.0), 0.0) == 2.0


@pytest.mark.parametrize("level", [0.01, 0.3, 1.0])
@pytest.mark.parametrize("noise", ["gaussian", "masking", "salt_and_pepper", "warp"])
def test_corrupted_images_are_images(noise: str, level: float) -> None:
    """Same shape, pixels in [0, 1], and not the image that came in, which is left alone."""
    x = torch.rand(4, 3, 9, 7)
    before = x.clone()
    corrupted = corrupt(x, noise, level)

    assert corrupted.shape == x.shape
    assert 0 <= corrupted.min() <= corrupted.max() <= 1
    assert not torch.equal(corrupted, x)
    assert torch.equal(x, before)


def test_gaussian_noise_has_its_standard_deviation() -> None:
    """Around the pixel's value, with the level as standard deviation."""
    torch.manual_seed(0)
    noise = corrupt(GREY, "gaussian", 0.1) - GREY

    assert noise.mean().abs() < 0.002
    assert noise.std().item() == pytest.approx(0.1, rel=0.02)


def test_masking_hides_its_share() -> None:
    """A share of the pixels becomes 0, the others stay as they were."""
    torch.manual_seed(0)
    corrupted = corrupt(GREY, "masking", 0.3)

    assert (corrupted == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert ((corrupted == 0) | (corrupted == GREY)).all()


def test_salt_and_pepper_are_even() -> None:
    """Half of the share becomes 0, half becomes 1, the others stay as they were."""
    torch.manual_seed(0)
    corrupted = corrupt(GREY, "salt_and_pepper", 0.3)

    assert (corrupted == 0).float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert (corrupted == 1).float().mean().item() == pytest.approx(0.15, abs=0.01)
    assert ((corrupted == 0) | (corrupted == 1) | (corrupted == GREY)).all()


def test_a_warp_moves_each_image_by_itself_and_nothing_far() -> None:
    """A dot in the middle moves differently in each image, no further than a corner may, and at a
    tiny level not at all.
    """
    torch.manual_seed(0)
    dots = torch.zeros(200, 1, 21, 21)
    dots[:, :, 10, 10] = 1
    corrupted = corrupt(dots, "warp", 0.6)

    places = corrupted.flatten(1).argmax(dim=1)
    moved = torch.stack([places // 21 - 10, places % 21 - 10]).abs()
    assert len(places.unique()) > 10
    assert moved.max() <= 0.6 * 10.5
    assert torch.allclose(corrupt(dots, "warp", 1e-6), dots, atol=1e-4)


def test_a_warp_brings_nothing_in_from_outside() -> None:
    """What comes in at the border is what the border is made of: an even ground stays even."""
    assert torch.allclose(corrupt(GREY, "warp", 1.0), GREY)


@pytest.mark.parametrize("noise", ["gaussian", "masking", "salt_and_pepper", "warp"])
def test_noise_is_repeated_by_seeding_torch(noise: str) -> None:
    """The same state of torch's generator gives the same noise, another one other noise."""
    torch.manual_seed(3)
    one, other = corrupt(GREY, noise, 0.3), corrupt(GREY, noise, 0.3)
    torch.manual_seed(3)

    assert torch.equal(corrupt(GREY, noise, 0.3), one)
    assert not torch.equal(one, other)


# ---- Neighbours ----


def similarity(distance: float) -> float:
    """UMAP's, of two points at a distance."""
    return 1 / (1 + 1.577 * distance ** (2 * 0.895))


def test_the_neighbour_loss_by_hand() -> None:
    """Cross-entropy of UMAP's similarity: -log q of each image and its neighbour, and five times
    the mean of -log(1 - q) over all pairs of images.
    """
    z, near = torch.tensor([[0.0, 0.0], [3.0, 4.0]]), torch.tensor([[1.0, 0.0], [3.0, 2.0]])
    attraction = -(math.log(similarity(1)) + math.log(similarity(2))) / 2
    repulsion = -math.log(1 - similarity(5))

    loss = neighbour_loss(z, near).item()
    assert loss == pytest.approx(attraction + 5 * repulsion, rel=1e-3)


def test_the_neighbour_loss_has_a_gradient_where_latents_meet() -> None:
    """Latents that are one point, or far apart, give finite gradients."""
    for z in (torch.zeros(4, 2), 1e4 * torch.randn(4, 2)):
        z.requires_grad_()
        neighbour_loss(z, z.detach() + 0).backward()
        assert z.grad is not None and z.grad.isfinite().all()


@pytest.mark.parametrize(("epoch", "weight"), [(0.0, 20.0), (5.0, 20.0), (7.5, 12.5), (10.0, 5.0)])
def test_the_weight_of_neighbours_decays(epoch: float, weight: float) -> None:
    """It stays for half of the training and then falls in a straight line by its share, and the
    loss follows it.
    """
    options = {"neighbour_weight": 20.0, "neighbour_decay": 0.75, "neighbour_warp": 0.0}
    config = config_of(objective="neighbours", epochs=10, loss="mse", **options)
    x = torch.cat([X, X + 1])
    losses = neighbours(copying(config), x, config, epoch)

    assert neighbour_weight(config, epoch) == weight
    expected = weight * losses["neighbours"].item() / X[0].numel()
    assert losses["total"].item() == pytest.approx(expected, rel=1e-4)


def test_neighbours_reconstructs_the_first_half() -> None:
    """Of the images that it is given, the second half is encoded only; the total adds the neighbour
    loss, weighted, for each pixel.
    """
    config = config_of(objective="neighbours", neighbour_warp=0.0, neighbour_weight=8.0, loss="mse")
    x = torch.cat([X, X + 1])
    losses = neighbours(copying(config), x, config, 0.0)
    expected = neighbour_loss(X.flatten(1), (X + 1).clamp(0, 1).flatten(1)).item()

    assert losses["mse"].item() == pytest.approx(0)
    assert losses["neighbours"].item() == pytest.approx(expected, rel=1e-4)
    assert losses["total"].item() == pytest.approx(8 * expected / 4, rel=1e-4)
