"""Configs in words: a run by name, and what the values of its options are called."""

from typing import Any

from autoencoder.config.run_config import CHOICES, OPTIONS, RunConfig

EMPTY = {  # what an option's empty value means; else "none"
    **{"classes": "all", "train_size": "all"},
    **{name: each.metadata["empty"] for name, each in OPTIONS.items() if "empty" in each.metadata},
}


def name(config: RunConfig) -> str:
    """A run in a few words: "digits, conv, variational, d = 2"."""
    network = [config.network, *config.objective_part]
    return ", ".join([config.info.title, *network, f"d = {config.latent_dim}"])


def option_value(option: str, value: Any) -> str:
    """The value of an option as people say it, such as "ReLU", "off", "500-100", "all"."""
    if option in CHOICES:
        return CHOICES[option][value].title
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return "-".join(map(str, value)) or EMPTY.get(option, "none")
    if not value and option in EMPTY:
        return EMPTY[option]
    return value if isinstance(value, str) else f"{value:.12g}"
