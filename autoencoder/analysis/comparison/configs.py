"""Where configs differ, and which differ in one thing only."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autoencoder.config.run_config import OPTIONS, RunConfig

FIRST: dict[str, Any] = {
    "latent_dim": 1,
    "seed": 0,
}  # stands for every value of what a family varies


def differences(configs: Sequence[RunConfig]) -> dict[str, list[Any]]:
    """Option -> its value in each config, for every option that is not the same in all, in the
    config's own order. The value is None where the option has no effect.
    """
    values = {
        option.name: [getattr(config, option.name) for config in configs]
        for option in OPTIONS.values()
    }
    return {
        name: [
            value if config.uses(name) else None for value, config in zip(row, configs, strict=True)
        ]
        for name, row in values.items()
        if len(set(row)) > 1
    }


def families(configs: Sequence[RunConfig], varied: str) -> dict[str, list[int]]:
    """Which configs differ in nothing but `varied`.

    Args:
        configs: Any number, in any order.
        varied: "latent_dim" or "seed".

    Returns:
        Key of the family's config whose `varied` is 1 or 0, whether or not that is among them ->
        indices of its members by rising `varied`. Families come in the order of their first member.
    """
    found: dict[str, list[int]] = {}
    for index, config in enumerate(configs):
        found.setdefault(replace(config, **{varied: FIRST[varied]}).key, []).append(index)
    return {
        key: sorted(own, key=lambda index: getattr(configs[index], varied))
        for key, own in found.items()
    }
