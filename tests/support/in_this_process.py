"""Decoding images of a data set without processes: to start one takes longer than most tests do."""

from collections.abc import Sequence

import numpy as np
import pytest

from autoencoder.config.datasets import ImageShape
from autoencoder.data.adding import decoders, worker
from autoencoder.data.adding.decoders import Decoded, Picture


class InThisProcess:
    """Instead of a process that decodes: the same functions, here."""

    def decode(
        self, pictures: Sequence[Picture], shape: ImageShape | None, fit: str
    ) -> list[Decoded]:
        """All of them."""
        batch, contents = decoders.message(pictures, shape, fit)
        answer, pixels = worker.answer_of(batch, contents)
        rest = iter(pixels)
        return [
            Decoded(
                picture.index,
                picture.hash,
                outcome,
                np.frombuffer(next(rest), np.uint8).reshape(shape)
                if shape and not outcome.problem
                else None,
            )
            for picture, outcome in zip(pictures, answer.outcomes, strict=True)
        ]

    def end(self) -> None:
        """Nothing to end."""


def decode_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test."""
    monkeypatch.setattr(decoders, "Process", InThisProcess)
    monkeypatch.setattr(worker.system, "allow_cpu_seconds", lambda seconds: None)
