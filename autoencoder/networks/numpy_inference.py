"""A trained network at work in NumPy: what pages use, so that no visitor waits until torch is
imported. On one thread it is about as fast as torch.

It goes through the layers of a blueprint with the weights as a run keeps them. Images lie in memory
with their channels last, so that a convolution is a matrix product and what follows it broadcasts.
Shapes: N = images, H, W = height and width, C, O = channels in and out, K = kernel, D = latent_dim.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks.blueprint import (
    LEAK,
    NORM_EPSILON,
    Blueprint,
    Layer,
    blueprint_of,
    state_shapes,
)

BATCH = 128  # images at once, at most
PATCHES = 4_000_000  # numbers in the patches of a batch, at most: 16 MB
Weights = Mapping[str, np.ndarray]


class NumpyAutoencoder:
    """The trained network of `config` for images of `shape`, by default the data set's: the
    functions of inference.py as methods.

    Raises CorruptRunError if the weights are another network's.
    """

    def __init__(
        self, config: RunConfig, weights: Weights, shape: ImageShape | None = None
    ) -> None:
        self.config = config
        self.blueprint = blueprint_of(config, shape)
        self.weights = weights
        self._batch = max(1, min(BATCH, PATCHES // _patches(self.blueprint)))
        for name, size in state_shapes(self.blueprint).items():
            if name not in weights or weights[name].shape != size:
                raise CorruptRunError(
                    f"the weights are not those of this network: {name} should be {size}"
                )

    def encode(self, images: np.ndarray) -> np.ndarray:
        """Images (N, C, H, W) uint8 -> latents (N, D)."""
        return self._in_batches(lambda batch: self._encode(_to_unit(batch)), images)

    def decode(self, latents: np.ndarray) -> np.ndarray:
        """Latents (N, D) -> images (N, C, H, W); in [0, 1] if the output activation is a
        sigmoid.
        """
        return self._in_batches(self._decode, np.asarray(latents, dtype=np.float32))

    def kl_by_dimension(self, images: np.ndarray) -> np.ndarray:
        """Mean KL between posterior and prior in nats, for each dimension (D,).

        Images (N, C, H, W) uint8; variational only.
        """
        posterior = self._in_batches(lambda batch: self._encoder(_to_unit(batch)), images)
        mu, log_var = np.split(posterior, 2, axis=1)
        # Closed form: Kingma & Welling 2014, appendix B.
        kl = -0.5 * (1 + log_var - np.square(mu) - np.exp(log_var))
        return np.asarray(kl.mean(axis=0))

    def come_back(self, latents: np.ndarray) -> np.ndarray:
        """How far from itself each latent (N, D) lands when it is decoded and encoded again:
        Euclidean distances (N,).
        """
        latents = np.asarray(latents, dtype=np.float32)
        again = self._in_batches(lambda z: self._encode(self._decode(z).clip(0, 1)), latents)
        return np.asarray(np.linalg.norm(again - latents, axis=1))

    def _in_batches(
        self, function: Callable[[np.ndarray], np.ndarray], array: np.ndarray
    ) -> np.ndarray:
        size = self._batch
        starts = range(0, max(len(array), 1), size)  # no rows give a result without rows
        with np.errstate(over="ignore", invalid="ignore"):  # as torch does
            return np.concatenate([function(array[start : start + size]) for start in starts])

    def _encode(self, x: np.ndarray) -> np.ndarray:
        z = self._encoder(x)
        if self.config.is_variational:
            return z[:, : self.config.latent_dim]  # mu
        return ACTIVATIONS[self.config.latent_activation](z)

    def _encoder(self, x: np.ndarray) -> np.ndarray:
        """Images (N, C, H, W) in [0, 1] -> what the encoder's last layer gives."""
        return _through(self.blueprint.encoder, "encoder", self.weights, np.moveaxis(x, 1, -1))

    def _decode(self, z: np.ndarray) -> np.ndarray:
        images = _through(self.blueprint.decoder, "decoder", self.weights, z)
        return ACTIVATIONS[self.config.output_activation](np.moveaxis(images, -1, 1))


def _to_unit(images: np.ndarray) -> np.ndarray:
    return images / np.float32(255)


