"""Fetching a data set through torchvision, which knows the addresses, the checksums and the
formats.

Everything happens in a scratch folder that is gone afterwards: a download cut short leaves nothing
behind.
"""

import contextlib
import io
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.config.datasets import DATASETS
from autoencoder.errors import DatasetError
from autoencoder.progress import ProgressCallback


def fetch(
    name: str, class_name: str, folder: Path, notify: ProgressCallback
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Images (N, C, H, W) uint8 and labels (N,) int64 of the splits "train" and "test".

    Args:
        name: Of the data set, as in DATASETS.
        class_name: Of the data set's class in torchvision.datasets.
        folder: Where the data set is to be kept.
        say: Hears what takes time.

    Archives that are in `folder` already (put there by hand or by torchvision) are used if their
    checksums are right.

    Raises:
        DatasetError: They can neither be found nor fetched, or are not what they should be.
    """
    notify(f"loading torchvision to read {name}")
    import torchvision.datasets

    kind = getattr(torchvision.datasets, class_name)
    archives = (
        [kind.filename] if hasattr(kind, "filename") else [file for file, _ in kind.resources]
    )
    where = (
        Path() if hasattr(kind, "filename") else Path(kind.__name__, "raw")
    )  # as torchvision lays them out
    noise = io.StringIO()
    for left in folder.glob(
        f".{name}-*"
    ):  # of a process that was killed: the caller holds the lock, nobody else fetches
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder) as scratch:
        (Path(scratch) / where).mkdir(parents=True, exist_ok=True)
        for file in archives:
            if (folder / where / file).is_file():
                shutil.copyfile(folder / where / file, Path(scratch) / where / file)
        try:
            with _progress(name, Path(scratch), notify), contextlib.redirect_stderr(noise):
                return {
                    split: _arrays(kind(scratch, train=split == "train", download=True))
                    for split in ("train", "test")
                }
        except (
            Exception
        ) as error:  # torchvision lets through whatever urllib, gzip, tarfile and struct raise
            reason = " ".join(str(error).split())[:160] or type(error).__name__
            by_hand = f"put {', '.join(archives)} into {folder / where} by hand"
            raise DatasetError(
                f"{name} could not be downloaded: connect to the internet and try again, or use"
                " MNIST sample (mnist_sample), which needs no download, or"
                f" {by_hand} ({reason})"
            ) from error


def _arrays(source: Any) -> tuple[np.ndarray, np.ndarray]:
    """torchvision keeps grey images (N, H, W) and colour ones (N, H, W, C)."""
    images = np.asarray(source.data)
    images = images[:, None] if images.ndim == 3 else images.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(images), np.asarray(source.targets, dtype=np.int64)


@contextlib.contextmanager
def _progress(name: str, scratch: Path, notify: ProgressCallback) -> Iterator[None]:
    """Say once a second how much has arrived."""
    done, total = threading.Event(), DATASETS[name].download

    def watch() -> None:
        while not done.wait(1.0):
            arrived = sum(file.stat().st_size for file in scratch.rglob("*.*z*") if file.is_file())
            notify(f"downloading {name}: {min(arrived, total) / 1e6:.1f} of {total / 1e6:.1f} MB")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
