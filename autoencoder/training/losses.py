"""Losses: how far a reconstruction is from its image, as a mean over all pixels.

Shapes: logits (what the decoder gives), x_hat (the same after the output activation) and x are
(B, C, H, W), float32; a loss is a scalar.
"""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def mse(logits: Tensor, x_hat: Tensor, x: Tensor) -> Tensor:
    """Mean squared difference."""
    return F.mse_loss(x_hat, x)


def bce(logits: Tensor, x_hat: Tensor, x: Tensor) -> Tensor:
    """Binary cross-entropy, from the logits: stable where the logarithm of a sigmoid is not."""
    return F.binary_cross_entropy_with_logits(logits, x)


def l1(logits: Tensor, x_hat: Tensor, x: Tensor) -> Tensor:
    """Mean absolute difference."""
    return F.l1_loss(x_hat, x)


LOSSES: dict[str, Loss] = {"mse": mse, "bce": bce, "l1": l1}
