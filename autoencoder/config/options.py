"""Options of a config, the choices that an option offers, and the check of a value.

An option is a dataclass field that carries its label, its help and its rule. A choice is an entry
of a registry such as NETWORKS: it says what the value is called, what it does, which options have
an effect only with it, and what it needs.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

from autoencoder.errors import ConfigError

RUN_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,80}")  # what the key of any run looks like
Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """A value that another option must have beside a choice.

    Attributes:
        option, value: The other option, and the only value that goes with the choice.
        sentence: The refusal of any other value, without the value itself.
    """

    option: str
    value: Any
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of an option.

    Attributes:
        title: What it is called on pages.
        help: What it is or does, in a few words.
        options: Names of options that have an effect only with the choices that name them.
        needs: What other options must be beside it.
    """

    title: str
    help: str
    options: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()


def option(default: Any, about: str, *, label: str, group: str = "", **rule: Any) -> Any:
    """A field with its help text and its rule.

    Args:
        default: Its type is the option's type.
        about: The help, for form and command line.
        label: What the option is called on pages.
        group: The group of the form that shows it; none: it is always in sight.
        rule: choices (a registry); or low / above, high; shortest, longest (of a tuple); step (of
            the form's buttons); names_run (the value is the key of another run, or empty, which
            `empty` says in words). baseline: the first default it had, where that has moved since.
    """
    metadata = {"help": about, "label": label, "group": group, **rule}
    return field(default=default, metadata=metadata)


def check(option: "Field[Any]", value: Any) -> None:
    """Raise ConfigError unless `value` has the type of the option's default and obeys its rule."""
    rule = option.metadata
    if "choices" in rule:
        if not isinstance(value, str) or value not in rule["choices"]:
            raise ConfigError(
                f"{option.name} must be one of {', '.join(rule['choices'])}; got {shown(value)}"
            )
    elif "names_run" in rule:
        if not isinstance(value, str) or (value and not RUN_KEY.fullmatch(value)):
            raise ConfigError(
                f"{option.name} must be empty or the key of a run; got {shown(value)}"
            )
    elif isinstance(option.default, bool):
        if not isinstance(value, bool):
            raise ConfigError(f"{option.name} must be true or false; got {shown(value)}")
    elif isinstance(option.default, tuple):
        fewest, most = rule.get("shortest", 0), rule["longest"]
        if not isinstance(value, tuple) or not fewest <= len(value) <= most:
            raise ConfigError(
                f"{option.name} must be a list of {fewest} to {most} whole numbers; got"
                f" {shown(value)}"
            )
        for number in value:
            _check_number(option.name, number, int, rule)
    else:
        _check_number(option.name, value, type(option.default), rule)


def _check_number(name: str, value: Any, kind: type, rule: Rule) -> None:
    number = isinstance(value, (int, float) if kind is float else int) and not isinstance(
        value, bool
    )
    low, high = rule.get("low", rule.get("above")), rule["high"]
    if not number or not (low < value if "above" in rule else low <= value) or not value <= high:
        noun = "number" if kind is float else "whole number"
        bounds = (
            f"above {low:g} and at most {high:g}" if "above" in rule else f"from {low} to {high}"
        )
        raise ConfigError(f"{name} must be a {noun} {bounds}; got {shown(value)}")


def shown(value: Any) -> str:
    """A refused value for a message: lists joined, long ones cut."""
    try:
        text = listed(value) if isinstance(value, tuple) else str(value)
    except ValueError:  # Python writes no number of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 60 else text[:60] + "..."


def listed(values: tuple[Any, ...]) -> str:
    """Numbers with commas between them."""
    return ",".join(str(value) for value in values) or "none"
