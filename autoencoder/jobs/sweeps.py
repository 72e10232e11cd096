"""Several runs under one name, alike but for one thing: how small may the bottleneck be, and does
another seed matter?
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError, RunError
from autoencoder.jobs import Queue
from autoencoder.runs import files
from autoencoder.runs.store import KEY
from autoencoder.validation import JsonObject

FOLDER = ".sweeps"  # under the models folder
MOST = 50  # runs in one sweep


@dataclass(frozen=True)
class Sweep:
    """A name and the keys of its runs, in order."""

    name: str
    keys: tuple[str, ...]


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


def name_of(configs: Sequence[RunConfig]) -> str:
    """What a sweep is called by default, such as "digits-conv-d2-4-8-3f2a91": readable first,
    unique last.
    """
    first = configs[0]
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
            *([f"{seeds}seeds"] if seeds > 1 else []),
        ]
    )
    unique = hashlib.sha256(" ".join(config.key for config in configs).encode()).hexdigest()[:6]
    return f"{readable[:70]}-{unique}"


def keep(models: Path, name: str, configs: Sequence[RunConfig]) -> Sweep:
    """Write down which runs belong together; a sweep of that name is replaced.

    Raises:
        ConfigError: The name is not one.
        RunError: The models folder cannot be written.
    """
    if not re.fullmatch(KEY, name):
        raise ConfigError(
            "a sweep's name must be made of a-z, 0-9, dots, dashes and underscores; got"
            f" {name[:60]!r}"
        )
    sweep = Sweep(name, tuple(config.key for config in configs))
    try:
        (models / FOLDER).mkdir(parents=True, exist_ok=True)
        files.write_json(models / FOLDER / f"{name}.json", {"keys": list(sweep.keys)})
    except OSError as error:
        raise RunError(f"cannot write to the models folder {models}: {error.strerror}") from error
    return sweep


def submit(queue: Queue, name: str, configs: Sequence[RunConfig]) -> Sweep:
    """Keep the sweep and put its runs into the queue. Raises as `keep` and `Queue.submit`."""
    sweep = keep(queue.settings.models, name, configs)
    for config in configs:
        queue.submit(config)
    return sweep


def sweeps(models: Path) -> list[Sweep]:
    """All sweeps that can be read, by name."""
    found = []
    for path in sorted((models / FOLDER).glob("*.json")):
        try:
            keys = files.read_json(path, JsonObject)["keys"]
        except (OSError, ValueError, KeyError):
            continue
        if (
            KEY.fullmatch(path.stem)
            and isinstance(keys, list)
            and all(isinstance(k, str) and KEY.fullmatch(k) for k in keys)
        ):
            found.append(Sweep(path.stem, tuple(keys)))
    return found