def _patches(blueprint: Blueprint) -> int:
    """Numbers in the patches of one image, where a convolution has most of them."""
    layers = [*_innermost((*blueprint.encoder, *blueprint.decoder))]
    taken = [layer.macs // layer.out_shape[0] for layer in layers if layer.kind == "conv"]
    painted = [
        layer.macs // layer.in_shape[0] for layer in layers if layer.kind == "conv_transpose"
    ]
    return max([1, *taken, *painted])


def _innermost(layers: Sequence[Layer]) -> Iterator[Layer]:
    """The layers, and those of their branches."""
    for layer in layers:
        yield layer
        for branch in layer.branches:
            yield from _innermost(branch)


def _through(layers: Sequence[Layer], prefix: str, weights: Weights, x: np.ndarray) -> np.ndarray:
    """What the layers make of x; their arrays are called after `prefix`."""
    for index, layer in enumerate(layers):
        name = f"{prefix}.{index}"
        if layer.kind == "residual":
            first, *others = (
                _through(branch, f"{name}.branches.{number}", weights, x)
                for number, branch in enumerate(layer.branches)
            )
            x = sum(others, start=first)
        elif layer.kind in ACTIVATIONS:
            x = ACTIVATIONS[layer.kind](x)
        else:
            x = LAYERS[layer.kind](layer, _below(weights, name), x)
    return x


def _below(weights: Weights, name: str) -> Weights:
    """The arrays of the layer of that name: "weight" for "decoder.0.weight"."""
    start = f"{name}."
    return {key.removeprefix(start): weights[key] for key in weights if key.startswith(start)}


def _linear(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    return x @ arrays["weight"].T + arrays["bias"]


def _conv(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    """(N, H, W, C) -> (N, h, w, O): each patch of the padded images times the kernels."""
    kernel, stride, padding = layer.kernel, layer.stride, layer.padding
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), axis=(1, 2))
    patches = windows[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)  # (N, h, w, K, K, C)
    weight = arrays["weight"].transpose(2, 3, 1, 0)  # (K, K, C, O)
    return np.tensordot(patches, weight, axes=3) + arrays["bias"]


def _conv_transpose(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    """(N, H, W, C) -> (N, h, w, O): each pixel paints a patch, and patches that overlap are
    added.
    """
    kernel, stride, padding = layer.kernel, layer.stride, layer.padding
    count, rows, columns, _ = x.shape
    channels, height, width = layer.out_shape
    weight = arrays["weight"].transpose(0, 2, 3, 1)  # (C, K, K, O)
    patches = np.tensordot(x, weight, axes=1)  # (N, H, W, K, K, O)
    canvas = np.zeros((count, height + 2 * padding, width + 2 * padding, channels), np.float32)
    for row, column in np.ndindex(kernel, kernel):
        below, right = row + stride * rows, column + stride * columns
        canvas[:, row:below:stride, column:right:stride] += patches[:, :, :, row, column]
    inner = canvas[:, padding : padding + height, padding : padding + width]
    return inner + arrays["bias"]


def _batch_norm(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    scale = arrays["weight"] / np.sqrt(arrays["running_var"] + NORM_EPSILON)
    return x * scale + (arrays["bias"] - arrays["running_mean"] * scale)


def _flatten(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, -1, 1).reshape(len(x), *layer.out_shape)


def _unflatten(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x.reshape(len(x), *layer.out_shape), 1, -1)


def _dropout(layer: Layer, arrays: Weights, x: np.ndarray) -> np.ndarray:
    return x  # only in training


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))  # 0 where exp gives infinity, as it should be


LAYERS: dict[str, Callable[[Layer, Weights, np.ndarray], np.ndarray]] = {
    "flatten": _flatten,
    "unflatten": _unflatten,
    "linear": _linear,
    "conv": _conv,
    "conv_transpose": _conv_transpose,
    "batch_norm": _batch_norm,
    "dropout": _dropout,
}

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "none": lambda x: x,
    "relu": partial(np.maximum, 0),
    "leaky_relu": lambda x: np.where(x < 0, np.float32(LEAK) * x, x),
    "silu": lambda x: x * _sigmoid(x),
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
}
