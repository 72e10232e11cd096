"""RunConfig, its options and the presets: what is refused, in which words, and which folder a
config names.
"""

import hashlib
import json
import math
import re
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoencoder.config import options
from autoencoder.config.datasets import DATASETS, DatasetInfo, ImageShape
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.presets import PRESETS, preset_values
from autoencoder.config.run_config import BASELINE, EFFECTIVE_WITH, OPTIONS, RunConfig, applicable
from autoencoder.errors import ConfigError
from autoencoder.networks import blueprint

RULES = {name: option.metadata for name, option in OPTIONS.items()}
KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")

OTHER: dict[
    str, dict[str, Any]
] = {  # for every option a value that is not its default, with what it needs beside it
    "dataset": {"dataset": "mnist"},
    "network": {"network": "mlp"},
    "objective": {"objective": "denoising"},
    "latent_dim": {"latent_dim": 3},
    "channels": {"channels": (8,)},
    "hidden": {"hidden": ()},
    "activation": {"activation": "relu"},
    "batch_norm": {"batch_norm": False},
    "dropout": {"dropout": 0.1},
    "latent_activation": {"latent_activation": "relu"},
    "output_activation": {"output_activation": "none", "loss": "mse"},
    "noise": {"noise": "masking", "objective": "denoising"},
    "noise_level": {"noise_level": 0.5, "objective": "denoising"},
    "beta": {"beta": 2.0, "objective": "variational"},
    "kl_warmup": {"kl_warmup": 5, "objective": "variational"},
    "neighbour_weight": {"neighbour_weight": 30.0, "objective": "neighbours"},
    "neighbour_decay": {"neighbour_decay": 0.5, "objective": "neighbours"},
    "neighbours": {"neighbours": 5, "objective": "neighbours"},
    "neighbour_space": {"neighbour_space": "digits-conv-d8-0", "objective": "neighbours"},
    "neighbour_warp": {"neighbour_warp": 0.1, "objective": "neighbours"},
    "patience": {"patience": 3},
    "keep_best": {"keep_best": True},
    "loss": {"loss": "l1"},
    "optimizer": {"optimizer": "sgd"},
    "learning_rate": {"learning_rate": 0.01},
    "schedule": {"schedule": "cosine"},
    "batch_size": {"batch_size": 64},
    "epochs": {"epochs": 3},
    "seed": {"seed": 1},
    "train_size": {"train_size": 500},
    "classes": {"classes": (1, 7)},
    "augment": {"augment": 0.03},
}


def wrong_values() -> list[tuple[str, Any]]:
    """For every option: values of wrong types and just outside its range."""
    cases: list[tuple[str, Any]] = []
    for name, option in OPTIONS.items():
        rule, default = RULES[name], option.default
        if "choices" in rule:
            cases += [
                (name, value)
                for value in ("nonsense", "", default.upper(), 3, None, [default], {}, math.nan)
            ]
        elif "names_run" in rule:
            texts = ("Digits", "../models", "a b", "-d2", "d2\n", "d" * 90)
            cases += [(name, value) for value in (*texts, 3, None, True, ("digits",), [""], {})]
        elif isinstance(default, bool):
            cases += [(name, value) for value in (1, 0, "true", None)]
        elif isinstance(default, tuple):
            some = rule["low"] + 1
            cases += [
                (name, value)
                for value in (some, "8", None, [some], (True,), (1.0,), (None,), ("8",), ((some,),))
            ]
            cases += [
                (name, (rule["low"] - 1,)),
                (name, (some, rule["high"] + 1)),
                (name, (some,) * (rule["longest"] + 1)),
            ]
            cases += [(name, ())] if rule.get("shortest") else []
        else:
            below = rule["above"] if "above" in rule else rule["low"] - 1
            cases += [
                (name, value)
                for value in (below, rule["high"] + 1, "3", None, True, (1,), 1j, 10**300)
            ]
            cases += [(name, value) for value in (math.nan, math.inf, -math.inf)]
            cases += [(name, 1.5), (name, 2.0)] if isinstance(default, int) else []
    return cases


