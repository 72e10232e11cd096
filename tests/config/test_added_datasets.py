"""Data sets that somebody added, as a run's config knows them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from autoencoder.config.added_datasets import Description, info_of, suggest_name
from autoencoder.config.datasets import DatasetInfo
from autoencoder.config.presets import PRESETS, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.networks.blueprint import blueprint_of

LEAVES = info_of(
    Description(
        title="Blätter 葉",
        shape=(3, 64, 48),
        class_names=["oak", "Ähre"],
        train=800,
        test=141,
        fingerprint="0123456789abcdef",
    )
)


def config_of(info: DatasetInfo = LEAVES, name: str = "leaves", **options: Any) -> RunConfig:
    """A small config on an added data set."""
    return RunConfig(dataset=name, added=info, network="linear", batch_size=2, **options)


def test_a_config_says_all_that_is_known_of_its_images() -> None:
    """It can be read where the images are not, with the same key."""
    config = config_of()
    stored = json.loads(json.dumps(config.to_dict()))

    assert RunConfig.from_dict(stored) == config
    assert config.key.startswith("leaves-linear-d2-")
    assert (config.shape, config.info.class_names) == ((3, 64, 48), ("oak", "Ähre"))


def test_other_images_of_the_same_name_are_another_run() -> None:
    """The fingerprint is part of the key; the title is not."""
    other = replace(LEAVES, fingerprint="f" * 16)

    assert config_of(other).key != config_of().key
    assert config_of(replace(LEAVES, title="Leaves")).key == config_of().key
    assert config_of(other) != config_of()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"shape": LEAVES.shape._replace(channels=2)}, "images must have 1 or 3 channels; got 2"),
        ({"shape": LEAVES.shape._replace(height=7)}, "sides of images must be 8 to 256.* got 7"),
        ({"shape": LEAVES.shape._replace(width=300)}, "sides of images must be 8 to 256.* got 300"),
        ({"class_names": ("x",) * 1_001}, "at most 1,000 classes; got 1,001"),
        ({"class_names": ("x" * 200,) * 300}, "at most 50,000 letters; got 60,000"),
        ({"test": 0}, "1 to 100,000,000 training images and as many test images"),
        ({"fingerprint": ""}, "must have a fingerprint of 16 hexadecimal digits"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_no_data_set_can_be_is_refused(change: dict[str, Any], sentence: str) -> None:
    """Each rule in one sentence with what was given."""
    with pytest.raises(ConfigError, match=sentence):
        config_of(replace(LEAVES, **change))


@pytest.mark.parametrize("name", ["", "Leaves", "-x", "a b", "x" * 41, "../x", "mnist", None])
def test_a_name_is_part_of_keys(name: Any) -> None:
    """Small letters, digits, - and _; and not that of a built-in data set."""
    with pytest.raises(ConfigError, match="the name of a data set must"):
        config_of(name=name)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("My leaves", "my-leaves"),
        ("Blätter (2024)", "blatter-2024"),
        ("葉", "images"),
        ("", "images"),
        ("mnist", "mnist-2"),
        ("x" * 100, "x" * 32),
    ],
)
def test_a_title_in_any_script_gets_a_name(title: str, name: str) -> None:
    """It can be used, and is not one that is taken."""
    assert suggest_name(title, ["mnist"]) == name
    config_of(name=name)


def test_classes_of_images_without_classes_are_refused() -> None:
    """There is nothing to choose from."""
    plain = replace(LEAVES, class_names=())
    with pytest.raises(ConfigError, match=r"classes must be left out, since .* have none; got 0"):
        config_of(plain, classes=(0,))
    assert not plain.has_classes and LEAVES.has_classes


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("side", [8, 16, 28, 40, 64, 96, 128, 256])
@pytest.mark.parametrize("count", [2, 100, 3_000, 15_000, 70_000])
def test_presets_fit_any_images(preset: str, side: int, count: int) -> None:
    """The config is accepted, and after all convolutions 2 to 9 rows and columns are left."""
    info = replace(LEAVES, shape=LEAVES.shape._replace(height=side, width=side), train=count)
    config = RunConfig(**preset_values(preset, "leaves", info, latent_dim=4))
    if config.uses("channels"):
        assert 2 <= side / 2 ** len(config.channels) < 9
    assert blueprint_of(config).parameters > 0
