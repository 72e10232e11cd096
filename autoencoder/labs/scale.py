"""How large a lab is done: with which data set, and with how much of it for how long."""

from dataclasses import dataclass, replace
from typing import Any

from autoencoder.analysis.clustering import FEWEST
from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.config.presets import FEW_IMAGES, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.jobs.lab import dataset_part

Options = dict[str, Any]  # of a RunConfig
LITTLE = 5_000  # training images, up to which a data set is small
# Of a data set that is not small; with small batches, so that there are steps enough.
QUICK: Options = {"train_size": 5_000, "batch_size": 128}
SEEDS = 3


@dataclass(frozen=True)
class Scale:
    """How large a lab is done.

    Attributes:
        dataset: A data set's name.
        quick: Few epochs, and of a large data set some images only.
        epochs: Instead of the lab's own; 0 leaves those.
        added: What is known of a data set that was added; None for a built-in one.

    Raises:
        ConfigError: There is no such data set, or the epochs are below 0.
    """

    dataset: str = RunConfig().dataset
    quick: bool = False
    epochs: int = 0
    added: DatasetInfo | None = None

    def __post_init__(self) -> None:
        if self.added is None and self.dataset not in DATASETS:
            raise ConfigError(
                f"dataset must be one of {', '.join(DATASETS)}; got {self.dataset[:40]}"
            )
        if not 0 <= self.epochs <= 10_000:
            raise ConfigError(f"epochs must be from 0 to 10000; got {self.epochs}")

    @property
    def info(self) -> DatasetInfo:
        """What is known of the data set."""
        return self.added or DATASETS[self.dataset]

    @property
    def refusal(self) -> str:
        """Why no lab can be done with this data set, in a sentence; empty if one can."""
        if (count := self.info.test) >= FEWEST:
            return ""
        return f"A lab needs at least {FEWEST} test images; {self.info.title} has {count}."

    @property
    def needs_classes(self) -> str:
        """Why nothing can be said of classes, in a sentence; empty if something can."""
        return "" if self.info.has_classes else "The images do not have two classes or more."

    @property
    def is_small(self) -> bool:
        """Whether the data set has few images, so that networks are small and epochs many."""
        return self.info.train <= LITTLE

    @property
    def seeds(self) -> range:
        """One training each."""
        return range(SEEDS)

    @property
    def name(self) -> str:
        """Such as "mnist_sample-quick": part of a report's name."""
        return "-".join(
            [
                dataset_part(self.dataset, self.info),
                *(["quick"] if self.quick else []),
                *([f"e{self.epochs}"] if self.epochs else []),
            ]
        )

    def config(self, preset: str, *, quick: int, full: int, **options: Any) -> RunConfig:
        """A preset's config with `quick` or `full` epochs, and these options. `full` is meant for
        many images: with a few thousand it is doubled, and is at least `quick`.
        """
        if not self.is_small and self.info.train <= FEW_IMAGES:
            full = max(quick, 2 * full)
        epochs = self.epochs or (quick if self.quick else full)
        if self.quick and not self.is_small:
            options = {**QUICK, **options}
        chosen = {"epochs": epochs, **options}
        return RunConfig(**preset_values(preset, self.dataset, self.added, **chosen))

    def each(self, config: RunConfig) -> list[RunConfig]:
        """`config` with each seed."""
        return [replace(config, seed=seed) for seed in self.seeds]
