"""What a run is: every choice that changes its result, checked, frozen, and naming its own folder.

Defaults never change once landed: a run's key hashes what differs from them. Tuned values are
presets (presets.py). Device, threads and precision are no part of it; they are recorded with the
run.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields
from typing import Any

from autoencoder.config.datasets import DATASETS, DatasetInfo, ImageShape
from autoencoder.config.options import check, listed, option
from autoencoder.errors import ConfigError

FORMAT = 1  # of config.json and of the key

Widths = tuple[int, ...]
_LAYERED = ("mlp", "conv")
_NOISY = {"objective": ("denoising",)}
_VARIATIONAL = {"objective": ("variational",)}


@dataclass(frozen=True)
class RunConfig:
    """One training, completely described.

    Refuses nonsense with a ConfigError that names field, rule and value.
    """

    dataset: str = option("digits", "data set", label="Data set", choices=tuple(DATASETS))
    network: str = option(
        "conv", "kind of encoder and decoder", label="Network", choices=("linear", "mlp", "conv")
    )
    objective: str = option(
        "plain",
        "what is asked of the network",
        label="Objective",
        choices=("plain", "denoising", "variational"),
    )
    latent_dim: int = option(
        2,
        "numbers in a latent: the size of the bottleneck (latent_dim)",
        label="Bottleneck",
        low=1,
        high=4096,
    )

    channels: Widths = option(
        (32, 64),
        "channels after each halving convolution",
        label="Channels per convolution",
        group="Network",
        low=1,
        high=1024,
        shortest=1,
        longest=8,
        only={"network": ("conv",)},
    )
    hidden: Widths = option(
        (256,),
        "widths of the dense layers",
        label="Widths of dense layers",
        group="Network",
        low=1,
        high=8192,
        longest=8,
        only={"network": _LAYERED},
    )
    activation: str = option(
        "silu",
        "activation between layers",
        label="Activation",
        group="Network",
        choices=("relu", "leaky_relu", "silu", "sigmoid", "tanh"),
        only={"network": _LAYERED},
    )
    batch_norm: bool = option(
        True,
        "normalise every hidden layer by its batch",
        label="Batch norm",
        group="Network",
        only={"network": ("conv",)},
    )
    dropout: float = option(
        0.0,
        "share of hidden units dropped while training",
        label="Dropout",
        group="Network",
        low=0.0,
        high=0.9,
        only={"network": _LAYERED},
    )
    latent_activation: str = option(
        "none",
        "activation on the bottleneck",
        label="Activation of the bottleneck",
        group="Network",
        choices=("none", "relu", "sigmoid"),
    )
    output_activation: str = option(
        "sigmoid",
        "activation on the pixels",
        label="Activation of the output",
        group="Network",
        choices=("sigmoid", "none"),
    )

    noise: str = option(
        "gaussian",
        "how a denoiser's input is corrupted",
        label="Kind of noise",
        group="Objective",
        choices=("gaussian", "masking", "salt_and_pepper", "warp"),
        only=_NOISY,
    )
    noise_level: float = option(
        0.3,
        "gaussian: standard deviation, in units of the pixel range; warp: how far a corner may"
        " move, in halves of the side; else: share of pixels hit",
        label="Strength of noise",
        group="Objective",
        above=0.0,
        high=1.0,
        only=_NOISY,
    )
    beta: float = option(
        1.0,
        "weight of the KL term against the summed reconstruction",
        label="Beta",
        group="Objective",
        low=0.0,
        high=1e4,
        only=_VARIATIONAL,
    )
    kl_warmup: int = option(
        0,
        "epochs over which beta grows from 0",
        label="KL warm-up, epochs",
        group="Objective",
        low=0,
        high=10_000,
        only=_VARIATIONAL,
    )

    loss: str = option(
        "bce",
        "distance between image and reconstruction",
        label="Loss",
        group="Objective",
        choices=("mse", "bce", "l1"),
    )
    optimizer: str = option(
        "adamw",
        "optimiser",
        label="Optimiser",
        group="Training",
        choices=("adam", "adamw", "sgd", "rmsprop"),
    )
    learning_rate: float = option(
        3e-3,
        "largest learning rate of the schedule",
        label="Learning rate",
        group="Training",
        above=0.0,
        high=10.0,
        step=0.001,
    )
    schedule: str = option(
        "one_cycle",
        "learning rate over time",
        label="Schedule",
        group="Training",
        choices=("constant", "cosine", "one_cycle"),
    )
    batch_size: int = option(
        128, "images per step", label="Batch size", group="Training", low=1, high=16_384
    )
    epochs: int = option(20, "passes over the training images", label="Epochs", low=1, high=10_000)
    patience: int = option(
        0,
        "stop after so many epochs without a better test loss; 0: never",
        label="Patience, epochs (0: never stop early)",
        group="Training",
        low=0,
        high=10_000,
    )
    keep_best: bool = option(
        False,
        "end with the weights of the epoch with the best test loss",
        label="Keep best epoch",
        group="Training",
    )
    seed: int = option(
        0,
        "seeds weights, data order and noise",
        label="Seed",
        group="Training",
        low=0,
        high=2**31 - 1,
    )
    train_size: int = option(
        0,
        "training images used; 0 is all of them",
        label="Training images (0: all)",
        group="Data",
        low=0,
        high=10_000_000,
    )
    classes: Widths = option(
        (),
        "classes kept, by index; none named is all of them",
        label="Classes kept (none: all)",
        group="Data",
        low=0,
        high=9_999,
        longest=1_000,
    )
    augment: float = option(
        0.0,
        "training images are shifted, turned, stretched and slanted a little, anew each time: how"
        " far a corner may move at first, in halves of the side; less and less towards the end",
        label="Warp of training images (0: none)",
        group="Data",
        low=0.0,
        high=1.0,
        step=0.01,
    )

    def __post_init__(self) -> None:
        for each in fields(self):
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
        if self.loss == "bce" and self.output_activation != "sigmoid":
            raise ConfigError(
                f"loss bce needs output_activation sigmoid; got {self.output_activation}"
            )
        if self.objective == "variational" and self.latent_activation != "none":
            means = "with objective variational, whose means may lie anywhere"
            raise ConfigError(
                f"latent_activation must be none {means}; got {self.latent_activation}"
            )

    def _check_effect(self, each: "Field[Any]") -> None:
        """An option without effect would give one training two names: refuse it."""
        for other, values in each.metadata.get("only", {}).items():
            chosen = getattr(self, other)
            if chosen not in values and getattr(self, each.name) != each.default:
                raise ConfigError(f"{each.name} has no effect with {other} {chosen}: leave it out")

    def _check_sizes(self) -> None:
        shortest = min(self.shape.height, self.shape.width)
        if self.network == "conv" and len(self.channels) > (halvings := int(math.log2(shortest))):
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
        if self.batch_size == 1 and self.network == "conv" and self.batch_norm:
            raise ConfigError(
                "batch_size must be at least 2 with batch_norm, which compares images with each"
                " other; got 1"
            )
        known = len(self.info.class_names)
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
        return DATASETS[self.dataset]

    @property
    def shape(self) -> ImageShape:
        """Shape of one image."""
        return self.info.shape

    @property
    def is_variational(self) -> bool:
        """Whether the encoder gives a distribution (mu, log_var) instead of a point."""
        return self.objective == "variational"

    @property
    def key(self) -> str:
        """Directory name of this run, e.g. "digits-conv-d2-1c8b8f3a": readable first, unique
        last.
        """
        changed = {
            f.name: value for f in fields(self) if (value := getattr(self, f.name)) != f.default
        }
        canonical = json.dumps({"format": FORMAT, **changed}, sort_keys=True)
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:8]
        objective = [] if self.objective == "plain" else [self.objective]
        return "-".join([self.dataset, self.network, *objective, f"d{self.latent_dim}", digest])

    def flags(self) -> list[str]:
        """Arguments that make the command line train this very run: what differs from the defaults,
        and the run's name.
        """
        shown: list[str] = []
        for each in fields(self):
            value, flag = getattr(self, each.name), "--" + each.name.replace("_", "-")
            if isinstance(value, bool):
                shown += [] if value == each.default else [flag if value else f"--no-{flag[2:]}"]
            elif value != each.default or each.name in ("dataset", "network", "latent_dim"):
                shown += [flag, (listed(value) if isinstance(value, tuple) else str(value))]
        return shown

    def to_dict(self) -> dict[str, Any]:
        """Everything, defaults included, ready for JSON."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "RunConfig":
        """The inverse of `to_dict`; options added since then get their defaults.

        Raises ConfigError.
        """
        if not isinstance(data, Mapping):
            raise ConfigError("a config must be a JSON object")
        if (version := data.get("format")) != FORMAT or isinstance(version, bool):
            raise ConfigError(
                f"the config has format {version!r}; this version reads format {FORMAT}"
            )
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in data.items()
            if name != "format"
        }
        if unknown := sorted(map(str, set(given) - {f.name for f in fields(cls)})):
            raise ConfigError(
                f"the config has options this version does not know: {', '.join(unknown)[:200]}"
            )
        return cls(**given)


OPTIONS: dict[str, "Field[Any]"] = {option.name: option for option in fields(RunConfig)}


def label(name: str) -> str:
    """What an option is called on pages, such as "Bottleneck" for latent_dim."""
    return str(OPTIONS[name].metadata["label"])


def applicable(**choices: Any) -> dict[str, bool]:
    """Every option's name -> whether it has an effect under `choices` (network=...,
    objective=...).
    """
    return {
        option.name: all(
            choices.get(other, values[0]) in values
            for other, values in option.metadata.get("only", {}).items()
        )
        for option in fields(RunConfig)
    }
