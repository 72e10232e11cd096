"""The autoencoders as torch modules: an encoder, a decoder, and nothing of how they are trained.

Shapes: B = batch, C = channels, H, W = height and width, P = C * H * W, D = latent_dim. Pixels lie
in [0, 1]. Encoder and decoder are plain sequences of layers, so that they can be drawn, counted and
sent to the browser.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.networks.blueprint import (
    KERNEL,
    LEAK,
    MAX_PARAMETERS,
    NORM_EPSILON,
    PADDING,
    STRIDE,
    Layer,
    draw,
)

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "leaky_relu": lambda: nn.LeakyReLU(LEAK),
    "silu": nn.SiLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
}


class Flatten(nn.Flatten):
    """(B, C, H, W) -> (B, P), whose gradient comes back in the layout in memory that the images
    have.

    Else the layers before would compute on two layouts at once, which costs a fifth of a training
    step on a CPU.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Flatten, and see to the gradient."""
        if x.requires_grad and x.is_contiguous(memory_format=torch.channels_last):
            x.register_hook(lambda gradient: gradient.contiguous(memory_format=torch.channels_last))
        return super().forward(x)


class Autoencoder(nn.Module):
    """Images to latents and back.

    Attributes:
        encoder: (B, C, H, W) -> (B, D); (B, 2D) if variational, mu first and log_var after it.
        decoder: (B, D) -> (B, C, H, W), before the output activation: logits, where that is a
            sigmoid.
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, config: RunConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = ACTIVATIONS[config.latent_activation]()
        self.output = ACTIVATIONS[config.output_activation]()
        self.is_variational = config.is_variational

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, C, H, W) -> mu and log_var of q(z | x), (B, D) each.

        Only for a variational network.
        """
        mu, log_var = self.encoder(x).chunk(2, dim=1)
        return mu, log_var

    def encode(self, x: Tensor) -> Tensor:
        """Images (B, C, H, W) -> latents (B, D); the posterior's mean, if variational."""
        return self.posterior(x)[0] if self.is_variational else self.latent(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """Latents (B, D) -> images (B, C, H, W); in [0, 1] if the output activation is a
        sigmoid.
        """
        return self.output(self.decoder(z))

    def forward(self, x: Tensor) -> Tensor:
        """Reconstruct images (B, C, H, W), without noise."""
        return self.decode(self.encode(x))


LAYERS: dict[str, Callable[[Layer], nn.Module]] = {
    "flatten": lambda layer: Flatten(),
    "unflatten": lambda layer: nn.Unflatten(1, layer.out_shape),
    "linear": lambda layer: nn.Linear(layer.in_shape[0], layer.out_shape[0]),
    "conv": lambda layer: nn.Conv2d(
        layer.in_shape[0], layer.out_shape[0], KERNEL, stride=STRIDE, padding=PADDING
    ),
    "conv_transpose": lambda layer: nn.ConvTranspose2d(
        layer.in_shape[0],
        layer.out_shape[0],
        KERNEL,
        stride=STRIDE,
        padding=PADDING,
        output_padding=layer.padding,
    ),
    "batch_norm": lambda layer: (nn.BatchNorm2d if len(layer.out_shape) == 3 else nn.BatchNorm1d)(
        layer.out_shape[0], eps=NORM_EPSILON
    ),
}


def build(config: RunConfig, shape: ImageShape | None = None) -> Autoencoder:
    """The network of `config`, untrained, the same each time: its seed draws the weights. `shape`
    defaults to the data set's.

    Raises:
        ConfigError: It would have more than MAX_PARAMETERS parameters. Nothing is allocated in that
        case.
    """
    blueprint = draw(config, shape)
    if blueprint.parameters > MAX_PARAMETERS:
        raise ConfigError(
            f"the network may have at most {MAX_PARAMETERS:,} parameters; this one would have"
            f" {blueprint.parameters:,}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Autoencoder(
            _sequence(blueprint.encoder, config), _sequence(blueprint.decoder, config), config
        )


def _sequence(layers: Sequence[Layer], config: RunConfig) -> nn.Sequential:
    """The layers; a bias that the batch norm after it takes out again is left as it is, since its
    gradient costs time.
    """
    made: list[nn.Module] = []
    for layer in layers:
        if layer.kind == "dropout":
            made.append(nn.Dropout(config.dropout))
        else:
            made.append(
                ACTIVATIONS[layer.kind]()
                if layer.kind in ACTIVATIONS
                else LAYERS[layer.kind](layer)
            )
        if layer.kind == "batch_norm" and isinstance(bias := made[-2].bias, nn.Parameter):
            bias.requires_grad_(False)
    return nn.Sequential(*made)
