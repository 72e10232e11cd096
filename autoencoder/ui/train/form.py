"""The training form: every option of a run in its group, the network it describes, what it will
cost.

Each option is a widget whose value lives in the session state under "train_<option>". A refused
value is explained beside its widget; the form keeps everything.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from autoencoder.config.datasets import DatasetInfo
from autoencoder.config.options import Choice
from autoencoder.config.presets import PRESETS, Preset, preset_values
from autoencoder.config.run_config import CHOICES, OPTIONS, RunConfig, applicable, label
from autoencoder.data.added import catalogue, dataset_options, read
from autoencoder.errors import ConfigError, DatasetError
from autoencoder.jobs.teacher import may_teach, require_teacher
from autoencoder.networks.blueprint import MAX_PARAMETERS, blueprint_of
from autoencoder.training.memory import require_memory
from autoencoder.ui.shared.run_titles import titles_with_results
from autoencoder.ui.shared.shell import queue, store
from autoencoder.ui.shared.text import command, literal

PRESET = "preset"
UNFOLDED = "more_unfolded"  # in the session state once a value in there was refused
IN_SIGHT = tuple(name for name, option in OPTIONS.items() if not option.metadata["group"])
GROUPS = {  # title of a group -> its options, in the order of RunConfig
    title: tuple(name for name, option in OPTIONS.items() if option.metadata["group"] == title)
    for title in dict.fromkeys(option.metadata["group"] for option in OPTIONS.values())
    if title
}
KEPT = ("objective", "latent_dim", "seed")  # what a preset leaves as it is
NAMED = "train_named"  # in the session state: the options that the preset names
Refusal = tuple[str, str]  # the option and why, in words


def training_form() -> RunConfig | None:
    """Draw the form; the config it describes, or None where it describes none (the form then says
    why).
    """
    datasets = catalogue(queue().settings.data)
    if st.session_state.get(_key("dataset")) not in datasets:  # at first, or where one was removed
        choose_dataset(RunConfig().dataset)
    config, refusal = _described(datasets)
    columns = st.columns([3, 2, 2, 2, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        _widget(
            "dataset",
            refusal,
            choices=datasets,
            on_change=_fill,
            format_func=lambda name: f"{datasets[name].title} ({datasets[name].shape})",
        )
    with columns[1]:
        _preset()
    for column, name in zip(columns[2:], IN_SIGHT[1:], strict=True):
        with column:
            _widget(name, refusal)
    if refusal is not None and refusal[0] not in IN_SIGHT:
        st.session_state[UNFOLDED] = True  # and it stays so when the value has been mended
    with st.expander("More", icon=":material/tune:", expanded=UNFOLDED in st.session_state):
        _more(refusal)
        if config is not None:
            st.markdown("**The same on the command line**")
            st.code(command(config), language="shell", wrap_lines=True)
    return config


def fill_from(config: RunConfig) -> None:
    """Put a run's options into the form, to train it again with changes.

    Raises DatasetError if the images that it was trained on are not here any more.
    """
    if config.added is not None:
        read(config.dataset, config.added, queue().settings.data)
    st.session_state.setdefault(PRESET, "balanced")
    for name in OPTIONS:
        st.session_state[_key(name)] = _shown(name, getattr(config, name))


def choose_dataset(name: str) -> None:
    """Choose a data set, as a visitor does in the form; only before the form is drawn."""
    st.session_state.setdefault(PRESET, "balanced")
    st.session_state[_key("dataset")] = name
    _fill()


def _more(refusal: Refusal | None) -> None:
    effective = _effective()
    for column, (group, names) in zip(
        st.columns(len(GROUPS), gap="medium"), GROUPS.items(), strict=True
    ):
        with column:
            st.markdown(f"**{group}**")
            for name in names:
                if effective[name]:
                    _widget(name, refusal)


def _described(
    datasets: Mapping[str, DatasetInfo],
) -> tuple[RunConfig | None, Refusal | None]:
    """What the fields say, as a config or as the refusal of one of them."""
    effective = _effective()
    options = {name: _value(name) for name in OPTIONS if effective[name]}
    info = datasets[options["dataset"]]
    try:
        config = RunConfig(**options, added=info if info.fingerprint else None)
    except ConfigError as error:
        option, _, rest = str(error).partition(" ")
        return None, (option if option in OPTIONS else "loss", rest)
    if (count := blueprint_of(config).parameters) > MAX_PARAMETERS:
        widest = "hidden" if config.uses("hidden") else "latent_dim"
        return None, (
            widest,
            (
                f"must make a network of at most {MAX_PARAMETERS:,} parameters; this one would have"
                f" {count:,}"
            ),
        )
    try:
        if queue().rounds is None:  # an engine looks for a machine that has it
            require_memory(config)
        require_teacher(queue().settings, config)
    except ConfigError as error:
        option, _, rest = str(error).partition(" ")
        return None, (option, rest)
    return config, None


def _teachers(chosen: str) -> dict[str, str]:
    """Key -> title of the runs whose latents the form's training may find neighbours among, and of
    the one that is chosen, whatever it is.
    """
    data = {name: st.session_state[_key(name)] for name in ("dataset", "latent_dim")}
    runs = [run for run in store().runs() if may_teach(run, **data)]
    return {**({chosen: chosen} if chosen else {}), **titles_with_results(runs)}


def _effective() -> dict[str, bool]:
    return applicable(**{name: st.session_state[_key(name)] for name in CHOICES})


def _preset() -> None:
    st.selectbox(
        "Preset",
        list(PRESETS),
        key=PRESET,
        format_func=lambda name: PRESETS[name].title,
        on_change=_fill,
        persist_state="session",
        help=listed(PRESETS),
    )


def _fill() -> None:
    """Put the preset's values for the data set into every field but those that neither it nor the
    one before it names.
    """
    preset, dataset = st.session_state[PRESET], st.session_state[_key("dataset")]
    try:
        options = dataset_options(dataset, queue().settings.data)
    except DatasetError:  # removed just now: the form then falls back to the default
        return
    values = RunConfig().to_dict() | preset_values(preset, **options)
    named = set(PRESETS[preset].values)
    kept = set(KEPT) - named - st.session_state.get(NAMED, set())
    st.session_state[NAMED] = named
    for name in OPTIONS:
        if name not in kept or _key(name) not in st.session_state:
            st.session_state[_key(name)] = _shown(name, values[name])


def listed(choices: Mapping[str, Choice | Preset]) -> str:
    """A help text: what each choice is, line by line."""
    return "\n".join(f"- **{literal(choice.title)}**: {choice.help}" for choice in choices.values())


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
        return tuple(int(part) if part.isdecimal() and len(part) < 10 else part for part in parts)
    return value


def _classes(title: str, common: dict[str, Any]) -> None:
    names = catalogue(queue().settings.data)[st.session_state[_key("dataset")]].class_names
    if not names:
        return
    st.multiselect(
        title,
        range(len(names)),
        format_func=lambda index: names[index],
        placeholder="all",
        **common,
    )


def _widget(
    name: str, refusal: Refusal | None, choices: Mapping[str, Choice] | None = None, **extra: Any
) -> None:
    """The widget that fits the option's kind and rule, with the refusal of its value under it;
    `choices` instead of those of the rule.
    """
    option, title, key = OPTIONS[name], label(name), _key(name)
    rule, about = option.metadata, option.metadata["help"]
    common: dict[str, Any] = {"key": key, "help": about, "persist_state": "session", **extra}
    if name == "classes":
        _classes(title, common)
    elif "choices" in rule:
        of_rule: Mapping[str, Choice] = choices or rule["choices"]
        common["help"] = f"{about}:\n{listed(of_rule)}"
        st.selectbox(
            title,
            list(of_rule),
            **{"format_func": lambda choice: of_rule[choice].title, **common},
        )
    elif "names_run" in rule:
        titles = {"": rule["empty"].capitalize(), **_teachers(st.session_state[key])}
        st.selectbox(title, list(titles), format_func=lambda run: titles[run], **common)
    elif isinstance(option.default, bool):
        st.checkbox(title, **common)
    elif isinstance(option.default, tuple):
        st.text_input(title, **common)
    elif isinstance(option.default, float):
        low = float(rule.get("low", rule.get("above")))
        st.number_input(
            title,
            min_value=low,
            max_value=float(rule["high"]),
            step=rule.get("step", 0.1),
            format="%g",
            **common,
        )
    else:
        st.number_input(title, min_value=rule["low"], max_value=rule["high"], step=1, **common)
    if refusal is not None and refusal[0] == name:
        st.warning(f"{title} {literal(refusal[1], 300)}", icon=":material/error:")
