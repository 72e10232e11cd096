"""All a training needs to go on exactly: packed into arrays, and put back into place with distrust.

Arrays are named by what they belong to: "network.", "optimizer.<index of the parameter>.",
"random.", "best.".
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autoencoder.errors import CorruptRunError
from autoencoder.networks.modules import Autoencoder
from autoencoder.training.early_stopping import Best
from autoencoder.training.progress import Checkpoint

Tensors = dict[str, Tensor]


@dataclass
class Position:
    """Where a training is, apart from weights and the like; `sums` are losses times images within
    the epoch.
    """

    epoch: int = 1
    batch: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    images: int = 0

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Position":
        """Raises TypeError on anything but what `vars` gave."""
        at = cls(**data)
        if not all(
            type(value) is int for value in (at.epoch, at.batch, at.images)
        ) or not isinstance(at.sums, dict):
            raise TypeError("a position must hold whole numbers")
        if not all(
            isinstance(v, float) and math.isfinite(v)
            for v in (at.seconds, at.cpu_seconds, *at.sums.values())
        ):
            raise TypeError("a position must hold finite numbers")
        return at


def pack(
    network: Autoencoder,
    optimizer: torch.optim.Optimizer,
    at: Position,
    best: Best,
    device: torch.device,
) -> Checkpoint:
    """Copies of everything, on the CPU."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        parts = {name: value for name, value in state.items() if value is not None}
        tensors |= {
            f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in parts.items()
        }
    tensors["random.cpu"] = torch.get_rng_state()
    if device.type == "cuda":
        tensors["random.cuda"] = torch.cuda.get_rng_state(device)
    tensors |= {f"best.{name}": tensor for name, tensor in best.weights.items()}
    header = {"position": json.dumps(vars(at)), "best": json.dumps(best.to_dict())}
    return Checkpoint({name: _array(tensor) for name, tensor in tensors.items()}, header)


def unpack(
    checkpoint: Checkpoint, network: Autoencoder, optimizer: torch.optim.Optimizer
) -> tuple[Position, Best, Tensors]:
    """Put weights and the optimiser's state into place; returns the rest, with torch's random
    states
    by device type.

    Raises:
        CorruptRunError: It is not a checkpoint of this network and optimiser.
    """
    groups: dict[str, Tensors] = {"network": {}, "optimizer": {}, "random": {}, "best": {}}
    try:
        for name, array in checkpoint.arrays.items():
            group, _, rest = name.partition(".")
            groups[group][rest] = torch.from_numpy(array)
        network.load_state_dict(groups["network"])
        _restore(optimizer, groups["optimizer"])
        torch.Generator().set_state(groups["random"]["cpu"])  # raises if it is no state
        at = Position.from_dict(json.loads(checkpoint.header["position"]))
        best = Best.from_dict(json.loads(checkpoint.header["best"]), groups["best"], network)
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise CorruptRunError(f"the checkpoint does not fit this run: {error}") from error
    return at, best, groups["random"]


def _restore(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Lay the optimiser's state out in memory as its weights are: fused steps walk through both
    side
    by side.

    Raises ValueError if it belongs to other weights, where they would walk out of bounds.
    """
    state: dict[int, Tensors] = {}
    for name, tensor in tensors.items():
        index, _, part = name.partition(".")
        state.setdefault(int(index), {})[part] = tensor
    optimizer.load_state_dict(
        {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}
    )
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    if not {p for p in parameters if p.requires_grad} <= set(optimizer.state) <= set(parameters):
        raise ValueError("the optimiser's state is not that of these weights")
    for parameter in optimizer.state:
        for name, tensor in optimizer.state[parameter].items():
            if name != "step" and tensor.shape != parameter.shape:
                raise ValueError("the optimiser's state has another shape than the weights")
            if name != "step":
                optimizer.state[parameter][name] = torch.empty_like(
                    parameter, requires_grad=False
                ).copy_(tensor)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().contiguous().numpy().copy()
