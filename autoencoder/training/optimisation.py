"""How the weights move: optimisers, learning-rate schedules, batches."""

import math
from typing import Any

import torch
from torch import Tensor

WARM_UP = 0.3  # share of the steps in which a one-cycle schedule rises
OPTIMIZERS: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any]]] = {
    "adam": (torch.optim.Adam, {"fused": True}),
    "adamw": (
        torch.optim.AdamW,
        {"fused": True, "betas": (0.9, 0.98)},
    ),  # torch's own 0.999 learns slower: benchmarks/NOTES.md
    "sgd": (torch.optim.SGD, {"momentum": 0.9, "fused": True}),
    "rmsprop": (torch.optim.RMSprop, {}),
}


def schedule(name: str, done: float) -> float:
    """Share of the largest learning rate after a share `done` of all steps, both between 0 and 1.

    one_cycle rises linearly for the first WARM_UP, then falls along a cosine to a thousandth: after
    Smith & Topin 2018.
    """
    if name == "constant":
        return 1.0
    if name == "one_cycle" and done < WARM_UP:
        return max(1e-3, done / WARM_UP)
    falling = (done - WARM_UP) / (1 - WARM_UP) if name == "one_cycle" else done
    return max(1e-3, 0.5 * (1 + math.cos(math.pi * falling)))


def split_batches(order: Tensor, size: int) -> list[Tensor]:
    """Batches of `size`; a last one of a single image joins the one before, since a batch norm
    cannot work on it.
    """
    parts = list(order.split(size))
    if len(parts) > 1 and len(parts[-1]) == 1:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts
