"""The images: loaded once, kept as uint8 arrays, train and test apart.

A built-in data set ends, whatever its origin, as one `<name>.npz` in the data folder, written whole
or not at all, so that later starts read it in a moment and need neither torchvision nor
scikit-learn. Shapes: images (N, C, H, W) uint8, labels (N,). Data sets that somebody added are read
by added.py.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autoencoder.config.datasets import DATASETS, DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data import added
from autoencoder.data.dataset import Dataset, Split, fingerprint
from autoencoder.data.sources import PACKAGED, SOURCES
from autoencoder.errors import DatasetError
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.system import FileLock

SUBSET_SEED = 0  # the images of train_size=N are the same for every run, whatever its seed
COPIED_IN_MEMORY = 500_000_000  # bytes of images that are copied in memory and not into a file
COPIED_AT_ONCE = 1_000  # images
TIMEOUT = 1800.0  # seconds to wait for another process that fetches the same data set


def load(config: RunConfig, folder: Path, notify: ProgressCallback = ignore) -> Dataset:
    """The images `config` asks for. `notify` hears what takes time. Raises DatasetError."""
    return select(config, load_whole(config, folder, notify))


def load_whole(config: RunConfig, folder: Path, notify: ProgressCallback = ignore) -> Dataset:
    """The whole data set of `config`. Raises DatasetError."""
    if config.added is not None:
        return added.read(config.dataset, config.added, folder)
    return prepare(config.dataset, folder, notify)


def fingerprint_of(config: RunConfig, data: Dataset) -> str:
    """Of the whole data set of `config`; that of an added one was computed when it was added."""
    return config.added.fingerprint if config.added is not None else fingerprint(data)


def select(config: RunConfig, data: Dataset) -> Dataset:
    """Only the classes and training images that `config` keeps.

    Raises DatasetError if too few are left.
    """
    train, test = (_only_classes(split, config.classes) for split in (data.train, data.test))
    if config.train_size:
        if config.train_size > len(train):
            raise DatasetError(
                f"train_size must be at most {len(train)}, all there are of these classes; got"
                f" {config.train_size}"
            )
        chosen = np.random.default_rng(SUBSET_SEED).permutation(len(train))[: config.train_size]
        train = _taken(train, np.sort(chosen))
    if len(train) < max(2, config.batch_size) or not len(test):
        raise DatasetError(
            f"training needs at least batch_size images (here {max(2, config.batch_size)}) and one"
            f" test image; {config.dataset} has {len(train)} and {len(test)} of these classes"
        )
    return Dataset(train, test)


def _only_classes(split: Split, classes: tuple[int, ...]) -> Split:
    if not classes:
        return split
    return _taken(split, np.flatnonzero(np.isin(split.labels, classes)))


def _taken(split: Split, indices: np.ndarray) -> Split:
    """The images of these indices; many of them, read from a file, go into another file, which is
    gone with the array.
    """
    images = split.images
    size = images[:1].nbytes * len(indices)
    if not isinstance(images, np.memmap) or size <= COPIED_IN_MEMORY:
        return Split(images[indices], split.labels[indices])
    with tempfile.TemporaryFile(dir=Path(str(images.filename)).parent) as file:
        taken = np.memmap(file, np.uint8, "w+", shape=(len(indices), *images.shape[1:]))
    for start in range(0, len(indices), COPIED_AT_ONCE):
        chunk = slice(start, start + COPIED_AT_ONCE)
        taken[chunk] = images[indices[chunk]]
    return Split(taken, split.labels[indices])


def prepare(name: str, folder: Path, notify: ProgressCallback = ignore) -> Dataset:
    """A whole built-in data set, fetched and converted first if need be; two processes at once
    fetch it once.

    Raises:
        DatasetError: The data folder cannot be written, or the files can neither be found nor
        fetched.
    """
    path = folder / f"{name}.npz"
    if (data := _read(path, DATASETS[name])) is not None:
        return data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder / f".{name}.lock", notify):
            if (data := _read(path, DATASETS[name])) is None:  # nobody was faster
                data = _from_source(name, folder, notify)
                _write(path, data)
    except OSError as error:
        raise DatasetError(
            f"cannot write {name} to the data folder {folder}: {error.strerror or error}"
        ) from error
    return data


def peek(config: RunConfig, folder: Path) -> Split | None:
    """The test images, if the data set has been prepared, was added or comes with the package: read
    at once and without its training images. Else None.
    """
    if config.added is not None:
        with contextlib.suppress(DatasetError):
            return added.read(config.dataset, config.added, folder).test
        return None
    path = folder / f"{config.dataset}.npz"
    try:
        with (
            PACKAGED.get(config.dataset, path).open("rb") as handle,
            np.load(handle, allow_pickle=False) as arrays,
        ):
            test = Split(arrays["test_images"], arrays["test_labels"].astype(np.int64))
    except Exception:  # as for `_read`
        return None
    return test if _right(test, config.info.test, config.shape, config.info) else None


@contextlib.contextmanager
def _alone(path: Path, notify: ProgressCallback) -> Iterator[None]:
    lock = FileLock(path)
    if not lock.acquire():
        notify("waiting for another process that downloads the same data")
        if not lock.acquire(TIMEOUT):
            raise DatasetError(
                "another process is still downloading this data set; if there is no such"
                f" process, delete {path}"
            )
    try:
        yield
    finally:
        lock.release()


def _from_source(name: str, folder: Path, notify: ProgressCallback) -> Dataset:
    train, test = SOURCES[name](folder, notify)
    data = Dataset(Split(*train), Split(*test))
    if not _matches(data, DATASETS[name]):
        raise DatasetError(
            f"the files of {name} in {folder} do not contain the expected images: delete"
            " them and try again"
        )
    return data


def _write(path: Path, data: Dataset) -> None:
    scratch = path.with_suffix(".part.npz")
    try:
        np.savez(
            scratch,
            train_images=data.train.images,
            train_labels=data.train.labels,
            test_images=data.test.images,
            test_labels=data.test.labels,
        )
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def _read(path: Path, info: DatasetInfo) -> Dataset | None:
    """The converted data set, or None if there is none or it is not what it should be (then it is
    made again).
    """
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
            data = Dataset(
                Split(arrays["train_images"], arrays["train_labels"]),
                Split(arrays["test_images"], arrays["test_labels"]),
            )
    except Exception:  # zipfile and NumPy raise a dozen kinds; whatever it is, the file is not ours
        return None
    return data if _matches(data, info) else None


def _matches(data: Dataset, info: DatasetInfo) -> bool:
    return _right(data.train, info.train, info.shape, info) and _right(
        data.test, info.test, info.shape, info
    )


def _right(split: Split, count: int, shape: ImageShape, info: DatasetInfo) -> bool:
    return (
        split.images.shape == (count, *shape)
        and split.images.dtype == np.uint8
        and split.labels.shape == (count,)
        and 0 <= split.labels.min()
        and split.labels.max() < len(info.class_names)
    )
