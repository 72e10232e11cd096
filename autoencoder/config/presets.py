"""Named starting points: tuned values for a data set or a purpose.

The form and the command line start from them.

A preset only names what differs from the defaults of RunConfig; an option that is given beside it
wins. Values were tuned on MNIST, 60,000 images of 28x28, and on digits. For a data set without
values of its own, they follow from image size and count:

- Images of MNIST's shape (Fashion-MNIST, KMNIST): MNIST's values.
- The same with at most 20,000 training images (the MNIST sample): MNIST's values, but twice the
  epochs. A sixth of the images then takes a third of MNIST's time.
- Other images, and few of any shape: as many halvings as leave 4 to 8 rows and columns, half as
  many channels from 48 pixels a side on, and batch size, learning rate and epochs by the count.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.config.objectives import OBJECTIVES
from autoencoder.config.run_config import CHOICES, OPTIONS, applicable
from autoencoder.errors import ConfigError


@dataclass(frozen=True)
class Preset:
    """Values by option name, with more of them for particular data sets."""

    title: str
    help: str
    values: Mapping[str, Any]
    by_dataset: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


FEW_IMAGES = 20_000  # training images, up to which MNIST's epochs are doubled
VERY_FEW_IMAGES = 5_000  # up to which MNIST's values do not fit
_LITTLE_DATA = {"batch_size": 64, "epochs": 60}
_FOUND = {
    "batch_size": 256,
    "learning_rate": 0.012,
}  # with MNIST, by benchmarks/quality.py: see benchmarks/NOTES.md
_FOUND_FEW = {"batch_size": 128, "learning_rate": 0.006}  # with the MNIST sample
_MAP = {  # found with MNIST: see benchmarks/NOTES.md
    "network": "mlp",
    "hidden": (1000, 500, 250, 100, 50),
    "activation": "relu",
    "objective": "neighbours",
    "neighbour_decay": 0.9,
    "batch_size": 256,
    "learning_rate": 0.002,
}
_SMALL_GRID = 6  # rows or columns, about, that are left of an image after all halvings
_MOST_HALVINGS = 6
_MOST_CHANNELS = 256
_LARGE_SIDE = 48  # pixels, from which the first convolution gives half as many channels
_MOST_EPOCHS = 200  # where few images make them more
_LITTLE_MAP = {"hidden": (256, 128, 64, 32), "neighbour_warp": 0.1}

PRESETS: dict[str, Preset] = {
    "balanced": Preset(
        "Balanced",
        "a good network in a short time",
        {"epochs": 10},
        {
            "digits": (
                _LITTLE_DATA | {"channels": (16, 32), "hidden": (128,), "learning_rate": 0.006}
            ),
            "mnist": _FOUND | {"epochs": 4},
            "mnist_sample": _FOUND_FEW | {"epochs": 6},
            "cifar10": {"channels": (32, 64, 128), "epochs": 15},
        },
    ),
    "small": Preset(
        "Small",
        "as fast as possible, for a first look",
        {"channels": (16, 32), "hidden": (64,), "epochs": 3},
        {
            "digits": {"batch_size": 64, "epochs": 20, "learning_rate": 0.006},
            "mnist": _FOUND,
            "mnist_sample": _FOUND_FEW | {"epochs": 4},
        },
    ),
    "thorough": Preset(
        "Thorough",
        "the best reconstructions; it takes the longest time",
        {"hidden": (512,), "channels": (32, 64), "epochs": 60},
        {
            "digits": {
                "batch_size": 64,
                "epochs": 200,
                "hidden": (256,),
                "learning_rate": 0.006,
                "augment": 0.4,
            },
            "mnist": _FOUND | {"epochs": 32, "augment": 0.3},
            "mnist_sample": _FOUND_FEW | {"epochs": 64, "augment": 0.3},
            "cifar10": {"channels": (64, 128, 256), "epochs": 60},
        },
    ),
    "classes": Preset(
        "Classes apart",
        "a denoiser of warped images: similar images get similar latents, without"
        " labels; reconstructions become worse",
        {
            "objective": "denoising",
            "noise": "warp",
            "noise_level": 0.2,
            "learning_rate": 0.006,
            "epochs": 20,
        },
        {
            "digits": _LITTLE_DATA | {"channels": (16, 32), "hidden": (128,)},
            "cifar10": {"channels": (32, 64, 128)},
        },
    ),
    "map": Preset(
        "Map",
        "similar images near each other, without labels: the best map of two latent values;"
        " it takes a long time",
        _MAP | {"epochs": 40, "neighbour_weight": 200.0},
        {"digits": _LITTLE_DATA | _LITTLE_MAP | {"epochs": 200}},
    ),
    "map-fast": Preset(
        "Map, fast",
        "the same in a shorter time",
        _MAP | {"epochs": 8},
        {"digits": _LITTLE_DATA | _LITTLE_MAP},
    ),
    "simple": Preset(
        "Lab E1: simple",
        "one dense layer down, one up, ReLU latents, squared error",
        {"network": "linear", "latent_activation": "relu", "loss": "mse", "epochs": 20},
        {"digits": _LITTLE_DATA},
    ),
    "deeper": Preset(
        "Lab E1: deeper",
        "dense layers with LeakyReLU and dropout, squared error",
        {
            "network": "mlp",
            "hidden": (512, 256, 128),
            "activation": "leaky_relu",
            "dropout": 0.1,
            "loss": "mse",
            "epochs": 20,
        },
        {"digits": _LITTLE_DATA | {"hidden": (128, 64)}},
    ),
    "pca": Preset(
        "Lab E2: linear",
        "no activations: with enough epochs, it finds the subspace of PCA",
        {
            "network": "linear",
            "output_activation": "none",
            "loss": "mse",
            "optimizer": "adam",
            "learning_rate": 0.01,
            "schedule": "cosine",
            "epochs": 10,
        },
        {
            "digits": _LITTLE_DATA | {"learning_rate": 0.05, "epochs": 200},
            "mnist_sample": {"epochs": 60},  # as many steps as with MNIST
        },
    ),
}


def preset_values(
    name: str, dataset: str, added: DatasetInfo | None = None, **chosen: Any
) -> dict[str, Any]:
    """Arguments of RunConfig: the preset's values for `dataset` (described by `added` if it was
    added), overridden by `chosen`, without those that then have no effect.

    Raises ConfigError if there is no such preset.
    """
    if name not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}; got {name}")
    preset = PRESETS[name]
    info = added or DATASETS.get(dataset)
    merged = {"dataset": dataset, **_values_for(preset, dataset, info), **chosen}
    choices = {name: merged.get(name, OPTIONS[name].default) for name in CHOICES}
    objective = OBJECTIVES.get(choices["objective"])
    for need in objective.needs if objective else ():
        if need.option not in chosen:
            merged.pop(need.option, None)
    effective = applicable(**choices)
    values = {
        option: value
        for option, value in merged.items()
        if option in chosen or effective.get(option, True)
    }
    return values if added is None else {**values, "added": added}


def _values_for(preset: Preset, dataset: str, info: DatasetInfo | None) -> dict[str, Any]:
    """The preset's values for a data set, whether or not it has values of its own."""
    if info is None or dataset in preset.by_dataset:
        return {**preset.values, **preset.by_dataset.get(dataset, {})}
    if info.shape != DATASETS["mnist"].shape or info.train <= VERY_FEW_IMAGES:
        return _by_rule(preset, info)
    values = {**preset.values, **preset.by_dataset.get("mnist", {})}
    return values | ({"epochs": 2 * _epochs(values)} if info.train <= FEW_IMAGES else {})


