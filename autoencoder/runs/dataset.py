"""dataset.json: what a run's images are, for places where the data set itself is not."""

import re
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import files
from autoencoder.validation import Exact, PositiveCount, matching

FILE = "dataset.json"
MAX_BYTES = 4 << 20
FINGERPRINT = re.compile(r"[0-9a-f]{16}")
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class StoredDataset(Exact, frozen=True):
    """The data set of a run, whole: a run may use some of its classes and images only.

    Attributes:
        name, title: In the catalogue, and on pages.
        shape: Channels, height and width of an image.
        class_names: By class index.
        train, test: Images of each split.
        fingerprint: Of all images and labels, see `data.loading.fingerprint`.
    """

    name: Name
    title: Name
    shape: tuple[PositiveCount, PositiveCount, PositiveCount]
    class_names: Annotated[list[Name], Meta(max_length=10_000)]
    train: PositiveCount
    test: PositiveCount
    fingerprint: Annotated[str, matching(FINGERPRINT)]


def stored_dataset(config: RunConfig, fingerprint: str) -> StoredDataset:
    """The data set of `config`, whose images have that fingerprint."""
    info = config.info
    return StoredDataset(
        config.dataset,
        info.title,
        (info.shape.channels, info.shape.height, info.shape.width),
        list(info.class_names),
        info.train,
        info.test,
        fingerprint,
    )


def read_dataset(path: Path, config: RunConfig) -> StoredDataset:
    """dataset.json. Raises OSError, or ValueError if it is of other images than the config's."""
    stored = files.read_json(path, StoredDataset, MAX_BYTES)
    if (stored.name, stored.shape) != (config.dataset, tuple(config.shape)):
        raise ValueError(f"{path.name} is of other images than those of {config.dataset}")
    return stored
