"""Checkpoints: all that a training needs to go on exactly, packed into arrays and put back.

Arrays are named by what they belong to: "network.", "optimizer.<index of the parameter>.",
"random.", "best.". Where several processes train, "ranks." holds what differs between them, a row
for each: "ranks.random.cpu" (N, bytes), "ranks.sums" (N, losses), "ranks.cpu_seconds" (N).
"""

import json

import numpy as np
import torch
from msgspec import Struct, field, to_builtins
from torch import Tensor

from autoencoder.errors import CorruptRunError
from autoencoder.networks.modules import Autoencoder
from autoencoder.training.distributed import ProcessGroup
from autoencoder.training.early_stopping import Best
from autoencoder.training.progress import Checkpoint
from autoencoder.validation import Count, Finite, Seconds, decode

Tensors = dict[str, Tensor]


class Position(Struct, forbid_unknown_fields=True):
    """Where a training is.

    Attributes:
        epoch, batch: The epoch in work, from 1, and the batches done in it.
        sums: Losses by name, each the sum over the epoch's images so far; of several processes,
            over those of rank 0, as are its cpu_seconds.
        seconds, cpu_seconds, images: Over all sessions so far, as in Progress.
    """

    epoch: Count = 1
    batch: Count = 0
    sums: dict[str, Finite] = field(default_factory=dict)
    seconds: Seconds = 0.0
    cpu_seconds: Seconds = 0.0
    images: Count = 0


def pack(
    network: Autoencoder,
    optimizer: torch.optim.Optimizer,
    at: Position,
    best: Best,
    device: torch.device,
    ranks: Tensors,
) -> Checkpoint:
    """Copies of everything, on the CPU; `ranks` is as from `state_of_ranks`."""
    tensors = {f"network.{name}": tensor for name, tensor in network.state_dict().items()}
    for index, state in optimizer.state_dict()["state"].items():
        parts = {name: value for name, value in state.items() if value is not None}
        tensors |= {
            f"optimizer.{index}.{name}": torch.as_tensor(value) for name, value in parts.items()
        }
    tensors["random.cpu"] = torch.get_rng_state()
    if device.type != "cpu":
        tensors[f"random.{device.type}"] = torch.get_device_module(device).get_rng_state(device)
    tensors |= {f"best.{name}": tensor for name, tensor in best.weights.items()}
    tensors |= {f"ranks.{name}": tensor for name, tensor in ranks.items()}
    header = {"position": json.dumps(to_builtins(at)), "best": json.dumps(best.to_dict())}
    return Checkpoint({name: _array(tensor) for name, tensor in tensors.items()}, header)


def state_of_ranks(group: ProcessGroup, at: Position, device: torch.device) -> Tensors:
    """What differs between the processes of a group, a row for each; nothing for a single one."""
    if group.size == 1:
        return {}
    state = {
        "random.cpu": torch.get_rng_state(),
        "sums": torch.tensor(list(at.sums.values()), dtype=torch.float64),
        "cpu_seconds": torch.tensor(at.cpu_seconds, dtype=torch.float64),
    }
    if device.type != "cpu":
        state[f"random.{device.type}"] = torch.get_device_module(device).get_rng_state(device)
    return {name: group.gathered(tensor) for name, tensor in state.items()}


def unpack(
    checkpoint: Checkpoint,
    network: Autoencoder,
    optimizer: torch.optim.Optimizer,
    group: ProcessGroup,
) -> tuple[Position, Best, Tensors]:
    """Load weights and the optimiser's state; return the rest, with torch's random states by device
    type: that of this process of the group.

    Raises:
        CorruptRunError: It is not a checkpoint of this network, optimiser and number of processes.
    """
    names = ("network", "optimizer", "random", "best", "ranks")
    groups: dict[str, Tensors] = {name: {} for name in names}
    try:
        for name, array in checkpoint.arrays.items():
            place, _, rest = name.partition(".")
            groups[place][rest] = torch.from_numpy(array)
        network.load_state_dict(groups["network"])
        _restore(optimizer, groups["optimizer"])
        at = decode(checkpoint.header["position"], Position)
        best = Best.from_json(checkpoint.header["best"], groups["best"], network)
        _restore_rank(at, groups["random"], groups["ranks"], group)
        torch.Generator().set_state(groups["random"]["cpu"])  # raises if it is no state
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        raise CorruptRunError(f"the checkpoint does not fit this run: {error}") from error
    return at, best, groups["random"]


def _restore_rank(at: Position, random: Tensors, ranks: Tensors, group: ProcessGroup) -> None:
    """Put this process's own row into position and random states. Raises ValueError where there is
    not one row for each process of the group.
    """
    size = len(ranks["cpu_seconds"]) if ranks else 1
    if size != group.size or any(len(table) != size for table in ranks.values()):
        raise ValueError(f"it is one of {size} process(es), and here are {group.size}")
    if ranks:
        at.cpu_seconds = float(ranks["cpu_seconds"][group.rank])
        at.sums = dict(zip(at.sums, ranks["sums"][group.rank].tolist(), strict=True))
        for name, table in ranks.items():
            if name.startswith("random."):
                random[name.removeprefix("random.")] = table[group.rank].clone()


def _restore(optimizer: torch.optim.Optimizer, tensors: Tensors) -> None:
    """Load the optimiser's state, in the same memory layout as the weights.

    Fused steps read both in parallel, and would read out of bounds if the state belonged to other
    weights. Raises ValueError then.
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