FROZEN = {  # format 2; only new options may be added, never a value changed
    **{"dataset": "digits", "network": "conv", "objective": "plain", "latent_dim": 2},
    **{"channels": (32, 64), "hidden": (256,), "activation": "silu", "batch_norm": True},
    **{"dropout": 0.0, "latent_activation": "none", "output_activation": "sigmoid"},
    **{"noise": "gaussian", "noise_level": 0.3, "beta": 1.0, "kl_warmup": 0, "loss": "bce"},
    **{"optimizer": "adamw", "learning_rate": 3e-3, "schedule": "one_cycle", "batch_size": 128},
    **{"epochs": 20, "patience": 0, "keep_best": False, "seed": 0},
    **{"train_size": 0, "classes": (), "augment": 0.0},
    **{"neighbour_weight": 300.0, "neighbours": 15, "neighbour_warp": 0.2},
    **{"neighbour_space": "", "neighbour_decay": 0.0},
}


def test_the_baseline_is_frozen() -> None:
    """Folders of runs and links to them carry keys formed against it: any other value, or another
    hashing, would orphan every run that exists. Whoever moves a default names the old one as its
    baseline.
    """
    assert BASELINE == FROZEN
    assert RunConfig(**FROZEN).key == "digits-conv-d2-3da2733d"


def test_the_space_of_neighbours_renames_no_run() -> None:
    """Runs that were asked for neighbours before one could say where they are found keep their
    keys, and their configs are read as they were.
    """
    config = RunConfig(dataset="digits", objective="neighbours", neighbour_weight=30.0)
    before = {name: value for name, value in config.to_dict().items() if name != "neighbour_space"}

    assert config.key == "digits-conv-neighbours-d2-38b303f3"
    assert RunConfig.from_dict(before) == config


def test_the_key_hashes_only_what_differs_from_the_baseline() -> None:
    """So that an option added later does not rename old runs."""
    digest = hashlib.sha256(b'{"channels": [8], "epochs": 3, "format": 2}').hexdigest()[:8]

    assert RunConfig(dataset="digits", epochs=3, channels=(8,)).key == f"digits-conv-d2-{digest}"


@dataclass(frozen=True)
class MovedDefaults(RunConfig):
    """A later version of RunConfig, with better defaults."""

    epochs: int = options.option(5, "", label="", baseline=20, low=1, high=10_000)
    activation: str = options.option("relu", "", label="", baseline="silu", choices=ACTIVATIONS)


def test_a_default_may_move_without_renaming_runs() -> None:
    """The same options give the same key whatever the defaults are, and a config that was kept
    reads as it was.
    """
    assert MovedDefaults().key == RunConfig(epochs=5, activation="relu").key
    assert MovedDefaults(epochs=20, activation="silu").key == RunConfig().key
    assert MovedDefaults.from_dict({"format": 2, "latent_dim": 3}).epochs == 20


def test_an_option_without_effect_has_one_value_whatever_the_default() -> None:
    """A linear network has no activation, so that a moved default does not give it two keys."""
    linear = MovedDefaults(network="linear", epochs=20)

    assert linear.key == RunConfig(network="linear").key
    with pytest.raises(ConfigError, match="activation has no effect with network linear"):
        MovedDefaults(network="linear", activation="tanh")


def test_the_key_is_readable_first() -> None:
    """Data set, network, an objective that is not plain, and latent_dim stand in front of the
    hash.
    """
    config = RunConfig(dataset="mnist", network="mlp", objective="variational", latent_dim=16)

    assert re.fullmatch(r"mnist-mlp-variational-d16-[0-9a-f]{8}", config.key)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_part_of_the_key(name: str) -> None:
    """Two configs that differ in one option have two keys."""
    config = RunConfig(**OTHER[name])

    assert (
        config.key
        != replace(config, **{name: OPTIONS[name].default, **_needed_with_default(name)}).key
    )


def _needed_with_default(name: str) -> dict[str, Any]:
    return {"loss": "mse"} if name == "output_activation" else {}


def test_whole_numbers_and_floats_of_one_value_give_one_key() -> None:
    """learning_rate=1 and learning_rate=1.0 are one training and must not get two folders."""
    whole = RunConfig(dataset="digits", objective="variational", learning_rate=1, beta=2)
    broken = RunConfig(dataset="digits", objective="variational", learning_rate=1.0, beta=2.0)

    assert (whole, whole.key) == (broken, broken.key)
    assert isinstance(whole.beta, float)


