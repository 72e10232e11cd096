"""A decoder as bytes, for browser/decoder.js: layers in JSON, weights as raw float32.

The bytes:
    uint32, little endian   length of the header
    header                  JSON, filled up with spaces so that the weights start at a multiple of 4
    weights                 float32, little endian, one array after the other

The header: {"latent_dim": D, "shape": [C, H, W], "macs": n, "layers": [layer, ...]}. Every layer
has "kind", "in_shape" and "out_shape"; shapes leave out the batch, channels first, as in torch.
Beside them have
    linear          "weight" (m, n), "bias" (m)
    conv_transpose  "weight" (c, C, k, k), "bias" (C), "kernel", "stride", "padding"
    batch_norm      "weight" (C), "bias" (C): what each channel is multiplied by, and what is added
    leaky_relu      "slope"
    residual        "branches": a list of lists of layers, whose outputs are added
where weight and bias count floats from the start of the weights. A batch norm is left out where the
layer before it can take it in, and so is what does nothing in a trained network.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autoencoder.config.datasets import ImageShape
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks.blueprint import LAYERS, LEAK, NORM_EPSILON, Layer, blueprint_of

Weights = Mapping[str, np.ndarray]
Entry = dict[str, Any]
MOST_WHOLE = 8_000  # numbers of an array that stays float32 in the short form
MOST_HALF = 65_504  # the greatest float16

DETAILS: dict[str, Callable[[Layer], Entry]] = {  # what the header says of a layer of some kinds
    "conv_transpose": lambda layer: {
        "kernel": layer.kernel,
        "stride": layer.stride,
        "padding": layer.padding,
    },
    "leaky_relu": lambda layer: {"slope": LEAK},
}


def decoder_bytes(config: RunConfig, weights: Weights, shape: ImageShape | None = None) -> bytes:
    """The trained decoder of `config`, its output activation included, for images of `shape`, by
    default the data set's.

    It needs no torch: `weights` are the network's arrays by name, as a run keeps them.

    Raises:
        CorruptRunError: The weights are another network's.
    """
    header, arrays = _described(config, weights, shape)
    return _with_header(header, [array.tobytes() for array in arrays])


def short_decoder_bytes(config: RunConfig, weights: Weights) -> bytes:
    """The same with large arrays as float16, about half as long. Small arrays, such as those of the
    first layers, whose errors all others multiply, stay as they are.

    Raises:
        CorruptRunError: The weights are another network's.
    """
    header, arrays = _described(config, weights)
    is_halved = [
        array.size > MOST_WHOLE and float(np.abs(array).max()) < MOST_HALF for array in arrays
    ]
    counts = [
        -array.size if halved else array.size
        for array, halved in zip(arrays, is_halved, strict=True)
    ]
    whole = [array for array, halved in zip(arrays, is_halved, strict=True) if not halved]
    halves = [array for array, halved in zip(arrays, is_halved, strict=True) if halved]
    numbers = np.concatenate([np.zeros(0, "<f2"), *(each.ravel().astype("<f2") for each in halves)])
    bytewise = numbers.view(np.uint8).reshape(-1, 2).T
    return _with_header(
        header | {"counts": counts}, [*(array.tobytes() for array in whole), bytewise.tobytes()]
    )


def _described(
    config: RunConfig, weights: Weights, shape: ImageShape | None = None
) -> tuple[Entry, list[np.ndarray]]:
    """The header of a decoder, and its arrays as float32."""
    blueprint = blueprint_of(config, shape)
    writer = _Writer(weights)
    layers = writer.entries(blueprint.decoder, "decoder")
    if not ACTIVATIONS[config.output_activation].is_identity:
        pixels = tuple(blueprint.shape)
        layers.append(_entry(Layer(config.output_activation, pixels, pixels)))
    header = {
        "latent_dim": blueprint.latent_dim,
        "shape": blueprint.shape,
        "macs": blueprint.decode_macs,
        "layers": layers,
    }
    return header, writer.arrays


def _with_header(header: Entry, parts: Sequence[bytes]) -> bytes:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % np.dtype("<f4").itemsize)
    return b"".join([len(text).to_bytes(4, "little"), text, *parts])


def _entry(layer: Layer) -> Entry:
    """What the header says of a layer, without its weights."""
    details = DETAILS[layer.kind](layer) if layer.kind in DETAILS else {}
    return {
        "kind": layer.kind,
        "in_shape": layer.in_shape,
        "out_shape": layer.out_shape,
        **details,
    }


@dataclass
class _Writer:
    """Collects weights while the layers are described.

    Attributes:
        weights: The network's arrays by name.
        arrays: Those to be sent, as float32.
        floats: How many numbers they hold.
    """

    weights: Weights
    arrays: list[np.ndarray] = field(default_factory=list)
    floats: int = 0

    def entries(self, layers: Sequence[Layer], prefix: str) -> list[Entry]:
        """The header's layers, in order; the layers' arrays are called after `prefix`."""
        entries, index = [], 0
        while index < len(layers):
            layer, name = layers[index], f"{prefix}.{index}"
            index += 1
            if LAYERS[layer.kind].only_in_training:
                continue
            tensors = self._tensors(layer, name)
            if layer.weight and index < len(layers) and layers[index].kind == "batch_norm":
                norm = self._tensors(layers[index], f"{prefix}.{index}")
                tensors, index = _normalised(layer, tensors, norm), index + 1
            entries.append(_entry(layer) | self._sent(tensors) | self._branches(layer, name))
        return entries

    def _tensors(self, layer: Layer, name: str) -> Weights:
        """Weight and bias of a layer by these names, if it has them: as a trained network applies
        them.
        """
        tensors = {
            part: self._array(f"{name}.{part}", size) for part, size in layer.learned.items()
        }
        if layer.kind != "batch_norm":
            return tensors
        mean, variance = (
            self._array(f"{name}.running_{part}", layer.weight) for part in ("mean", "var")
        )
        scale = tensors["weight"] / np.sqrt(variance + NORM_EPSILON)
        return {"weight": scale, "bias": tensors["bias"] - mean * scale}

    def _array(self, name: str, shape: Sequence[int]) -> np.ndarray:
        array = self.weights.get(name)
        if array is None or array.shape != tuple(shape):
            raise CorruptRunError(
                f"the weights are not those of this network: {name} should be {tuple(shape)}"
            )
        return array

    def _sent(self, tensors: Weights) -> Entry:
        """Adds the arrays to those to be sent; where each starts."""
        places = {}
        for part, tensor in tensors.items():
            places[part] = self.floats
            self.floats += tensor.size
            self.arrays.append(tensor.astype("<f4"))
        return places

    def _branches(self, layer: Layer, name: str) -> Entry:
        branches = [
            self.entries(branch, f"{name}.branches.{number}")
            for number, branch in enumerate(layer.branches)
        ]
        return {"branches": branches} if branches else {}


def _normalised(layer: Layer, tensors: Weights, norm: Weights) -> Weights:
    """norm(W x + b) as one layer: y = (W x + b) * scale + shift, per output channel."""
    axes = [1] * tensors["weight"].ndim
    axes[LAYERS[layer.kind].out_axis] = -1
    weight = tensors["weight"] * norm["weight"].reshape(axes)
    return {"weight": weight, "bias": tensors["bias"] * norm["weight"] + norm["bias"]}
