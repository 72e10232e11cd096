"""What a lab is: a question, the runs that answer it, and the claims that are made of them.

All of it is data and functions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from autoencoder.config.datasets import DATASETS
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.labs.claims import Claim
from autoencoder.labs.pictures import Picture

if TYPE_CHECKING:
    from autoencoder.labs.trained import Trained

Options = dict[str, Any]  # of a RunConfig
Plan = dict[str, list[RunConfig]]  # role -> a config for each seed
LITTLE = 5_000  # training images, up to which a data set is small
QUICK: Options = {
    "train_size": 5_000,
    "batch_size": 128,
}  # of a data set that is not, so that there are steps enough
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

    dataset: str = "digits"
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
        """Such as "digits-quick": part of a report's name."""
        return "-".join(
            [
                self.dataset,
                *(["quick"] if self.quick else []),
                *([f"e{self.epochs}"] if self.epochs else []),
            ]
        )

    def config(self, preset: str, *, quick: int, full: int, **options: Any) -> RunConfig:
        """A preset's config with `quick` or `full` epochs, and these options."""
        epochs = self.epochs or (quick if self.quick else full)
        if self.quick and not self.is_small:
            options = {**QUICK, **options}
        return RunConfig(**preset_values(preset, self.dataset, **{"epochs": epochs, **options}))

    def each(self, config: RunConfig) -> list[RunConfig]:
        """`config` with each seed."""
        return [replace(config, seed=seed) for seed in self.seeds]


@dataclass(frozen=True)
class Lab:
    """One exercise.

    Attributes:
        name: E1 to E5.
        title, question: In words.
        trains: What is trained, in a sentence.
        minutes: About how long it takes with `digits` (quick, full), and with a large data set
            (quick, full), on two cores.
        plan: The runs, by role.
        claims: Each measures one or several claims.
        pictures: Each draws figures and walls.
    """

    name: str
    title: str
    question: str
    trains: str
    minutes: tuple[float, float, float, float]
    plan: Callable[[Scale], Plan]
    claims: Sequence[Callable[["Trained"], Claim | list[Claim]]]
    pictures: Sequence[Callable[["Trained"], Iterator[Picture]]]

    def report_name(self, scale: Scale) -> str:
        """What its report is called, such as "E1-digits-quick"."""
        return f"{self.name}-{scale.name}"

    def about(self, scale: Scale) -> float:
        """About how many minutes it takes from nothing."""
        small, large = self.minutes[:2], self.minutes[2:]
        return (small if scale.is_small else large)[0 if scale.quick else 1]


def planned(plan: Mapping[str, Sequence[RunConfig]]) -> list[tuple[str, RunConfig]]:
    """Every run of a plan once, with its first role, in order."""
    found: dict[str, tuple[str, RunConfig]] = {}
    for role, configs in plan.items():
        for config in configs:
            found.setdefault(config.key, (role, config))
    return list(found.values())