@pytest.mark.parametrize(("name", "value"), wrong_values(), ids=lambda value: str(value)[:20])
def test_a_wrong_value_is_refused_by_name(name: str, value: Any) -> None:
    """Out of range, not a number or of the wrong type: the message names the option, its rule and
    the value.
    """
    with pytest.raises(ConfigError, match=rf"^{name} must be .*; got ") as caught:
        RunConfig(**{name: value})

    got = str(caught.value).split("; got ")[1]
    assert len(got) <= 63
    assert isinstance(value, tuple) or str(value).startswith(got.removesuffix("..."))


@pytest.mark.parametrize(
    "name", [name for name, rule in RULES.items() if "high" in rule and "longest" not in rule]
)
def test_the_ends_of_a_range_are_allowed(name: str) -> None:
    """The lowest and the highest value of an option make a config."""
    rule, beside = RULES[name], {**OTHER[name]}
    lowest = math.ulp(0.0) if "above" in rule else rule["low"]
    images = RunConfig().info.train
    highest = {"train_size": images, "batch_size": images}.get(name, rule["high"])
    lowest = 2 if name == "batch_size" else lowest

    for value in (lowest, highest):
        assert getattr(RunConfig(**{**beside, name: value}), name) == value


@pytest.mark.parametrize("name", [name for name, deciding in EFFECTIVE_WITH.items() if deciding])
def test_an_option_without_effect_is_refused(name: str) -> None:
    """It would give one training two names."""
    [(other, values)] = EFFECTIVE_WITH[name].items()
    idle = next(value for value in RULES[other]["choices"] if value not in values)
    options = {**OTHER[name], other: idle}

    assert RunConfig(**{other: idle})  # its default is no offence
    with pytest.raises(
        ConfigError, match=f"^{name} has no effect with {other} {idle}: leave it out"
    ):
        RunConfig(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dataset": "digits", "channels": (4,) * 4},
            "channels may name at most 3 convolutions, since 8x8 images halve no more often; got 4",
        ),
        ({"dataset": "mnist", "channels": (4,) * 5}, "at most 4 convolutions, since 28x28 images"),
        (
            {"dataset": "cifar10", "channels": (4,) * 6},
            "at most 5 convolutions, since 32x32x3 images",
        ),
        (
            {"dataset": "digits", "train_size": 1_438},
            "train_size must be at most 1437, all there are in digits; got 1438",
        ),
        (
            {"dataset": "digits", "batch_size": 1_438},
            "batch_size must be at most the number of training images, 1437; got 1438",
        ),
        (
            {"batch_size": 65, "train_size": 64},
            "batch_size must be at most the number of training images, 64; got 65",
        ),
        ({"classes": (3, 10)}, "classes must name different classes from 0 to 9; got 3,10"),
        ({"classes": (3, 3)}, "classes must name different classes from 0 to 9; got 3,3"),
        ({"output_activation": "none"}, "loss bce needs output_activation sigmoid; got none"),
        (
            {"objective": "variational", "latent_activation": "relu"},
            (
                "latent_activation must be none with objective variational, because the means of"
                " its posteriors may have any value; got relu"
            ),
        ),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: dict[str, Any], message: str) -> None:
    """What each option allows by itself may still make no training: one sentence says why."""
    with pytest.raises(ConfigError) as caught:
        RunConfig(**options)

    assert message in str(caught.value)


def test_a_long_value_is_cut_in_the_message() -> None:
    """A refused value of any length gives a message of one line."""
    with pytest.raises(ConfigError) as caught:
        RunConfig(dataset="x" * 10_000)

    assert str(caught.value).endswith("; got " + "x" * 60 + "...")


def test_a_config_is_frozen() -> None:
    """A config cannot be changed after its key was taken."""
    with pytest.raises(FrozenInstanceError):
        RunConfig().epochs = 3  # type: ignore[misc]


def test_applicable_says_which_options_have_an_effect() -> None:
    """Of the options tied to a network or an objective, only those of the chosen ones apply; all
    others always do.
    """
    effective = {
        name
        for name, applies in applicable(network="linear", objective="denoising").items()
        if applies
    }

    assert {"noise", "noise_level", "latent_dim", "epochs"} <= effective
    assert effective.isdisjoint(
        {"channels", "hidden", "activation", "batch_norm", "dropout", "beta", "kl_warmup"}
    )


def test_a_config_of_an_older_version_gets_the_baseline() -> None:
    """An option that a stored config does not name has its value of the baseline."""
    assert RunConfig.from_dict({"format": 2, "epochs": 3}) == RunConfig(dataset="digits", epochs=3)


