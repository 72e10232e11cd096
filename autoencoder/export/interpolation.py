"""Where an interpolation in the browser begins, and what it goes by."""

from typing import Any

import numpy as np

from autoencoder.analysis.paths import LEAST_TURN
from autoencoder.config.run_config import RunConfig
from autoencoder.data.images import END_MS, FRAME_MS

FEWEST_IMAGES, MOST_IMAGES = 2, 6
FEWEST_FRAMES, MOST_FRAMES = 5, 24
FRAMES = 12  # at first
MEASURED = 500  # test images whose distance to their nearest neighbour is the yardstick
CONSTANTS: dict[str, Any] = {  # that the browser goes by, too
    "images": [FEWEST_IMAGES, MOST_IMAGES],
    "frames": [FEWEST_FRAMES, MOST_FRAMES],
    "frameMs": FRAME_MS,
    "endMs": END_MS,
    "leastTurn": LEAST_TURN,
}


def first_pair(labels: np.ndarray) -> tuple[int, int]:
    """The first test image and the first of another class, or the last one; labels (N,)."""
    return 0, int(np.argmax(labels != labels[0])) or len(labels) - 1


def usual_kind(config: RunConfig) -> str:
    """Spherical for variational runs, whose latents lie in a shell about the origin; else
    linear.
    """
    return "spherical" if config.is_variational and config.latent_dim > 1 else "linear"
