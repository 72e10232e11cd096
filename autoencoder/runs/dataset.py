"""dataset.json: what a run's images are, for places where the data set itself is not."""

from pathlib import Path

from autoencoder.config.added_datasets import Description, Name, describe
from autoencoder.config.run_config import RunConfig
from autoencoder.runs import files

FILE = "dataset.json"
MAX_BYTES = 4 << 20


class StoredDataset(Description, frozen=True, kw_only=True):
    """The data set of a run, whole: a run may use some of its classes and images only.

    Attributes:
        name: In the catalogue.
    """

    name: Name


def stored_dataset(config: RunConfig, fingerprint: str) -> StoredDataset:
    """The data set of `config`, whose images have that fingerprint."""
    return StoredDataset(name=config.dataset, **describe(config.info, fingerprint))


def read_dataset(path: Path, config: RunConfig) -> StoredDataset:
    """dataset.json. Raises OSError, or ValueError if it is of other images than the config's."""
    stored = files.read_json(path, StoredDataset, MAX_BYTES)
    if (stored.name, stored.shape) != (config.dataset, tuple(config.shape)):
        raise ValueError(f"{path.name} is of other images than those of {config.dataset}")
    return stored
