"""The training form: every option of a run, the common ones in sight, refused values in words."""

from dataclasses import fields
from typing import Any

import streamlit as st

from autoencoder.catalogue import DATASETS
from autoencoder.config import RunConfig, applicable
from autoencoder.errors import ConfigError
from autoencoder.presets import PRESETS, preset_values
from autoencoder.ui.words import command

OPTIONS = {option.name: option for option in fields(RunConfig)}
IN_SIGHT = ("dataset", "network", "objective", "latent_dim", "epochs")
LABELS = {
    "dataset": "Data set", "network": "Network", "objective": "Objective", "latent_dim": "Bottleneck (latent_dim)",
    "channels": "Channels per convolution", "hidden": "Widths of dense layers", "activation": "Activation",
    "batch_norm": "Batch normalisation", "dropout": "Dropout", "latent_activation": "Activation of the bottleneck",
    "output_activation": "Activation of the output", "noise": "Kind of noise", "noise_level": "Strength of noise",
    "beta": "Beta", "kl_warmup": "KL warm-up, epochs", "loss": "Loss", "optimizer": "Optimiser",
    "learning_rate": "Learning rate", "schedule": "Schedule", "batch_size": "Batch size", "epochs": "Epochs",
    "seed": "Seed", "train_size": "Training images (0: all)", "classes": "Classes kept (none: all)",
}  # fmt: skip
GROUPS = {
    "Network": ("channels", "hidden", "activation", "batch_norm", "dropout", "latent_activation", "output_activation"),
    "Objective": ("noise", "noise_level", "beta", "kl_warmup", "loss"),
    "Training": ("optimizer", "learning_rate", "schedule", "batch_size", "seed"),
    "Data": ("train_size", "classes"),
}


def training_form() -> RunConfig | None:
    """Draw the form; the config it describes, or None where it describes none (the page then says why)."""
    if _key("dataset") not in st.session_state:
        st.session_state["preset"] = "balanced"
        st.session_state[_key("dataset")] = "digits"
        _fill()
    first, second, third = st.columns(3)
    with first:
        _widget("dataset", on_change=_fill, format_func=lambda name: f"{DATASETS[name].title} ({DATASETS[name].shape})")
        st.selectbox(
            "Preset", list(PRESETS), key="preset", format_func=lambda name: PRESETS[name].title,
            on_change=_fill, persist_state="session", help="\n".join(f"- **{p.title}**: {p.about}" for p in PRESETS.values()),
        )  # fmt: skip
    with second:
        _widget("network")
        _widget("objective")
    with third:
        _widget("latent_dim")
        _widget("epochs")
    with st.expander("More", icon=":material/tune:"):
        for column, (group, names) in zip(st.columns(len(GROUPS)), GROUPS.items(), strict=True):
            with column:
                st.markdown(f"**{group}**")
                effective = _effective()
                for name in names:
                    if effective[name]:
                        _widget(name)
        config = _config()
        if config is not None:
            st.markdown("**The same on the command line**")
            st.code(command(config), language="shell", wrap_lines=True)
    return config


def _config() -> RunConfig | None:
    effective = _effective()
    try:
        return RunConfig(**{name: _value(name) for name in OPTIONS if effective[name] and _key(name) in st.session_state})
    except ConfigError as error:
        st.warning(_in_labels(str(error)), icon=":material/error:")
        return None


def _in_labels(message: str) -> str:
    """A refusal that speaks of the option by the name it has on the form."""
    option, _, rest = message.partition(" ")
    return f"{LABELS.get(option, option)} {rest}"


def _effective() -> dict[str, bool]:
    return applicable(network=st.session_state[_key("network")], objective=st.session_state[_key("objective")])


def _fill() -> None:
    """Put the preset's values for the data set into every field."""
    dataset = st.session_state[_key("dataset")]
    values = RunConfig().to_dict() | preset_values(st.session_state["preset"], dataset)
    for name in OPTIONS:
        if (
            name not in ("objective", "latent_dim", "classes", "seed")
            or _key(name) not in st.session_state
            or name == "classes"
        ):
            st.session_state[_key(name)] = _shown(name, values[name])


def _key(name: str) -> str:
    return f"train_{name}"


def _shown(name: str, value: Any) -> Any:
    """An option's value as its widget keeps it."""
    if name == "classes":
        return list(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def _value(name: str) -> Any:
    """The inverse: what is no list of numbers stays text, and the config refuses it by name."""
    value = st.session_state[_key(name)]
    if name == "classes":
        return tuple(value)
    if isinstance(OPTIONS[name].default, tuple):
        parts = [part.strip() for part in str(value).split(",") if part.strip()]
        return tuple(int(part) if part.isdecimal() else part for part in parts)
    return value


def _widget(name: str, **extra: Any) -> None:
    """The widget that fits the option's kind and rule."""
    option, label, key = OPTIONS[name], LABELS[name], _key(name)
    rule, about = option.metadata, option.metadata["help"]
    common: dict[str, Any] = {"key": key, "help": about, "persist_state": "session", **extra}
    if name == "classes":
        names = DATASETS[st.session_state[_key("dataset")]].class_names
        st.multiselect(label, range(len(names)), format_func=lambda index: names[index], placeholder="all", **common)
    elif "choices" in rule:
        st.selectbox(label, rule["choices"], **{"format_func": lambda choice: str(choice).replace("_", " "), **common})
    elif isinstance(option.default, bool):
        st.checkbox(label, **common)
    elif isinstance(option.default, tuple):
        st.text_input(label, **common)
    elif isinstance(option.default, float):
        st.number_input(
            label, min_value=float(rule.get("low", 0.0)), max_value=float(rule["high"]), step=None, format="%g", **common
        )
    else:
        st.number_input(label, min_value=rule["low"], max_value=rule["high"], step=1, **common)
