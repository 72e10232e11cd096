"""Several runs under one name, alike but for one thing: how small may the bottleneck be, what does
the weight of neighbours do, and does another seed matter?
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from autoencoder.analysis.comparison.weights import weight_of, with_weight
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.jobs import Queue
from autoencoder.runs import Membership

MOST = 50  # runs in one sweep


def plan(
    config: RunConfig, latent_dims: Sequence[int], seeds: Sequence[int] = ()
) -> list[RunConfig]:
    """`config` with each bottleneck and each seed.

    Raises:
        ConfigError: There are none, too many, or one of them is refused.
    """
    chosen = [
        (latent_dim, seed)
        for latent_dim in dict.fromkeys(latent_dims)
        for seed in dict.fromkeys(seeds or [config.seed])
    ]
    if not 1 <= len(chosen) <= MOST:
        raise ConfigError(f"a sweep must have from 1 to {MOST} runs; got {len(chosen)}")
    return [replace(config, latent_dim=latent_dim, seed=seed) for latent_dim, seed in chosen]


def plan_weights(config: RunConfig, weights: Sequence[float]) -> list[RunConfig]:
    """`config`, whose objective has neighbours, with each weight of them; with 0 the same network
    without the objective.

    Raises:
        ConfigError: There are none, too many, or one of them is refused.
    """
    chosen = list(dict.fromkeys(weights))
    if not 1 <= len(chosen) <= MOST:
        raise ConfigError(f"a sweep must have from 1 to {MOST} runs; got {len(chosen)}")
    return [with_weight(config, weight) for weight in chosen]


def name_of(configs: Sequence[RunConfig]) -> str:
    """What a sweep is called by default, such as "digits-conv-d2-4-8-3f2a91": readable first,
    unique last.
    """
    first, weights = configs[0], {weight_of(config) for config in configs}
    dims = "-".join(
        str(latent_dim) for latent_dim in dict.fromkeys(config.latent_dim for config in configs)
    )
    seeds = len({config.seed for config in configs})
    readable = "-".join(
        [
            first.dataset,
            first.network,
            *first.objective_part,
            f"d{dims}",
            *([f"{len(weights)}weights"] if len(weights) > 1 else []),
            *([f"{seeds}seeds"] if seeds > 1 else []),
        ]
    )
    unique = hashlib.sha256(" ".join(config.key for config in configs).encode()).hexdigest()[:6]
    return f"{readable[:70]}-{unique}"


def submit(queue: Queue, configs: Sequence[RunConfig], kind: str = "sweep") -> None:
    """Put the runs of a sweep, or of a series of seeds, into the queue, in order; each notes that
    it belongs there. Raises as `Queue.submit`.
    """
    name, before = series_name(configs, kind), set(queue.store.keys())
    for config in configs:
        queue.submit(config)
        queue.store.join(config.key, membership(config, kind, name, config.key not in before))


def membership(config: RunConfig, kind: str, name: str, created: bool) -> Membership:
    """A run's place in the sweep, or the series of seeds, of that name."""
    seed = f"seed {config.seed}"
    weight = f"weight {weight_of(config):g}, " if weight_of(config) else ""
    role = seed if kind == "seeds" else f"d = {config.latent_dim}, {weight}{seed}"
    return Membership(kind, name[:200], role, created)


def series_name(configs: Sequence[RunConfig], kind: str) -> str:
    """What a series is called: one of seeds by the key that its config has with seed 0, so that
    seeds that are asked for later belong to it too.
    """
    return replace(configs[0], seed=0).key if kind == "seeds" else name_of(configs)
