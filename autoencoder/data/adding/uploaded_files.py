"""Files that visitors uploaded: kept in the data folder until they are added or dropped.

A browser hands the server a file in memory; from here on it is on the disk.
"""

import contextlib
import shutil
import time
import uuid
from pathlib import Path
from typing import BinaryIO

from autoencoder.errors import DatasetError, UploadError

UPLOADS = "uploads"  # under the data folder
ENDINGS = (".zip", ".tar.gz", ".tgz", ".tar", ".npz")
KEPT_SECONDS = 24 * 3_600.0  # after which an upload that nobody added is dropped
AT_ONCE = 1 << 20  # bytes


def keep(name: str, file: BinaryIO, data: Path) -> Path:
    """Write an uploaded file of that name into the data folder; returns where it lies.

    Raises:
        UploadError: By its name it is no archive.
        DatasetError: The data folder cannot be written.
    """
    ending = next((each for each in ENDINGS if name.lower().endswith(each)), None)
    if ending is None:
        raise UploadError(f"the file must be one of {', '.join(ENDINGS)}; got {name[-60:]}")
    path = data / UPLOADS / f"{uuid.uuid4().hex}{ending}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _drop_old(path.parent)
        with path.open("wb") as target:
            shutil.copyfileobj(file, target, AT_ONCE)
    except OSError as error:
        drop(path)
        raise DatasetError(
            f"cannot write to the data folder {data}: {error.strerror or error}"
        ) from error
    return path


def drop(upload: Path) -> None:
    """Delete what `keep` wrote; harmless if it is gone."""
    with contextlib.suppress(OSError):
        upload.unlink()


def _drop_old(uploads: Path) -> None:
    """Delete uploads that nobody added for a day."""
    for upload in uploads.iterdir():
        if upload.stat().st_mtime < time.time() - KEPT_SECONDS:
            drop(upload)