@pytest.mark.parametrize(
    "data", [{}, {"format": 3}, {"format": "2"}, {"format": 1}, {"format": None}, [], "x", None, 3]
)
def test_another_format_is_refused(data: Any) -> None:
    """What is no object, or of a format this version does not know, is refused in words."""
    with pytest.raises(
        ConfigError,
        match=r"^(the config has format .*; this version reads formats 1 and 2|a config must be)",
    ):
        RunConfig.from_dict(data)


def test_unknown_options_are_refused() -> None:
    """Options of a newer version would change the training: they are named, not ignored."""
    with pytest.raises(ConfigError, match="does not know: depth, width"):
        RunConfig.from_dict({"format": 2, "width": 3, "depth": 4, "epochs": 3})


@st.composite
def configs(draw: st.DrawFn) -> RunConfig:
    """Any config there is, of what can be said about options by their rules alone."""
    chosen: dict[str, Any] = {
        name: draw(st.sampled_from([*RULES[name]["choices"]]))
        for name in ("dataset", "network", "objective")
    }
    effective, info = applicable(**chosen), DATASETS[chosen["dataset"]]
    chosen["train_size"] = draw(st.just(0) | st.integers(2, info.train))
    chosen["batch_size"] = draw(st.integers(2, min(16_384, chosen["train_size"] or info.train)))
    for name, rule in RULES.items():
        if name in chosen or not effective[name]:
            continue
        chosen[name] = draw(
            _values(name, rule, len(info.class_names), int(math.log2(min(info.shape[1:]))))
        )
    if chosen["output_activation"] == "none" and chosen["loss"] == "bce":
        chosen["loss"] = "mse"
    if chosen["objective"] == "variational":
        chosen["latent_activation"] = "none"
    return RunConfig(**chosen)


def _values(name: str, rule: Any, classes: int, halvings: int) -> st.SearchStrategy[Any]:
    default = OPTIONS[name].default
    if "choices" in rule:
        return st.sampled_from([*rule["choices"]])
    if "names_run" in rule:
        return st.just("") | st.from_regex(options.RUN_KEY, fullmatch=True)
    if isinstance(default, bool):
        return st.booleans()
    if name == "classes":
        return st.lists(st.integers(0, classes - 1), unique=True).map(tuple)
    if isinstance(default, tuple):
        most = halvings if name == "channels" else rule["longest"]
        return st.lists(
            st.integers(rule["low"], rule["high"]), min_size=rule.get("shortest", 0), max_size=most
        ).map(tuple)
    if isinstance(default, float):
        return st.floats(
            rule.get("low", rule.get("above")), rule["high"], exclude_min="above" in rule
        )
    return st.integers(rule["low"], rule["high"])


@settings(deadline=None, database=None, max_examples=150)
@given(configs())
def test_any_config_survives_json_and_names_a_folder(config: RunConfig) -> None:
    """A valid config comes back from JSON equal and with the same key, and the key is a safe name
    for a folder.
    """
    back = RunConfig.from_dict(json.loads(json.dumps(config.to_dict(), allow_nan=False)))

    assert (back, back.key) == (config, config.key)
    assert KEY.fullmatch(config.key)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None, database=None, max_examples=300)
@given(
    st.dictionaries(st.sampled_from(sorted(OPTIONS)) | st.text(max_size=5), JSON, max_size=5),
    st.sampled_from([2, 2, 2, 1]),
)
def test_a_hostile_config_is_refused_in_words(data: dict[str, Any], version: int) -> None:
    """Whatever a config.json holds, reading it gives a config or a ConfigError, never another
    exception.
    """
    try:
        config = RunConfig.from_dict({**data, "format": version})
    except ConfigError as error:
        assert str(error)
    else:
        assert version == 2
        assert set(data) <= set(OPTIONS)
        assert KEY.fullmatch(config.key)


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_fits_every_data_set_and_choice(preset: str, dataset: str) -> None:
    """Whatever network and objective are chosen beside it, a preset makes a network small enough to
    build.
    """
    for network in RULES["network"]["choices"]:
        for objective in RULES["objective"]["choices"]:
            config = RunConfig(
                **preset_values(preset, dataset, network=network, objective=objective)
            )

            assert (config.dataset, config.network, config.objective) == (
                dataset,
                network,
                objective,
            )
            assert blueprint.blueprint_of(config).parameters <= blueprint.MAX_PARAMETERS


