"""Processes that decode images, one for each core (see worker.py): batches in, pixels out.

A batch that ends its process is tried again image by image, so that only the image that asks for
too much is left out. N, C, H, W = images of a batch, channels, height and width.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from autoencoder import system
from autoencoder.config.datasets import ImageShape
from autoencoder.data.adding.worker import (
    CPU_SECONDS,
    LENGTH,
    READY,
    Answer,
    Batch,
    Content,
    Outcome,
    send,
)
from autoencoder.data.uploads import ONE_THREAD
from autoencoder.errors import DatasetError
from autoencoder.validation import decode

ROOT = Path(__file__).parents[3]  # where a process finds this package
MOST_ANSWER = 1 << 20  # bytes of JSON
BATCH_IMAGES, BATCH_BYTES = 64, 4_000_000  # a batch is full with so many, or so much
TOO_MUCH = f"its decoder crashed, or took more than {CPU_SECONDS} seconds"
MOST_ENDED = 20  # images that end their process, before the whole source is refused


@dataclass(frozen=True)
class Picture:
    """One image that is to be decoded: an image file, or pixels (H, W, C) uint8."""

    index: int
    content: bytes | np.ndarray

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.nbytes

    @property
    def hash(self) -> bytes:
        """16 bytes by which two files, or two arrays, with the same content are known."""
        content = self.content
        packed = content if isinstance(content, bytes) else content.tobytes()
        return hashlib.blake2b(packed, digest_size=16).digest()


@dataclass(frozen=True)
class Decoded:
    """One image that was decoded, or was not.

    Attributes:
        hash: See Picture.
        pixels: (C, H, W) uint8; None if it was not, or nothing was asked for but a look.
    """

    index: int
    hash: bytes
    outcome: Outcome
    pixels: np.ndarray | None


class _Ended(Exception):  # noqa: N818 - no error yet: the batch is tried again
    """The process ended before it answered."""


class Process:
    """One process that decodes. Raises OSError if it cannot be started."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "autoencoder.data.adding.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
            cwd=ROOT,
        )
        assert self.child.stdin is not None and self.child.stdout is not None
        self.source: BinaryIO = self.child.stdout  # type: ignore[assignment]  # it is buffered
        self.target: BinaryIO = self.child.stdin  # type: ignore[assignment]
        if self.source.readline(len(READY)) != READY:
            self.end()
            raise DatasetError("no process can be started to decode images: try again in a moment")

    def decode(
        self, pictures: Sequence[Picture], shape: ImageShape | None, fit: str
    ) -> list[Decoded]:
        """All of them. Raises _Ended."""
        try:
            send(self.target, *message(pictures, shape, fit))
            (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
            if length > MOST_ANSWER:
                raise _Ended
            answer = decode(self._exactly(length), Answer)
            return list(self._images(pictures, answer.outcomes, shape))
        except (OSError, ValueError) as error:
            raise _Ended from error

    def _images(
        self, pictures: Sequence[Picture], outcomes: Sequence[Outcome], shape: ImageShape | None
    ) -> Iterator[Decoded]:
        for picture, outcome in zip(pictures, outcomes, strict=True):
            pixels = None
            if shape is not None and not outcome.problem:
                content = self._exactly(shape.pixels)
                pixels = np.frombuffer(content, np.uint8).reshape(shape)
            yield Decoded(picture.index, picture.hash, outcome, pixels)

    def _exactly(self, size: int) -> bytes:
        content = self.source.read(size)
        if len(content) < size:
            raise _Ended
        return content

    def end(self) -> None:
        """Kill it; harmless if it has ended."""
        self.child.kill()
        for pipe in (self.target, self.source):
            with contextlib.suppress(OSError):
                pipe.close()
        self.child.wait()


def message(
    pictures: Sequence[Picture], shape: ImageShape | None, fit: str
) -> tuple[Batch, list[bytes]]:
    """The batch that asks for some images, and the contents that follow it."""
    contents, parts = [], []
    for picture in pictures:
        if isinstance(picture.content, bytes):
            contents.append(Content(picture.size, None))
            parts.append(picture.content)
        else:
            contents.append(Content(picture.size, picture.content.shape))
            parts.append(picture.content.tobytes())
    return Batch(contents, shape, fit, CPU_SECONDS), parts


class Decoders:
    """Some processes that decode, and a thread for each that talks to it.

    Args:
        count: Of the processes; 0: one for each core.
    """

    def __init__(self, count: int = 0) -> None:
        self._count = count or system.cores()
        self._threads = ThreadPoolExecutor(self._count, thread_name_prefix="decoder")
        self._of_thread = threading.local()
        self._processes: list[Process] = []
        self._is_closed, self._ended = False, 0

    def __enter__(self) -> "Decoders":
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in list(self._processes):
            process.end()  # its thread notices, and ends too
        self._threads.shutdown()
        for process in self._processes:
            process.end()

    def decode(
        self, pictures: Iterable[Picture], shape: ImageShape | None = None, fit: str = "crop"
    ) -> Iterator[list[Decoded]]:
        """Batches of decoded images, in the order of the pictures; a few batches are in memory at
        the same time.

        Args:
            pictures: They may be read while others are decoded.
            shape: That the pixels are to have; without it they are only looked at.
            fit: One of FITS.

        Raises:
            DatasetError: No process can be started, or too many images end theirs.
        """
        waiting: deque[Future[list[Decoded]]] = deque()
        for batch in _batches(pictures):
            waiting.append(self._threads.submit(self._decode, batch, shape, fit))
            if len(waiting) > 2 * self._count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _decode(self, pictures: list[Picture], shape: ImageShape | None, fit: str) -> list[Decoded]:
        try:
            return self._process().decode(pictures, shape, fit)
        except _Ended:
            self._drop()
            if len(pictures) == 1:
                self._count_ended()
                return [Decoded(pictures[0].index, b"", Outcome(problem=TOO_MUCH), None)]
        if self._is_closed:
            return []
        return [each for one in pictures for each in self._decode([one], shape, fit)]

    def _count_ended(self) -> None:
        self._ended += 1
        if self._ended > MOST_ENDED and not self._is_closed:
            raise DatasetError(
                f"more than {MOST_ENDED} images crash their decoder, or take it more than"
                f" {CPU_SECONDS} seconds each: leave them out"
            )

    def _process(self) -> Process:
        process: Process | None = getattr(self._of_thread, "process", None)
        if process is None:
            try:
                process = Process()
            except OSError as error:
                raise DatasetError(f"no image can be decoded now: {error.strerror}") from error
            self._of_thread.process = process
            self._processes.append(process)
        return process

    def _drop(self) -> None:
        process: Process = self._of_thread.process
        process.end()
        self._processes.remove(process)
        self._of_thread.process = None


def _batches(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    batch: list[Picture] = []
    size = 0
    for picture in pictures:
        batch.append(picture)
        size += picture.size
        if len(batch) == BATCH_IMAGES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
