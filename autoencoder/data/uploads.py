"""Uploads: a visitor's file read as an image, by a process of its own that has limits.

Whatever is wrong with the file becomes an UploadError of one sentence. No upload costs more than 2
seconds of a processor and 300 MB of memory, and none waits for another's, until AT_ONCE are read.
"""

import os
import sys
import threading
from pathlib import Path

import numpy as np

from autoencoder.data.decoding import (
    CPU_SECONDS,
    HEADER,
    KEPT_SIDE,
    MOST_ANSWER,
    MOST_TEXT,
    SECONDS,
)
from autoencoder.errors import UploadBusyError, UploadError
from autoencoder.system import Ended, run_limited

MOST_BYTES = 10_000_000
AT_ONCE = 4  # images that are decoded at the same time: 300 MB each at most
TIMEOUT = 15.0  # seconds to wait until it is an image's turn

ROOT = Path(__file__).parents[2]  # where the process finds this package
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # more would only take memory

_turns = threading.BoundedSemaphore(AT_ONCE)


def read_image(content: bytes) -> np.ndarray:
    """A file as pixels (H, W, 1 or 3) uint8: grey where all is grey, its longer side at most 1,024.

    Of an animation the first frame; turned as its camera says; colours as sRGB; 16 bits scaled to
    8. What is transparent counts as white, or as black where what can be seen is nearly white
    itself.

    Raises:
        UploadError: It is empty, too large, broken, or no PNG, JPEG, WEBP, BMP or GIF; or it takes
            more than the limits to decode.
        UploadBusyError: It might be read later: now, the machine has too much to do.
    """
    if not content:
        raise UploadError("the file is empty; it must be an image")
    if len(content) > MOST_BYTES:
        raise UploadError(
            f"the file must have at most {MOST_BYTES // 10**6} MB; it has"
            f" {len(content) / 10**6:.1f}"
        )
    if not _turns.acquire(timeout=TIMEOUT):
        raise UploadBusyError("other visitors' images are being read: try again in a moment")
    try:
        ended = decode_apart(content)
    except OSError as error:
        raise UploadBusyError(f"the image cannot be read now: {error.strerror}") from error
    finally:
        _turns.release()
    return _pixels(ended)


def decode_apart(content: bytes) -> Ended:
    """Decode a file in a process of its own: its answer, and how it ended. Raises OSError."""
    return run_limited(
        [sys.executable, "-m", "autoencoder.data.decoding"],
        content,
        {**os.environ, **ONE_THREAD},
        ROOT,
        seconds=SECONDS,
        most=MOST_ANSWER,
    )


def _pixels(ended: Ended) -> np.ndarray:
    """The answer of a process that has ended. Raises UploadError where it has no pixels."""
    output = ended.output
    if len(output) >= HEADER.size:
        shape = HEADER.unpack_from(output)
        body = output[HEADER.size :]
        if not any(shape) and len(body) <= MOST_TEXT:
            raise UploadError(body.decode(errors="replace"))
        if _is_image(shape, len(body)):
            return np.frombuffer(body, np.uint8).reshape(shape)
    if ended.stopped_by == "cpu":
        raise UploadError(
            f"the image takes more than {CPU_SECONDS} seconds to decode: save it again, as a plain"
            " PNG or JPEG"
        )
    if ended.stopped_by == "time":
        raise UploadBusyError("the image could not be decoded in time: try again in a moment")
    raise UploadError("the image is broken or incomplete: its decoder crashed")


def _is_image(shape: tuple[int, ...], size: int) -> bool:
    height, width, channels = shape
    fits = 1 <= height <= KEPT_SIDE and 1 <= width <= KEPT_SIDE and channels in (1, 3)
    return fits and size == height * width * channels
