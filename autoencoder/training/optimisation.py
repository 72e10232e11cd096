"""How the weights move: optimisers, learning-rate schedules, batches; and what batch norm keeps of
them.
"""

import math
from collections.abc import Callable
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


Schedule = Callable[[float], float]
LEAST = 1e-3  # share of the largest learning rate below which a schedule does not go


def constant(done: float) -> float:
    """The largest learning rate all the time."""
    return 1.0


def cosine(done: float) -> float:
    """Falls along half a cosine, to a thousandth."""
    return max(LEAST, 0.5 * (1 + math.cos(math.pi * done)))


def one_cycle(done: float) -> float:
    """Rises linearly for the first WARM_UP, then falls as `cosine`: after Smith & Topin 2018."""
    if done < WARM_UP:
        return max(LEAST, done / WARM_UP)
    return cosine((done - WARM_UP) / (1 - WARM_UP))


# Share of all steps done -> share of the largest learning rate, both between 0 and 1.
SCHEDULES: dict[str, Schedule] = {"constant": constant, "cosine": cosine, "one_cycle": one_cycle}


NORM_MOMENTUM = 0.1  # as usual in PyTorch
SETTLED = 0.94  # share of the steps after which a falling schedule is below a fiftieth of its peak


def norm_momentum(schedule: str, step: int, steps: int) -> float:
    """The weight of a batch's mean and variance in batch norm's running ones, which it uses on
    images to reconstruct, at a step of all `steps`. At the end of a schedule that falls, where the
    weights hardly move any more, all batches count the same: the average over many is nearer to
    that over all images than one over the usual last twenty.

    That running averages cost accuracy: Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm",
    section 3. What better ones bring here: benchmarks/NOTES.md.
    """
    settled = step - SETTLED * steps
    if settled < 0 or SCHEDULES[schedule](1.0) == 1.0:
        return NORM_MOMENTUM
    return 1 / (1 / NORM_MOMENTUM + settled)


def split_batches(order: Tensor, size: int, processes: int = 1) -> list[Tensor]:
    """Batches of `size`; a last one with fewer than two images for each process joins the one
    before, since a batch norm cannot work on a single image.
    """
    parts = list(order.split(size))
    if len(parts) > 1 and len(parts[-1]) < 2 * processes:
        parts[-2:] = [torch.cat(parts[-2:])]
    return parts
