"""A trained network as two files: its layers as JSON, its weights as safetensors.

A layer is {"module": the name of a class of torch.nn, and the arguments that it is made with}. A
residual block is {"module": "Residual", "branches": lists of layers}. `latent_autoencoder.py`
builds the network of these.
"""

import json
from collections.abc import Iterator, Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

from autoencoder.networks.modules import Autoencoder, Residual

CONFIG, WEIGHTS = "config.json", "model.safetensors"
Entry = dict[str, Any]


def write_network(network: Autoencoder, facts: Mapping[str, Any], folder: Path) -> None:
    """Write CONFIG, with `facts` in it, and WEIGHTS."""
    config = {
        **facts,
        "encoder": [_entry(layer) for layer in (*network.encoder, *_kept(network.latent))],
        "decoder": [_entry(layer) for layer in (*network.decoder, *_kept(network.output))],
    }
    text = json.dumps(config, indent=1, ensure_ascii=False)
    (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    (folder / WEIGHTS).write_bytes(save(tensors, metadata={"format": "pt"}))


def _kept(activation: nn.Module) -> list[nn.Module]:
    return [] if isinstance(activation, nn.Identity) else [activation]


def _entry(module: nn.Module) -> Entry:
    if isinstance(module, Residual):
        branches = [[_entry(layer) for layer in branch.children()] for branch in module.branches]
        return {"module": "Residual", "branches": branches}
    kind = next(base for base in type(module).__mro__ if base.__module__.startswith("torch.nn"))
    return {"module": kind.__name__, **dict(_arguments(kind, module))}


def _arguments(kind: type[nn.Module], module: nn.Module) -> Iterator[tuple[str, Any]]:
    """What the module was made with, as far as it is no default; modules keep it under the names
    of the arguments.
    """
    for name, parameter in signature(kind).parameters.items():
        value, default = getattr(module, name, None), parameter.default
        if isinstance(value, int | float | tuple) and value not in (default, (default, default)):
            yield name, value
