"""The autoencoders as torch modules: an encoder, a decoder, and nothing of how they are trained.

Shapes: B = batch, C = channels, H, W = height and width, P = C * H * W, D = latent_dim. Pixels lie
in [0, 1]. Encoder and decoder are built from a blueprint, so that they can be drawn, counted and
sent to the browser.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.networks.blueprint import (
    LEAK,
    MAX_PARAMETERS,
    NORM_EPSILON,
    Layer,
    blueprint_of,
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


class Residual(nn.Module):
    """The sum of what several branches make of one input; an empty branch is the input itself."""

    def __init__(self, branches: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """(B, ...) -> (B, ...), of another shape if the branches change it."""
        first, *others = (branch(x) for branch in self.branches)
        return sum(others, start=first)


class Autoencoder(nn.Module):
    """Images to latents and back.

    Attributes:
        encoder: (B, C, H, W) -> (B, D); (B, 2D) if variational, mu first and log_var after it.
        decoder: (B, D) -> (B, C, H, W), before the output activation: logits, where that is a
            sigmoid.
        pixels: Numbers in one image, channels included.
    """

    def __init__(self, encoder: nn.Sequential, decoder: nn.Sequential, config: RunConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = ACTIVATIONS[config.latent_activation]()
        self.output = ACTIVATIONS[config.output_activation]()
        self.is_variational = config.is_variational
        self.pixels = config.shape.pixels

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


def kl_to_prior(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mu, exp(log_var)) || N(0, 1)) in nats, number by number: (B, D), as mu and log_var are.

    Closed form: Kingma & Welling 2014, appendix B.
    """
    return -0.5 * (1 + log_var - mu.square() - log_var.exp())


def _batch_norm(layer: Layer) -> nn.Module:
    norm = nn.BatchNorm2d if len(layer.out_shape) == 3 else nn.BatchNorm1d
    return norm(layer.out_shape[0], eps=NORM_EPSILON)


def _conv(layer: Layer) -> nn.Module:
    channels = layer.in_shape[0], layer.out_shape[0]
    return nn.Conv2d(*channels, layer.kernel, stride=layer.stride, padding=layer.padding)


def _conv_transpose(layer: Layer) -> nn.Module:
    return nn.ConvTranspose2d(
        layer.in_shape[0],
        layer.out_shape[0],
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        output_padding=layer.output_padding,
    )


LAYERS: dict[str, Callable[[Layer], nn.Module]] = {
    "flatten": lambda layer: Flatten(),
    "unflatten": lambda layer: nn.Unflatten(1, layer.out_shape),
    "linear": lambda layer: nn.Linear(layer.in_shape[0], layer.out_shape[0]),
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "batch_norm": _batch_norm,
    "dropout": lambda layer: nn.Dropout(layer.rate),
    "residual": lambda layer: Residual([_sequence(branch) for branch in layer.branches]),
}

KINDS: dict[type[nn.Module], str] = {  # the way back: what kind of layer a module is
    nn.Flatten: "flatten",
    Flatten: "flatten",
    nn.Unflatten: "unflatten",
    nn.Linear: "linear",
    nn.Conv2d: "conv",
    nn.ConvTranspose2d: "conv_transpose",
    nn.BatchNorm1d: "batch_norm",
    nn.BatchNorm2d: "batch_norm",
    nn.SyncBatchNorm: "batch_norm",  # of a training on several GPUs
    nn.Dropout: "dropout",
    Residual: "residual",
    **{type(activation()): name for name, activation in ACTIVATIONS.items()},
}


def build(config: RunConfig, shape: ImageShape | None = None) -> Autoencoder:
    """The network of `config`, untrained, the same each time: its seed draws the weights. `shape`
    defaults to the data set's.

    Raises:
        ConfigError: It would have more than MAX_PARAMETERS parameters. Nothing is allocated in that
        case.
    """
    blueprint = blueprint_of(config, shape)
    if blueprint.parameters > MAX_PARAMETERS:
        raise ConfigError(
            f"the network may have at most {MAX_PARAMETERS:,} parameters; this one would have"
            f" {blueprint.parameters:,}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Autoencoder(_sequence(blueprint.encoder), _sequence(blueprint.decoder), config)


def _sequence(layers: Sequence[Layer]) -> nn.Sequential:
    """The layers; a bias that the batch norm after it takes out again is left as it is, since its
    gradient costs time.
    """
    modules = [_module(layer) for layer in layers]
    for module, following in pairwise(modules):
        bias = getattr(module, "bias", None)
        if isinstance(following, nn.BatchNorm1d | nn.BatchNorm2d) and bias is not None:
            bias.requires_grad_(False)
    return nn.Sequential(*modules)


def _module(layer: Layer) -> nn.Module:
    return ACTIVATIONS[layer.kind]() if layer.kind in ACTIVATIONS else LAYERS[layer.kind](layer)
