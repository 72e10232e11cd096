"""The process that decodes images of a data set and makes them alike.

    python -m autoencoder.data.adding.worker < batches > answers

As for one uploaded image (data/decoding.py) there is a process because a small file can ask a
decoder for minutes and gigabytes: it has limits, and ends if it must. It answers batch after batch.
A message is four bytes, the length of a JSON object; that object; then bytes, as the object says.
"""

import signal
import struct
import sys
from typing import BinaryIO

import msgspec
import numpy as np

from autoencoder import system
from autoencoder.config.datasets import ImageShape
from autoencoder.data.adding.resizing import fitted
from autoencoder.data.decoding import MEMORY, decoded, upright_size
from autoencoder.errors import UploadError
from autoencoder.validation import Exact, decode

CPU_SECONDS = 3  # for one image
LENGTH = struct.Struct("<I")
READY = b"ready\n"


class Content(Exact, frozen=True):
    """One image of a batch: an image file, or pixels (H, W, C) where a shape is given."""

    length: int
    shape: tuple[int, int, int] | None = None


class Batch(Exact, frozen=True):
    """What is asked for; the contents follow.

    Attributes:
        shape: That images are to have; None: look only, and send no pixels.
        fit: One of FITS.
        cpu_seconds: After which an image ends the process.
    """

    contents: list[Content]
    shape: tuple[int, int, int] | None
    fit: str
    cpu_seconds: int = CPU_SECONDS


class Outcome(Exact, frozen=True):
    """What became of one image.

    Attributes:
        problem: Why it was not decoded; empty if it was.
        size: Height and width that it had, where that was asked for: without a shape.
        is_grey: Whether all of its pixels are.
    """

    problem: str = ""
    size: tuple[int, int] = (0, 0)
    is_grey: bool = True


class Answer(Exact, frozen=True):
    """The outcomes, in the order of the batch; the pixels (C, H, W) of the good ones follow."""

    outcomes: list[Outcome]


def main() -> None:
    """Answer batches until there are no more, within MEMORY, and CPU_SECONDS for each image."""
    system.limit_process(memory=MEMORY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it decides
    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(READY)
    target.flush()
    while header := source.read(LENGTH.size):
        batch = decode(source.read(LENGTH.unpack(header)[0]), Batch)
        contents = [source.read(content.length) for content in batch.contents]
        answer, pixels = answer_of(batch, contents)
        send(target, answer, pixels)


def send(target: BinaryIO, head: Exact, contents: list[bytes]) -> None:
    """Write a message. Raises OSError if nobody reads it."""
    text = msgspec.json.encode(head)
    target.write(b"".join([LENGTH.pack(len(text)), text, *contents]))
    target.flush()


def answer_of(batch: Batch, contents: list[bytes]) -> tuple[Answer, list[bytes]]:
    """The answer to a batch, and the pixels that follow it."""
    outcomes, images = [], []
    for about, content in zip(batch.contents, contents, strict=True):
        system.allow_cpu_seconds(batch.cpu_seconds)
        try:
            pixels, size = _pixels(about, content, batch.shape)
        except UploadError as error:
            outcomes.append(Outcome(problem=_kind_of(str(error))))
            continue
        outcomes.append(Outcome(size=size, is_grey=pixels.shape[2] == 1))
        if batch.shape is not None:
            images.append(fitted(pixels, ImageShape(*batch.shape), batch.fit).tobytes())
    return Answer(outcomes), images


def _pixels(
    about: Content, content: bytes, shape: tuple[int, int, int] | None
) -> tuple[np.ndarray, tuple[int, int]]:
    """Pixels (H, W, 1 or 3) of an image, and the size it had. Raises UploadError."""
    if about.shape is not None:
        pixels = np.frombuffer(content, np.uint8).reshape(about.shape)
        if (pixels == pixels[:, :, :1]).all():
            pixels = pixels[:, :, :1]
        return pixels, about.shape[:2]
    if shape is None:
        return decoded(content, side=2), upright_size(content)
    return decoded(content, side=2 * max(shape[1:])), (0, 0)


def _kind_of(sentence: str) -> str:
    """A sentence without what is about one image alone, so that many images have the same."""
    return sentence.partition(";")[0].partition(":")[0]


if __name__ == "__main__":
    main()
