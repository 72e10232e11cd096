"""What a training says of itself while it runs, and what it takes to go on: plain numbers, no
torch.
"""

import hashlib
import math
from collections.abc import Generator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

Means = dict[str, float]


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
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    train: Means
    test: Means
    seconds: float
    cpu_seconds: float
    images: int
    epoch_done: bool = False

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

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Progress":
        """The inverse of `to_dict`. Raises TypeError, ValueError or KeyError on anything else."""
        progress = cls(**{f.name: data[f.name] for f in fields(cls)})
        if not isinstance(progress.train, dict) or not isinstance(progress.test, dict):
            raise ValueError("losses must be JSON objects")
        numbers = [
            getattr(progress, name)
            for name in ("epoch", "epochs", "batch", "batches", "seconds", "cpu_seconds", "images")
        ]
        for value in (*numbers, *progress.train.values(), *progress.test.values()):
            if not isinstance(value, (int, float)) or not abs(value) < 1e300:
                raise ValueError(f"not a finite number: {str(value)[:40]}")
        if (
            not 1 <= progress.epoch <= progress.epochs
            or not 0 <= progress.batch <= progress.batches
            or progress.batches < 1
        ):
            raise ValueError("epoch or batch out of range")
        return progress


ProgressStream = Generator[Progress, None, None]


@dataclass(frozen=True)
class Checkpoint:
    """All it takes to go on exactly: arrays by name (weights, optimiser, random state) and where in
    the training they are.
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
