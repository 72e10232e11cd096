"""The autoencoders: an encoder, a decoder, and nothing of how they are trained.

Shapes: B = batch, C = channels, H, W = height and width, P = C * H * W, D = latent_dim. Pixels lie in [0, 1].
Encoder and decoder are plain sequences of layers, so that they can be drawn, counted and sent to the browser.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from autoencoder.catalogue import ImageShape
from autoencoder.config import RunConfig
from autoencoder.errors import ConfigError

MAX_PARAMETERS = 100_000_000
LEAK = 0.2  # slope of LeakyReLU below zero

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(LEAK),
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


class Autoencoder(nn.Module):
    """Images to latents and back.

    Attributes:
        encoder: (B, C, H, W) -> (B, D); (B, 2D) if variational, mu first and log_var after it.
        decoder: (B, D) -> (B, C, H, W), before the output activation: logits, where that is a sigmoid.
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, config: RunConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = ACTIVATIONS[config.latent_activation]()
        self.output = ACTIVATIONS[config.output_activation]()
        self.is_variational = config.is_variational

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, C, H, W) -> mu and log_var of q(z | x), (B, D) each. Only for a variational network."""
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        return mu, log_var

    def encode(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) -> latents (B, D); the posterior's mean, if variational."""
        return self.posterior(x)[0] if self.is_variational else self.latent(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Latents (B, D) -> images (B, C, H, W); in [0, 1] if the output activation is a sigmoid."""
        return self.output(self.decoder(z))

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct images (B, C, H, W), without noise."""
        return self.decode(self.encode(x))


def linear(config: RunConfig, shape: ImageShape) -> Autoencoder:
    """One matrix down, one up."""
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(shape.pixels, _code_size(config)))
    decoder = nn.Sequential(nn.Linear(config.latent_dim, shape.pixels), nn.Unflatten(1, tuple(shape)))
    return Autoencoder(encoder, decoder, config)


def mlp(config: RunConfig, shape: ImageShape) -> Autoencoder:
    """Dense layers, narrowing to the bottleneck and widening the same way."""
    down = [shape.pixels, *config.hidden]
    up = [config.latent_dim, *reversed(config.hidden)]
    encoder = nn.Sequential(nn.Flatten(), *_dense(down, config), nn.Linear(down[-1], _code_size(config)))
    decoder = nn.Sequential(*_dense(up, config), nn.Linear(up[-1], shape.pixels), nn.Unflatten(1, tuple(shape)))
    return Autoencoder(encoder, decoder, config)


def conv(config: RunConfig, shape: ImageShape) -> Autoencoder:
    """Halving convolutions, dense layers, the bottleneck, and the same backwards."""
    planes = [shape.channels, *config.channels]
    sizes = [(shape.height >> depth, shape.width >> depth) for depth in range(len(planes))]  # what k4 s2 p1 makes of them
    folded = (planes[-1], *sizes[-1])
    down = [prod(folded), *config.hidden]
    up = [config.latent_dim, *reversed(config.hidden)]

    encoder: list[nn.Module] = []
    for before, after in pairwise(planes):
        encoder += [nn.Conv2d(before, after, 4, stride=2, padding=1), *_finish(after, config, nn.BatchNorm2d)]
    encoder += [nn.Flatten(), *_dense(down, config, nn.BatchNorm1d), nn.Linear(down[-1], _code_size(config))]

    decoder: list[nn.Module] = [*_dense(up, config, nn.BatchNorm1d), nn.Linear(up[-1], prod(folded))]
    decoder += [ACTIVATIONS[config.activation](), nn.Unflatten(1, folded)]
    for depth in range(len(planes) - 1, 0, -1):
        (height, width), (half_height, half_width) = sizes[depth - 1], sizes[depth]
        odd = (height - 2 * half_height, width - 2 * half_width)  # the row and column that halving an odd size lost
        decoder += [nn.ConvTranspose2d(planes[depth], planes[depth - 1], 4, stride=2, padding=1, output_padding=odd)]
        decoder += _finish(planes[depth - 1], config, nn.BatchNorm2d) if depth > 1 else []
    return Autoencoder(nn.Sequential(*encoder), nn.Sequential(*decoder), config)


NETWORKS: dict[str, Callable[[RunConfig, ImageShape], Autoencoder]] = {
    "linear": linear,  # PCA's space, if trained to the end without activations
    "mlp": mlp,
    "conv": conv,
}


def build(config: RunConfig, shape: ImageShape | None = None) -> Autoencoder:
    """The network of `config`, untrained, the same each time: its seed draws the weights. `shape` defaults to the data set's.

    Raises:
        ConfigError: It would have more than MAX_PARAMETERS parameters. Nothing is allocated in that case.
    """
    shape = shape or config.shape
    if (count := count_parameters(config, shape)) > MAX_PARAMETERS:
        raise ConfigError(f"the network may have at most {MAX_PARAMETERS:,} parameters; this one would have {count:,}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return NETWORKS[config.network](config, shape)


def count_parameters(config: RunConfig, shape: ImageShape | None = None) -> int:
    """Numbers learned, counted without allocating any."""
    with torch.device("meta"):
        network = NETWORKS[config.network](config, shape or config.shape)
    return sum(parameter.numel() for parameter in network.parameters())


def _code_size(config: RunConfig) -> int:
    return config.latent_dim * (2 if config.is_variational else 1)


def _dense(widths: Sequence[int], config: RunConfig, norm: Callable[[int], nn.Module] | None = None) -> list[nn.Module]:
    """Linear, normalisation, activation and dropout from each width to the next."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), *_finish(after, config, norm)]
        layers += [nn.Dropout(config.dropout)] if config.dropout else []
    return layers


def _finish(width: int, config: RunConfig, norm: Callable[[int], nn.Module] | None) -> list[nn.Module]:
    activation = ACTIVATIONS[config.activation]()
    return [norm(width), activation] if norm and config.batch_norm else [activation]
