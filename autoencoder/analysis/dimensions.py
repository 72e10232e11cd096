"""The dimensions of a latent space one by one: how much each matters, where its latents lie, which
are dead.

Shapes: N = latents, D = latent_dim.
"""

from dataclasses import dataclass

import numpy as np

from autoencoder.analysis import neighbours

BINS = 32  # of a density
DEAD_SHARE = 0.01  # of the largest standard deviation, at or below which a dimension is dead
DEAD_KL = 0.01  # nats, at or below which a variational dimension is
MOST_SPACED = 2_000  # points whose spacing is measured


@dataclass(frozen=True)
class Dimensions:
    """Every dimension of a set of latents.

    Attributes:
        mean: (D,).
        low, high: Ends of a slider (D,): the middle nine tenths of the latents, and half as much
            again on either side.
        importance: (D,) variance of the latents; for a variational run the mean KL to the prior, in
            nats.
        order: Dimension indices (D,), the most important first.
        dead: (D,) bool: such a dimension carries nothing.
        density: (D, BINS) uint8: share of latents by place between low and high, 255 where it is
            densest.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    importance: np.ndarray
    order: np.ndarray
    dead: np.ndarray
    density: np.ndarray


def describe(latents: np.ndarray, kl: np.ndarray | None = None) -> Dimensions:
    """What the latents (N, D), N at least 1, say of each dimension; `kl` (D,) is what a variational
    run adds.
    """
    low, high = np.quantile(latents, (0.05, 0.95), axis=0)
    margin = np.where(high > low, (high - low) / 2, 1.0)
    low, high = low - margin, high + margin
    deviation = latents.std(axis=0, dtype=np.float64)
    dead = (
        deviation <= DEAD_SHARE * max(float(deviation.max()), 1e-12)
        if kl is None
        else kl <= DEAD_KL
    )
    importance = np.square(deviation) if kl is None else kl
    return Dimensions(
        latents.mean(axis=0, dtype=np.float64).astype(np.float32),
        low.astype(np.float32),
        high.astype(np.float32),
        importance.astype(np.float32),
        np.argsort(-importance, kind="stable"),
        dead,
        _density(latents, low, high),
    )


def _density(latents: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    places = ((latents - low) / (high - low) * BINS).astype(np.int64)
    inside = (places >= 0) & (places < BINS)
    flat = (places + BINS * np.arange(latents.shape[1]))[inside]
    counts = np.bincount(flat, minlength=BINS * latents.shape[1]).reshape(-1, BINS)
    return (255 * counts / np.maximum(counts.max(axis=1, keepdims=True), 1)).astype(np.uint8)


def spacing(points: np.ndarray) -> float:
    """How far points (N, K) usually are from their nearest neighbour: the median over the first
    2,000; at least 1e-6.
    """
    points = points[:MOST_SPACED]
    if len(points) < 2:
        return 1.0
    return max(float(np.median(neighbours.nearest(points, 1)[1])), 1e-6)
