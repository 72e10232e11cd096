"""Corrupting images, as a denoiser's training does: noise of several kinds, and small affine warps.

Shapes: x is (B, C, H, W), float in [0, 1], and so is what is returned.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Noise = Callable[[Tensor, float, torch.Generator | None], Tensor]


def corrupt(
    x: Tensor, noise: str, level: float, generator: torch.Generator | None = None
) -> Tensor:
    """Images of x's shape with noise on them, in [0, 1] again.

    Args:
        x: (B, C, H, W).
        noise: One of NOISES.
        level: How strong the noise is: what it measures, config/objectives.py says of each noise.
        generator: By default torch's own.
    """
    return NOISES[noise](x, level, generator)


def gaussian(x: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Adds N(0, level) to every pixel."""
    return (x + level * torch.randn(x.shape, generator=generator, device=x.device)).clamp(0, 1)


def masking(x: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Sets a share `level` of the pixels to 0."""
    chance = torch.rand(x.shape, generator=generator, device=x.device)
    return torch.where(chance < level, 0.0, x)


def salt_and_pepper(x: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Sets a share `level` of the pixels to 0 or 1, evenly."""
    chance = torch.rand(x.shape, generator=generator, device=x.device)
    return torch.where(chance < level / 2, 0.0, torch.where(chance < level, 1.0, x))


def warped(x: Tensor, level: float, generator: torch.Generator | None = None) -> Tensor:
    """Each image of x under a random affine map of its own, near the identity; outside of it, its
    border goes on.

    The map tells where a pixel is fetched from: a corner from no further away, along either axis,
    than `level` of half the image's side, since each of the three terms of that place is off by up
    to a third of it, evenly.
    """
    off = 2 * torch.rand(len(x), 2, 3, generator=generator, device=x.device) - 1
    maps = torch.eye(2, 3, device=x.device) + level / 3 * off
    grid = F.affine_grid(maps, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False).clamp(0, 1)


NOISES: dict[str, Noise] = {
    "gaussian": gaussian,
    "masking": masking,
    "salt_and_pepper": salt_and_pepper,
    "warp": warped,
}