def _by_rule(preset: Preset, info: DatasetInfo) -> dict[str, Any]:
    """Values that follow from the size of the images and from how many there are."""
    values = {**preset.values, "channels": _channels(preset, min(info.shape[1:]))}
    if info.train > FEW_IMAGES:
        return values
    batch_size, rate, factor = _pace(info.train)
    return values | {
        "batch_size": max(2, min(batch_size, info.train)),
        "learning_rate": values.get("learning_rate", rate),
        "epochs": max(_epochs(values), min(factor * _epochs(values), _MOST_EPOCHS)),
    }


def _channels(preset: Preset, side: int) -> tuple[int, ...]:
    """Of each convolution, doubled from one to the next, for images whose shorter side has so many
    pixels.
    """
    first: int = preset.values.get("channels", OPTIONS["channels"].default)[0]
    halvings = min(max(1, round(math.log2(side / _SMALL_GRID))), _MOST_HALVINGS)
    if side >= _LARGE_SIDE:
        first //= 2
    return tuple(min(first << index, _MOST_CHANNELS) for index in range(halvings))


def _pace(images: int) -> tuple[int, float, int]:
    """Batch size, learning rate, and how many times the usual epochs, for so many images."""
    if images <= 500:
        return 16, 0.003, 10
    if images <= VERY_FEW_IMAGES:
        return 64, 0.006, 6
    return 128, 0.006, 2


def _epochs(values: Mapping[str, Any]) -> int:
    epochs: int = values.get("epochs", OPTIONS["epochs"].default)
    return epochs
