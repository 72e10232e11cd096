"""What a run is: every choice that changes its result, checked, frozen, and naming its own folder.

A run's key hashes what differs from the BASELINE, the first default that each option had, which is
frozen. So a default may move, if the option says what it was (baseline=...); and a new option's
default is what was done before there was such an option. Tuned values are presets (presets.py).
Device, threads and precision are no part of a config; they are recorded with the run.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from autoencoder.config import added_datasets
from autoencoder.config.datasets import DATASETS, DataOptions, DatasetInfo, ImageShape
from autoencoder.config.networks import NETWORKS, NetworkOptions, NetworkSpec
from autoencoder.config.objectives import OBJECTIVES, ObjectiveOptions, ObjectiveSpec
from autoencoder.config.optimisation import TrainingOptions
from autoencoder.config.options import Choice, check, listed, option
from autoencoder.errors import ConfigError

FORMAT = 2  # of a run's folder, its config.json and its key; format_1.py reads the one before


@dataclass(frozen=True)
class MainOptions:
    """What a visitor chooses first."""

    dataset: str = option(
        "mnist_sample", "data set", label="Data set", choices=DATASETS, baseline="digits"
    )
    network: str = option("conv", "kind of encoder and decoder", label="Network", choices=NETWORKS)
    objective: str = option(
        "plain", "the task that the network learns", label="Objective", choices=OBJECTIVES
    )
    latent_dim: int = option(
        2,
        "number of latent values: the size of the bottleneck (latent_dim)",
        label="Bottleneck",
        low=1,
        high=4096,
    )


@dataclass(frozen=True)
class RunConfig(DataOptions, TrainingOptions, ObjectiveOptions, NetworkOptions, MainOptions):
    """One training, completely described.

    Its options are those of the classes above: in their order the last comes first. Refuses
    nonsense with a ConfigError that names field, rule and value.

    Attributes:
        added: What is known of a data set that was added; None for one of DATASETS. It is no
            option: whoever names such a data set looks it up in the data folder.
    """

    added: DatasetInfo | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.added is not None:
            added_datasets.check(self.dataset, self.added)
        for each in _options(type(self)):
            if not (each.name == "dataset" and self.added):
                check(each, getattr(self, each.name))
            if isinstance(
                each.default, float
            ):  # 1 and 1.0, 0.0 and -0.0 are one value and must give one key
                object.__setattr__(self, each.name, float(getattr(self, each.name)) + 0.0)
            self._check_effect(each)
        self._check_sizes()
        every = len(self.classes) == len(self.info.class_names)
        object.__setattr__(
            self, "classes", () if every else tuple(sorted(self.classes))
        )  # one choice, one key
        self._check_needs()

    def _check_effect(self, each: "Field[Any]") -> None:
        """An option without effect would give one training two names: it is refused, or, where it
        was left out, takes its value of the baseline.
        """
        for other, values in EFFECTIVE_WITH[each.name].items():
            if (chosen := getattr(self, other)) in values:
                continue
            if getattr(self, each.name) not in (each.default, BASELINE[each.name]):
                raise ConfigError(f"{each.name} has no effect with {other} {chosen}: leave it out")
            object.__setattr__(self, each.name, BASELINE[each.name])

    def _check_needs(self) -> None:
        """Choices that do not go together are refused."""
        for name, choices in CHOICES.items():
            for need in choices[getattr(self, name)].needs if name != "dataset" else ():
                if (value := getattr(self, need.option)) != need.value:
                    raise ConfigError(f"{need.sentence}; got {value}")

    def _check_sizes(self) -> None:
        shortest = min(self.shape.height, self.shape.width)
        if self.uses("channels") and len(self.channels) > (halvings := int(math.log2(shortest))):
            limit = (
                f"at most {halvings} convolutions, since {self.shape} images halve no more often"
            )
            raise ConfigError(f"channels may name {limit}; got {len(self.channels)}")
        if self.train_size > self.info.train:
            raise ConfigError(
                f"train_size must be at most {self.info.train}, all there are in {self.dataset};"
                f" got {self.train_size}"
            )
        images = self.train_size or self.info.train
        if self.batch_size > images:
            raise ConfigError(
                f"batch_size must be at most the number of training images, {images}; got"
                f" {self.batch_size}"
            )
        if self.batch_size == 1 and self.uses("batch_norm") and self.batch_norm:
            raise ConfigError(
                "batch_size must be at least 2 with batch_norm, which compares images with each"
                " other; got 1"
            )
        known = len(self.info.class_names)
        if self.classes and not known:
            raise ConfigError(
                f"classes must be left out, since the images of {self.dataset} have none; got"
                f" {listed(self.classes)}"
            )
        if self.classes and (
            max(self.classes) >= known or len(set(self.classes)) < len(self.classes)
        ):
            raise ConfigError(
                f"classes must name different classes from 0 to {known - 1}; got"
                f" {listed(self.classes)}"
            )

    @property
    def info(self) -> DatasetInfo:
        """What is known of the data set."""
        return self.added or DATASETS[self.dataset]

    @property
    def shape(self) -> ImageShape:
        """Shape of one image."""
        return self.info.shape

    def same_images(self, other: "RunConfig") -> bool:
        """Whether both are of the same data set, with the same images in it."""
        mine, theirs = (self.dataset, self.info), (other.dataset, other.info)
        return mine == theirs

    @property
    def network_spec(self) -> NetworkSpec:
        """What is known of the kind of network."""
        return NETWORKS[self.network]

    @property
    def objective_spec(self) -> ObjectiveSpec:
        """What is known of the objective."""
        return OBJECTIVES[self.objective]

    @property
    def is_variational(self) -> bool:
        """Whether the encoder gives a distribution (mu, log_var) instead of a point."""
        return self.objective_spec.is_variational

    @property
    def objective_part(self) -> list[str]:
        """The objective's name as a part of longer names, which leave out the usual one."""
        return [] if self.objective == OPTIONS["objective"].default else [self.objective]

    def uses(self, name: str) -> bool:
        """Whether the option has an effect in this config."""
        return all(getattr(self, other) in values for other, values in EFFECTIVE_WITH[name].items())

    @property
    def key(self) -> str:
        """Directory name of this run, e.g. "digits-conv-d2-1c8b8f3a": readable first, unique
        last.
        """
        return self.key_of_format(FORMAT)

    def key_of_format(self, version: int, **stored: Any) -> str:
        """The key in that version of the format, of a config that has the options `stored`
        instead of its own.
        """
        options = {**vars(self), **stored}
        changed = {name: options[name] for name in BASELINE if options[name] != BASELINE[name]}
        if self.added is not None:
            changed["fingerprint"] = self.added.fingerprint
        canonical = json.dumps({"format": version, **changed}, sort_keys=True)
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:8]
        readable = [self.dataset, self.network, *self.objective_part, f"d{self.latent_dim}"]
        return "-".join([*readable, digest])

    def flags(self) -> list[str]:
        """Arguments that make the command line train this very run: what differs from the defaults,
        and the run's name.
        """
        shown: list[str] = []
        for each in OPTIONS.values():
            value, flag = getattr(self, each.name), "--" + each.name.replace("_", "-")
            if not self.uses(each.name):
                continue
            if isinstance(value, bool):
                shown += [] if value == each.default else [flag if value else f"--no-{flag[2:]}"]
            elif value != each.default or each.name in ("dataset", "network", "latent_dim"):
                shown += [flag, (listed(value) if isinstance(value, tuple) else str(value))]
        return shown

    def to_dict(self) -> dict[str, Any]:
        """Everything, defaults included, ready for JSON."""
        options = {name: getattr(self, name) for name in OPTIONS}
        if self.added is None:
            return {"format": FORMAT, **options}
        return {"format": FORMAT, **options, "added": added_datasets.to_json(self.added)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "RunConfig":
        """The inverse of `to_dict`; options added since then get their values of the baseline.

        Raises ConfigError.
        """
        if not isinstance(data, Mapping) or "added" not in data:
            return cls(**options_in(data, FORMAT))
        options = {name: value for name, value in data.items() if name != "added"}
        added = added_datasets.from_json(data["added"])
        return cls(**options_in(options, FORMAT), added=added)


def options_in(data: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Every option of RunConfig as a config.json of that format says it, or the baseline.

    Raises ConfigError if it is of another format, or names an option that there is not.
    """
    if not isinstance(data, Mapping):
        raise ConfigError("a config must be a JSON object")
    if (stored := data.get("format")) != version or isinstance(stored, bool):
        raise ConfigError(
            f"the config has format {stored!r}; this version reads formats 1 and {FORMAT}"
        )
    options: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.items()
        if name != "format"
    }
    if unknown := sorted(map(str, set(options) - BASELINE.keys())):
        raise ConfigError(
            f"the config has options this version does not know: {', '.join(unknown)[:200]}"
        )
    return {**BASELINE, **options}


def _options(kind: type[RunConfig]) -> list["Field[Any]"]:
    """Every field but `added`, which is no option."""
    return [each for each in fields(kind) if each.name != "added"]


def _baseline(each: "Field[Any]") -> Any:
    return each.metadata.get("baseline", each.default)


OPTIONS: dict[str, "Field[Any]"] = {each.name: each for each in _options(RunConfig)}
BASELINE: dict[str, Any] = {name: _baseline(each) for name, each in OPTIONS.items()}
CHOICES: dict[str, Mapping[str, Choice]] = {  # option -> the registry it chooses from
    name: option.metadata["choices"]
    for name, option in OPTIONS.items()
    if "choices" in option.metadata
}


def _values_that_use(name: str) -> dict[str, list[str]]:
    """Options that decide whether the option `name` has an effect -> their values with which it
    has.
    """
    users = {
        other: [value for value, choice in choices.items() if name in choice.options]
        for other, choices in CHOICES.items()
    }
    return {other: values for other, values in users.items() if values}


EFFECTIVE_WITH = {name: _values_that_use(name) for name in OPTIONS}


def label(name: str) -> str:
    """What an option is called on pages, such as "Bottleneck" for latent_dim."""
    return str(OPTIONS[name].metadata["label"])


def applicable(**choices: Any) -> dict[str, bool]:
    """Every option's name -> whether it has an effect under `choices` (network=...,
    objective=...).
    """
    return {
        name: all(choices.get(other, values[0]) in values for other, values in deciding.items())
        for name, deciding in EFFECTIVE_WITH.items()
    }
