"""How large a lab is done: with which data set, and with how much of it for how long."""

from dataclasses import dataclass, replace
from typing import Any

from autoencoder.config.datasets import DATASETS
from autoencoder.config.presets import FEW_IMAGES, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError

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

    Raises:
        ConfigError: There is no such data set, or the epochs are below 0.
    """

    dataset: str = RunConfig().dataset
    quick: bool = False
    epochs: int = 0

    def __post_init__(self) -> None:
        if self.dataset not in DATASETS:
            raise ConfigError(
                f"dataset must be one of {', '.join(DATASETS)}; got {self.dataset[:40]}"
            )
        if not 0 <= self.epochs <= 10_000:
            raise ConfigError(f"epochs must be from 0 to 10000; got {self.epochs}")

    @property
    def is_small(self) -> bool:
        """Whether the data set has few images, so that networks are small and epochs many."""
        return DATASETS[self.dataset].train <= LITTLE

    @property
    def seeds(self) -> range:
        """One training each."""
        return range(SEEDS)

    @property
    def name(self) -> str:
        """Such as "mnist_sample-quick": part of a report's name."""
        return "-".join(
            [
                self.dataset,
                *(["quick"] if self.quick else []),
                *([f"e{self.epochs}"] if self.epochs else []),
            ]
        )

    def config(self, preset: str, *, quick: int, full: int, **options: Any) -> RunConfig:
        """A preset's config with `quick` or `full` epochs, and these options. `full` is meant for
        many images: with a few thousand it is doubled, and is at least `quick`.
        """
        if not self.is_small and DATASETS[self.dataset].train <= FEW_IMAGES:
            full = max(quick, 2 * full)
        epochs = self.epochs or (quick if self.quick else full)
        if self.quick and not self.is_small:
            options = {**QUICK, **options}
        return RunConfig(**preset_values(preset, self.dataset, **{"epochs": epochs, **options}))

    def each(self, config: RunConfig) -> list[RunConfig]:
        """`config` with each seed."""
        return [replace(config, seed=seed) for seed in self.seeds]
