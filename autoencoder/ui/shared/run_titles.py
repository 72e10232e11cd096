"""What runs are called where several stand together: by a person's title, and told apart by the
options in which they differ.
"""

from collections.abc import Mapping, Sequence

from autoencoder.analysis.comparison.configs import differences
from autoencoder.config.run_config import RunConfig
from autoencoder.config.run_config import label as option_label
from autoencoder.config.words import option_value
from autoencoder.errors import AutoencoderError
from autoencoder.formatting import error_number
from autoencoder.runs import Run
from autoencoder.runs.labels import read_label
from autoencoder.ui.shared.text import STATES, name

# Options that people tell runs apart by, before all others.
FIRST = ("activation", "noise", "noise_level", "hidden", "channels", "seed", "loss", "epochs")
DAMAGED = "damaged"  # what stands in place of a result that cannot be read
PHRASES = {  # for options whose label is too long to stand in a name; "{}" is the value
    "activation": "{}",
    "latent_activation": "bottleneck {}",
    "output_activation": "output {}",
    "channels": "channels {}",
    "hidden": "hidden {}",
    "optimizer": "{}",
    "noise": "noise {}",
    "noise_level": "noise level {}",
    "train_size": "images {}",
    "classes": "classes {}",
    "augment": "warp {}",
    "neighbour_space": "neighbours by {}",
}


def distinct_titles(runs: Sequence[Run]) -> dict[str, str]:
    """Key -> what the run is called among these: its title, if any, and its distinct name."""
    names = distinct_names({run.key: run.config for run in runs})
    return {run.key: titled(read_label(run.folder).title, names[run.key]) for run in runs}


def titles_with_results(runs: Sequence[Run]) -> dict[str, str]:
    """Key -> the run's distinct title, and how good it is."""
    titles = distinct_titles(runs)
    return {run.key: f"{titles[run.key]} · {result(run)}" for run in runs}


def titled(title: str, name: str) -> str:
    """A run's name, behind the title that a person gave it."""
    return f"{title} · {name}" if title else name


def distinct_names(configs: Mapping[str, RunConfig]) -> dict[str, str]:
    """Key -> name of the run, such as "Digits, conv, d = 2, ReLU, seed 1": behind what some have
    in common stand the options that differ among those, as far as they have an effect.
    """
    groups: dict[str, dict[str, RunConfig]] = {}
    for key, config in configs.items():
        groups.setdefault(name(config), {})[key] = config
    names: dict[str, str] = {}
    for shared, group in groups.items():
        options = _options_that_differ(list(group.values()))
        for key, config in group.items():
            words = [option_in_words(config, each) for each in options if config.uses(each)]
            names[key] = ", ".join([shared, *words])
    return {key: names[key] for key in configs}


def _options_that_differ(configs: Sequence[RunConfig]) -> list[str]:
    """The names of the options that are not the same in all, those of FIRST before the others."""
    differing = list(differences(configs)) if len(configs) > 1 else []
    first = [each for each in FIRST if each in differing]
    return first + [each for each in differing if each not in FIRST]


def option_in_words(config: RunConfig, option: str) -> str:
    """An option and its value, such as "seed 1", "ReLU", "batch norm off"."""
    label = option_label(option).partition(",")[0].partition(" (")[0]
    is_acronym = label[1:2].isupper()
    word = label if is_acronym else label[:1].lower() + label[1:]
    return PHRASES.get(option, f"{word} {{}}").format(option_value(option, getattr(config, option)))


def result(run: Run) -> str:
    """How good a run is, in a few words: its test MSE, its state where there is none yet, or that
    it is damaged.
    """
    try:
        mse = run.metrics.get("mse", {}).get("run")
    except AutoencoderError:
        return DAMAGED
    return f"MSE {error_number(mse)}" if mse is not None else STATES[run.state]


def errors_of(run: Run) -> dict[str, float]:
    """The mean squared test error of the "run" and of "pca"; empty where there is none yet, or none
    that can be read. Reading it is faster than a cache.
    """
    try:
        return dict(run.metrics.get("mse", {}))
    except AutoencoderError:
        return {}
