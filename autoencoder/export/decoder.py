"""A decoder as bytes, for decoder.js beside this file: layers in JSON, weights as raw float32, batch norm folded away.

The bytes:
    uint32, little endian   length of the header
    header                  JSON, filled up with spaces so that the weights start at a multiple of four bytes
    weights                 float32, little endian, one array after the other

The header: {"latent_dim": D, "shape": [C, H, W], "macs": n, "layers": [...]}; a layer is one of
    {"kind": "linear", "taken": [n], "given": [m], "weight": at, "bias": at}            weight (m, n)
    {"kind": "conv_transpose", "taken": [c, h, w], "given": [C, H, W], "kernel": k, "stride": s, "padding": p,
     "weight": at, "bias": at}                                                          weight (c, C, k, k)
    {"kind": "unflatten", "taken": [c * h * w], "given": [c, h, w]}
    {"kind": an activation, "taken": shape, "given": shape}, leaky_relu also with "slope"
where `at` counts floats from the start of the weights. Shapes leave out the batch, channels first, as in torch.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoencoder.blueprint import Blueprint, Layer
from autoencoder.networks import ACTIVATIONS, Autoencoder

Folded = tuple[Layer, nn.Module, Sequence[Tensor]]


def decoder_bytes(network: Autoencoder, blueprint: Blueprint) -> bytes:
    """The decoder of `network` in evaluation mode, its output activation included; `blueprint` is what it was built from."""
    layers: list[dict[str, Any]] = []
    arrays: list[bytes] = []
    at = 0
    for layer, module, tensors in folded(network, blueprint):
        entry: dict[str, Any] = {"kind": layer.kind, "taken": layer.taken, "given": layer.given}
        if isinstance(module, nn.ConvTranspose2d):
            entry |= {"kernel": module.kernel_size[0], "stride": module.stride[0], "padding": module.padding[0]}
        if isinstance(module, nn.LeakyReLU):
            entry["slope"] = module.negative_slope
        for name, tensor in zip(("weight", "bias"), tensors, strict=False):
            entry[name] = at
            at += tensor.numel()
            arrays.append(tensor.detach().cpu().numpy().astype("<f4").tobytes())
        layers.append(entry)
    header = {"latent_dim": blueprint.latent_dim, "shape": blueprint.shape, "macs": blueprint.decode_macs, "layers": layers}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % np.dtype("<f4").itemsize)
    return b"".join([len(text).to_bytes(4, "little"), text, *arrays])


def folded(network: Autoencoder, blueprint: Blueprint) -> Iterator[Folded]:
    """Each layer that decodes, in order: its blueprint, its module, and weight and bias where it has them.

    A batch norm becomes part of the layer before it, and what does nothing in evaluation is left out.
    """
    waiting: Folded | None = None
    for layer, module in zip(blueprint.decoder, network.decoder, strict=True):
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            assert waiting is not None  # blueprints put it right behind a layer with weights
            waiting = (*waiting[:2], _normalised(waiting[1], waiting[2], module))
        elif not isinstance(module, nn.Dropout):
            if waiting is not None:
                yield waiting
            waiting = (layer, module, _tensors(module))
    if waiting is not None:
        yield waiting
    if not isinstance(network.output, nn.Identity):
        kind = next(name for name, make in ACTIVATIONS.items() if type(make()) is type(network.output))
        yield Layer(kind, blueprint.shape, blueprint.shape), network.output, ()


def _tensors(module: nn.Module) -> Sequence[Tensor]:
    """Weight and bias, where there are any."""
    if not isinstance(module, (nn.Linear, nn.ConvTranspose2d)):
        return ()
    assert module.bias is not None  # ours all have one
    return module.weight, module.bias


def _normalised(module: nn.Module, tensors: Sequence[Tensor], norm: nn.BatchNorm1d | nn.BatchNorm2d) -> Sequence[Tensor]:
    """norm(W x + b) as one layer: y = (W x + b - mean) * scale + shift, per output channel."""
    weight, bias = tensors
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    channel = 1 if isinstance(module, nn.ConvTranspose2d) else 0
    sizes = [-1 if axis == channel else 1 for axis in range(weight.ndim)]
    return weight * scale.reshape(sizes), (bias - norm.running_mean) * scale + norm.bias
