"""A decoder as bytes, for decoder.js beside this file: layers in JSON, weights as raw float32,
batch
norm folded away.

The bytes:
    uint32, little endian   length of the header
    header                  JSON, filled up with spaces so that the weights start at a multiple of
                            four bytes
    weights                 float32, little endian, one array after the other

The header: {"latent_dim": D, "shape": [C, H, W], "macs": n, "layers": [...]}; a layer is one of
    {"kind": "linear", "in_shape": [n], "out_shape": [m], "weight": at, "bias": at}
        weight (m, n)
    {"kind": "conv_transpose", "in_shape": [c, h, w], "out_shape": [C, H, W], "kernel": k,
     "stride": s, "padding": p, "weight": at, "bias": at}
        weight (c, C, k, k)
    {"kind": "unflatten", "in_shape": [c * h * w], "out_shape": [c, h, w]}
    {"kind": an activation, "in_shape": shape, "out_shape": shape}, leaky_relu also with "slope"
where `at` counts floats from the start of the weights. Shapes leave out the batch, channels first,
as in torch.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks.blueprint import KERNEL, LEAK, NORM_EPSILON, PADDING, STRIDE, Layer, draw

Weights = Mapping[str, np.ndarray]


def decoder_bytes(config: RunConfig, weights: Weights, shape: ImageShape | None = None) -> bytes:
    """The trained decoder of `config`, its output activation included, for images of `shape`, by
    default the data set's.

    It needs no torch: `weights` are the network's arrays by name, as a run keeps them.

    Raises:
        CorruptRunError: The weights are another network's.
    """
    blueprint = draw(config, shape)
    layers: list[dict[str, Any]] = []
    arrays: list[bytes] = []
    at = 0
    for layer, tensors in _folded(blueprint.decoder, weights):
        entry: dict[str, Any] = {
            "kind": layer.kind,
            "in_shape": layer.in_shape,
            "out_shape": layer.out_shape,
        }
        if layer.kind == "conv_transpose":
            entry |= {"kernel": KERNEL, "stride": STRIDE, "padding": PADDING}
        if layer.kind == "leaky_relu":
            entry["slope"] = LEAK
        for name, tensor in zip(("weight", "bias"), tensors, strict=False):
            entry[name] = at
            at += tensor.size
            arrays.append(tensor.astype("<f4").tobytes())
        layers.append(entry)
    if config.output_activation != "none":
        layers.append(
            {
                "kind": config.output_activation,
                "in_shape": blueprint.shape,
                "out_shape": blueprint.shape,
            }
        )
    header = {
        "latent_dim": blueprint.latent_dim,
        "shape": blueprint.shape,
        "macs": blueprint.decode_macs,
        "layers": layers,
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % np.dtype("<f4").itemsize)
    return b"".join([len(text).to_bytes(4, "little"), text, *arrays])


def _folded(
    layers: Sequence[Layer], weights: Weights
) -> Iterator[tuple[Layer, Sequence[np.ndarray]]]:
    """Each layer that decodes, in order, with weight and bias where it has them.

    A batch norm becomes part of the layer before it, and what does nothing in evaluation is left
    out.
    """
    waiting: tuple[Layer, Sequence[np.ndarray]] | None = None
    for index, layer in enumerate(layers):
        if layer.kind == "batch_norm":
            assert waiting is not None  # blueprints put it right behind a layer with weights
            norm = [
                _array(weights, index, name, layer.out_shape[:1])
                for name in ("weight", "bias", "running_mean", "running_var")
            ]
            waiting = (waiting[0], _normalised(waiting[0], waiting[1], norm))
        elif layer.kind != "dropout":
            if waiting is not None:
                yield waiting
            waiting = (
                layer,
                [_array(weights, index, name, size) for name, size in layer.sizes.items()],
            )
    if waiting is not None:
        yield waiting


def _array(weights: Weights, index: int, name: str, size: Sequence[int]) -> np.ndarray:
    found = weights.get(f"decoder.{index}.{name}")
    if found is None or found.shape != tuple(size):
        raise CorruptRunError(
            f"the weights are not those of this network: decoder.{index}.{name} should be"
            f" {tuple(size)}"
        )
    return found


def _normalised(
    layer: Layer, tensors: Sequence[np.ndarray], norm: Sequence[np.ndarray]
) -> Sequence[np.ndarray]:
    """norm(W x + b) as one layer: y = (W x + b - mean) * scale + shift, per output channel."""
    weight, bias = tensors
    gain, shift, mean, variance = norm
    scale = gain / np.sqrt(variance + NORM_EPSILON)
    channel = 1 if layer.kind == "conv_transpose" else 0
    sizes = [-1 if axis == channel else 1 for axis in range(weight.ndim)]
    return weight * scale.reshape(sizes), (bias - mean) * scale + shift
