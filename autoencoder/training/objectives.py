"""Objectives: what a training minimises.

Each takes a network and clean images x (B, C, H, W) in [0, 1] and returns its losses, each a
scalar: "reconstruction" by the config's loss, "mse" per pixel, the parts that its spec in
config/objectives.py names, such as "kl" in nats per image, and "total", which the gradient follows.
All have one form, so that they differ only where their ideas differ. One whose spec says
`has_neighbours` gets 2B images: the second half is similar to the first. Randomness comes from
torch's own generator; seed that to repeat it.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.corruption import corrupt, warped
from autoencoder.networks.modules import Autoencoder, kl_to_prior
from autoencoder.training.losses import LOSSES, mse

CURVE_A, CURVE_B = 1.577, 0.895  # UMAP's similarity, 1 / (1 + a d^2b), for min_dist 0.1
REPULSION = 5.0  # weight of what repels, as umap-learn's negative_sample_rate
CLOSEST = 1e-4  # added to squared distances, whose logarithm has no bound

Losses = dict[str, Tensor]
Objective = Callable[[Autoencoder, Tensor, RunConfig, float], Losses]


def plain(network: Autoencoder, x: Tensor, config: RunConfig, epoch: float) -> Losses:
    """Sees x, must return x."""
    parts = distance(network, network.encode(x), x, config)
    return {"total": parts["reconstruction"], **parts}


def denoising(network: Autoencoder, x: Tensor, config: RunConfig, epoch: float) -> Losses:
    """Sees a corrupted x, must return the clean one."""
    corrupted = corrupt(x, config.noise, config.noise_level)
    parts = distance(network, network.encode(corrupted), x, config)
    return {"total": parts["reconstruction"], **parts}


def variational(network: Autoencoder, x: Tensor, config: RunConfig, epoch: float) -> Losses:
    """Sees x, draws z from the posterior, must return x while the posterior stays near N(0, I).

    Everything is divided by the number of pixels: the negative ELBO per pixel, if beta is 1 and the
    loss is bce.
    """
    mu, log_var = network.posterior(x)
    mu, log_var = mu.float(), log_var.float()
    z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)  # reparameterisation trick
    kl = kl_to_prior(mu, log_var).sum(dim=1).mean()
    parts = distance(network, z, x, config)
    total = parts["reconstruction"] + kl_weight(config, epoch) * kl / x[0].numel()
    return {"total": total, **parts, "kl": kl}


def neighbours(network: Autoencoder, x: Tensor, config: RunConfig, epoch: float) -> Losses:
    """Sees images and one neighbour of each, warped; must return the images, and keep the latents
    of neighbours near and those of others apart.
    """
    images, similar = x.chunk(2)
    z = network.encode(torch.cat([images, warped(similar, config.neighbour_warp)]))
    own, near = z.chunk(2)
    parts = distance(network, own, images, config)
    loss = neighbour_loss(own.float(), near.float())
    weight = neighbour_weight(config, epoch)
    total = parts["reconstruction"] + weight * loss / images[0].numel()
    return {"total": total, **parts, "neighbours": loss}


OBJECTIVES: dict[str, Objective] = {
    "plain": plain,
    "denoising": denoising,
    "variational": variational,
    "neighbours": neighbours,
}


def distance(network: Autoencoder, z: Tensor, x: Tensor, config: RunConfig) -> Losses:
    """Between the images x and what z decodes to, mean over all pixels, in float32: by the config's
    loss, and squared.
    """
    logits = network.decoder(z).float()
    x_hat = network.output(logits)
    loss = LOSSES[config.loss]
    reconstruction = loss(logits, x_hat, x)
    with torch.no_grad():
        squared = reconstruction.detach() if loss is mse else mse(logits, x_hat, x)
    return {"reconstruction": reconstruction, "mse": squared}


def neighbour_loss(z: Tensor, near: Tensor) -> Tensor:
    """UMAP's cross-entropy for latents z (B, D) and one of a neighbour of each (B, D), in nats per
    image: neighbours attract each other, all pairs of a batch repel each other.

    McInnes, Healy & Melville 2018, section 3.2, as Sainburg, McInnes & Gentner 2021 train a network
    with it.
    """
    attraction = torch.log1p(CURVE_A * ((z - near).square().sum(dim=1) + CLOSEST) ** CURVE_B)
    if len(z) < 2:
        return attraction.mean()
    apart = ~torch.eye(len(z), dtype=torch.bool, device=z.device)
    squared = torch.cdist(z, z)[apart].square() + CLOSEST
    repulsion = torch.log1p(1 / (CURVE_A * squared**CURVE_B))
    return attraction.mean() + REPULSION * repulsion.mean()


def kl_weight(config: RunConfig, epoch: float) -> float:
    """Beta after `epoch` epochs (a fraction counts): grows linearly over kl_warmup epochs, then
    stays.
    """
    return config.beta * min(1.0, epoch / config.kl_warmup) if config.kl_warmup else config.beta


def neighbour_weight(config: RunConfig, epoch: float) -> float:
    """The weight after `epoch` epochs (a fraction counts): constant in the first half of the
    training, then falling in a straight line by the share neighbour_decay.
    """
    second_half = max(0.0, 2 * epoch / config.epochs - 1)
    return config.neighbour_weight * (1 - config.neighbour_decay * second_half)
