"""Progress: how far a training is; Checkpoint: what it needs to go on. Plain numbers, no torch."""

import hashlib
import math
from collections.abc import Generator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from autoencoder.validation import Count, Finite, PositiveCount, Seconds

Means = dict[str, Finite]


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        epoch, epochs: The epoch in work, from 1, and how many there will be.
        batch, batches: Steps done in it, and steps it has.
        train: Mean losses over the epoch so far, by the names of LOSS_PARTS: "total", "mse" ...
        test: The same over the test images, "mse" without noise; empty until the epoch is done.
        seconds, cpu_seconds: Spent on training so far, testing included, over all sessions.
        images: Training images seen so far, over all sessions.
        epoch_done: True once per epoch, at its end.
        dead_units: How many units of each layer are dead over the first test images, by the layer's
            name; empty until the epoch is done, and in a run of an earlier version.
    """

    epoch: PositiveCount
    epochs: int
    batch: Count
    batches: PositiveCount
    train: Means
    test: Means
    seconds: Seconds
    cpu_seconds: Seconds
    images: Count
    epoch_done: bool = False
    dead_units: dict[str, Count] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.epoch > self.epochs or self.batch > self.batches:
            raise ValueError("epoch or batch out of range")

    @property
    def done(self) -> float:
        """Share of all steps done, between 0 and 1."""
        return (self.epoch - 1 + self.batch / self.batches) / self.epochs

    @property
    def images_per_second(self) -> float:
        """Training images per second of training, testing included."""
        return self.images / self.seconds if self.seconds else 0.0

    @property
    def remaining(self) -> float:
        """Seconds it will take from here if it goes on as it went; infinite at the very start."""
        return self.seconds * (1 - self.done) / self.done if self.done else math.inf

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)


ProgressStream = Generator[Progress, None, None]


@dataclass(frozen=True)
class Checkpoint:
    """All that a training needs to go on exactly.

    Attributes:
        arrays: Weights, the optimiser's state and the random state, by name.
        header: Where in the training they were taken, as JSON by name.
    """

    arrays: dict[str, np.ndarray]
    header: dict[str, str]

    @property
    def digest(self) -> str:
        """sha256 over names and bytes of all arrays: kept beside them, since a file format need not
        notice a flipped bit.
        """
        whole = hashlib.sha256()
        for name in sorted(self.arrays):
            whole.update(name.encode())
            whole.update(np.ascontiguousarray(self.arrays[name]).data)
        return whole.hexdigest()

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The network's part of the arrays."""
        return {
            name.removeprefix("network."): array
            for name, array in self.arrays.items()
            if name.startswith("network.")
        }
