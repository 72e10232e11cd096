"""An option of a config: a dataclass field that carries its help and its rule, and the check
against that rule.
"""

from collections.abc import Mapping
from dataclasses import Field, field
from typing import Any

from autoencoder.errors import ConfigError

Rule = Mapping[str, Any]


def option(default: Any, about: str, *, label: str, group: str = "", **rule: Any) -> Any:
    """A field with its help text and its rule.

    Rule: choices; or low / above, high; longest (of a tuple); step (of the form's buttons);
    only={field: values for which the option has an effect}.
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
