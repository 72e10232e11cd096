"""Runs that differ only in how much weight the objective gives to neighbours; weight 0 is the same
network without the objective.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autoencoder.config.run_config import OPTIONS, RunConfig


def weight_of(config: RunConfig) -> float:
    """The weight of neighbours in what the run minimises; 0 if that has no such part."""
    return config.neighbour_weight if config.objective_spec.has_neighbours else 0.0


def with_weight(config: RunConfig, weight: float) -> RunConfig:
    """`config`, whose objective has neighbours, with that weight: with 0 the objective is the usual
    one. Raises ConfigError if the weight is refused.
    """
    if weight:
        return replace(config, neighbour_weight=weight)
    names = ("objective", *config.objective_spec.options)
    usual: dict[str, Any] = {name: OPTIONS[name].default for name in names}
    return replace(config, **usual)


def weight_families(configs: Sequence[RunConfig]) -> dict[str, list[int]]:
    """Which configs differ in nothing but the weight of neighbours and the seed.

    Args:
        configs: Any number, in any order.

    Returns:
        Key of the family's config with weight 1 and seed 0, whether or not that is among them ->
        indices of its members by rising weight and seed. A config without the objective belongs to
        every family that it is the weight 0 of. Families come in the order of their first member
        with the objective.
    """
    heads = [_head(config) for config in configs]
    families = {}
    for head in dict.fromkeys(heads):
        if head.objective_spec.has_neighbours:
            alike = (head, with_weight(head, 0))
            members = [index for index, each in enumerate(heads) if each in alike]
            order = sorted(members, key=lambda i: (weight_of(configs[i]), configs[i].seed))
            families[head.key] = order
    return families


def _head(config: RunConfig) -> RunConfig:
    """The config with seed 0 and, if its objective has neighbours, weight 1."""
    if config.objective_spec.has_neighbours:
        return replace(config, seed=0, neighbour_weight=1.0)
    return replace(config, seed=0)