def test_a_choice_wins_over_a_preset() -> None:
    """What is asked for beside a preset replaces its value; values for one data set replace the
    general ones.
    """
    assert preset_values("balanced", "digits")["epochs"] == 60
    assert preset_values("balanced", "mnist")["epochs"] == 4
    assert preset_values("balanced", "digits", epochs=7)["epochs"] == 7


def test_values_of_a_preset_follow_from_image_size_and_count() -> None:
    """Without values of its own, a data set of MNIST's shape takes MNIST's, with twice the epochs
    if it has few images; one of another shape takes the general values.
    """
    tuned = preset_values("balanced", "mnist")

    assert preset_values("balanced", "kmnist") == {**tuned, "dataset": "kmnist"}
    for preset in ("map", "simple"):
        few, many = (preset_values(preset, name) for name in ("mnist_sample", "mnist"))
        assert few == {**many, "dataset": "mnist_sample", "epochs": 2 * many["epochs"]}
    assert preset_values("map", "cifar10") == {**PRESETS["map"].values, "dataset": "cifar10"}


def test_the_default_data_set_is_the_first_and_needs_no_download() -> None:
    """Menus begin with it, and a newcomer can train at once."""
    assert RunConfig().dataset == next(iter(DATASETS))
    assert RunConfig().info.download == 0


def test_a_preset_drops_what_a_choice_made_pointless() -> None:
    """A preset's channels do not stand in the way of another network; an option chosen by hand is
    left for the config to refuse.
    """
    assert "channels" in preset_values("small", "digits")
    assert "channels" not in preset_values("small", "digits", network="mlp")
    assert "channels" in preset_values("small", "digits", network="mlp", channels=(4,))


def test_an_unknown_preset_is_refused() -> None:
    """The message lists those there are."""
    with pytest.raises(ConfigError, match=r"^preset must be one of balanced, small.*; got huge$"):
        preset_values("huge", "digits")


@pytest.mark.parametrize(
    "data", [{"format": 2, 3: 4}, {"format": 2, 3: 4, "x": 5}, {"format": True}]
)
def test_keys_that_are_no_names_are_refused(data: Any) -> None:
    """Not only what JSON can hold."""
    with pytest.raises(ConfigError):
        RunConfig.from_dict(data)


def test_zero_has_one_sign() -> None:
    """-0.0 and 0.0 are one training and must not get two folders."""
    one, other = (
        RunConfig(dataset="digits", objective="variational", beta=zero) for zero in (0.0, -0.0)
    )

    assert (one, one.key) == (other, other.key)
    assert math.copysign(1, other.beta) == 1


@pytest.mark.parametrize("options", [{"epochs": 10**5_000}, {"hidden": (10**5_000,)}])
def test_a_number_too_long_to_write_is_refused_in_words(options: Any) -> None:
    """Python refuses to turn it into text; the message does without."""
    with pytest.raises(ConfigError):
        RunConfig(**options)


def test_batches_of_one_image_need_a_network_without_batch_norm() -> None:
    """A batch norm cannot work on a single image: refused here, not in the middle of a training."""
    with pytest.raises(ConfigError, match="batch_size"):
        RunConfig(dataset="digits", batch_size=1)
    assert RunConfig(dataset="digits", batch_size=1, batch_norm=False)
    assert RunConfig(dataset="digits", batch_size=1, network="linear")


@pytest.mark.parametrize("train", [2, 60, 6_000, 60_000])
@pytest.mark.parametrize("side", [(8, 8), (28, 40), (32, 96), (64, 64), (255, 13), (256, 256)])
def test_every_preset_fits_any_images(side: tuple[int, int], train: int) -> None:
    """No preset gives what is refused, whatever the size and the number of images; as a rule its
    convolutions leave 4 to 8 pixels of the shorter side.
    """
    info = DatasetInfo(
        title="Any",
        help="",
        shape=ImageShape(3, *side),
        train=train,
        test=5,
        class_names=(),
        fingerprint="0" * 16,
    )
    for preset in PRESETS:
        config = RunConfig(**preset_values(preset, "any", info))
        if config.uses("channels"):
            assert 4 <= min(side) / 2 ** len(config.channels) <= 9
