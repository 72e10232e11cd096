"""What is minimised. Three functions of one shape, so that the visible difference is the
difference.

Each takes a network and clean images x (B, C, H, W) in [0, 1] and returns its losses, each a
scalar: "reconstruction" by the config's loss and "mse" per pixel, "kl" in nats per image
(variational only), and "total", which is what the gradient follows. Randomness comes from torch's
own generator; seed that to repeat it.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.corruption import corrupt
from autoencoder.networks.modules import Autoencoder

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
    # KL(q || N(0, I)), closed form: Kingma & Welling 2014, appendix B.
    kl = -0.5 * (1 + log_var - mu.square() - log_var.exp()).sum(dim=1).mean()
    parts = distance(network, z, x, config)
    total = parts["reconstruction"] + kl_weight(config, epoch) * kl / x[0].numel()
    return {"total": total, **parts, "kl": kl}


OBJECTIVES: dict[str, Objective] = {
    "plain": plain,
    "denoising": denoising,
    "variational": variational,
}


def distance(network: Autoencoder, z: Tensor, x: Tensor, config: RunConfig) -> Losses:
    """Between the images x and what z decodes to, mean over all pixels, in float32: by the config's
    loss, and squared.
    """
    decoded = network.decoder(z).float()
    x_hat = network.output(decoded)
    if config.loss == "mse":
        reconstruction = F.mse_loss(x_hat, x)
        return {"reconstruction": reconstruction, "mse": reconstruction.detach()}
    with torch.no_grad():
        mse = F.mse_loss(x_hat, x)
    if config.loss == "l1":
        return {"reconstruction": F.l1_loss(x_hat, x), "mse": mse}
    # From the logits: stable where the logarithm of a sigmoid is not.
    return {"reconstruction": F.binary_cross_entropy_with_logits(decoded, x), "mse": mse}


def kl_weight(config: RunConfig, epoch: float) -> float:
    """Beta after `epoch` epochs (a fraction counts): grows linearly over kl_warmup epochs, then
    stays.
    """
    return config.beta * min(1.0, epoch / config.kl_warmup) if config.kl_warmup else config.beta
