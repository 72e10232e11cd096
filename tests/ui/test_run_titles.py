"""What runs are called among others."""

from dataclasses import replace

import pytest

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import RunStore
from autoencoder.ui.shared.run_titles import distinct_names, distinct_titles, option_in_words
from tests.support.configs import DEEP, TINY


def named(*configs: RunConfig) -> list[str]:
    """The configs' names among each other."""
    return list(distinct_names({config.key: config for config in configs}).values())


def test_a_run_that_has_no_like_is_called_by_its_name_alone() -> None:
    """Runs with different names need nothing more to be told apart."""
    assert named(TINY, DEEP) == ["Digits, conv, d = 2", "Digits, mlp, variational, d = 5"]


def test_runs_of_the_same_name_say_what_differs() -> None:
    """Every option that differs among them is named with its value, those that people ask for
    first; other runs are none of their concern.
    """
    others = [replace(TINY, seed=1), replace(TINY, activation="relu", epochs=3)]

    assert named(TINY, *others, DEEP)[:3] == [
        "Digits, conv, d = 2, SiLU, seed 0, epochs 2",
        "Digits, conv, d = 2, SiLU, seed 1, epochs 2",
        "Digits, conv, d = 2, ReLU, seed 0, epochs 3",
    ]
    assert named(TINY, *others, DEEP)[3] == "Digits, mlp, variational, d = 5"


def test_names_come_in_the_order_of_the_runs() -> None:
    """A chooser lists the newest first, whatever runs share a name."""
    configs = [TINY, DEEP, replace(TINY, seed=1)]

    assert list(distinct_names({each.key: each for each in configs})) == [e.key for e in configs]


def test_an_option_without_effect_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An option that differs says nothing of a run that does not use it."""
    configs = [TINY, replace(TINY, seed=1, epochs=3)]
    monkeypatch.setattr(RunConfig, "uses", lambda config, option: option != "epochs")

    assert named(*configs) == ["Digits, conv, d = 2, seed 0", "Digits, conv, d = 2, seed 1"]


@pytest.mark.parametrize(
    ("changes", "option", "words"),
    [
        ({"seed": 1}, "seed", "seed 1"),
        ({"activation": "relu"}, "activation", "ReLU"),
        ({"batch_norm": False}, "batch_norm", "batch norm off"),
        ({"hidden": (512, 256)}, "hidden", "hidden 512-256"),
        ({"hidden": ()}, "hidden", "hidden none"),
        ({}, "classes", "classes all"),
        ({"train_size": 0}, "train_size", "images all"),
        ({"learning_rate": 0.0123456789}, "learning_rate", "learning rate 0.0123456789"),
        ({"objective": "variational", "kl_warmup": 3}, "kl_warmup", "KL warm-up 3"),
    ],
)
def test_an_option_is_told_in_plain_words(changes: dict, option: str, words: str) -> None:
    """A few words for the option, by default its label without its asides, and the value as the
    form shows it, in full.
    """
    assert option_in_words(replace(TINY, **changes), option) == words


def test_a_title_stands_before_the_name(store: RunStore) -> None:
    """What a person calls a run comes first, as it was typed; the others keep their names."""
    store.relabel(TINY.key, title="<b>Best</b>")
    titles = distinct_titles(store.runs())

    assert titles[TINY.key] == "<b>Best</b> · Digits, conv, d = 2"
    assert titles[DEEP.key] == "Digits, mlp, variational, d = 5"
