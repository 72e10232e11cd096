"""Settings from environment variables: where runs and data live, where trainings run and how many
at once, and what follows them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from autoencoder.errors import ConfigError

LOCAL = "local"  # the engine that is this machine
UNLIMITED = 1_000_000  # trainings at once: the engine decides
MOST = 10**9


@dataclass(frozen=True)
class Settings:
    """What the dashboard, the command line and every job go by.

    Attributes:
        models, data: The folders of the runs and of the data sets.
        max_trainings: How many trainings may run, or lie with the engine, at the same time.
        precompute: Whether what pages show first of a run is computed as soon as its training has
            finished.
        upload_mb: Megabytes of images that a visitor may upload for a data set; 0: none.
        engine: Where trainings run: "local", or an engine's name and its address.
        training_cpus, training_gpus: What an engine is asked for each training; one that goes on
            gets the threads that it had.
        node_python: The Python that starts trainings on the engine's machines.
        engine_job: In a process that an engine has started: its job. Empty everywhere else.
    """

    models: Path
    data: Path
    max_trainings: int = 1
    precompute: bool = False
    upload_mb: int = 200
    engine: str = LOCAL
    training_cpus: int = 1
    training_gpus: int = 0
    node_python: str = ""
    engine_job: str = ""

    @classmethod
    def from_environment(cls, models: str | None = None, data: str | None = None) -> "Settings":
        """AUTOENCODER_MODELS (default models/), AUTOENCODER_DATA (default a cache folder),
        AUTOENCODER_MAX_TRAININGS (default 1, and without limit where trainings run on an engine),
        AUTOENCODER_PRECOMPUTE (0 or 1, default 1), AUTOENCODER_UPLOAD_MB (default 200),
        AUTOENCODER_ENGINE (default local), AUTOENCODER_TRAINING_CPUS (default 1),
        AUTOENCODER_TRAINING_GPUS (default 0), AUTOENCODER_NODE_PYTHON (default this Python).

        Explicit arguments win. Raises ConfigError if a number is not one. What an engine is, only
        `jobs.engines` knows.
        """
        engine = os.environ.get("AUTOENCODER_ENGINE") or LOCAL
        at_once = 1 if engine == LOCAL else UNLIMITED
        precompute = os.environ.get("AUTOENCODER_PRECOMPUTE") or "1"
        if precompute not in ("0", "1"):
            raise ConfigError(f"AUTOENCODER_PRECOMPUTE must be 0 or 1; got {precompute!r}")
        return cls(
            models=Path(models or os.environ.get("AUTOENCODER_MODELS") or "models")
            .expanduser()
            .absolute(),
            data=Path(data or os.environ.get("AUTOENCODER_DATA") or _cache_folder())
            .expanduser()
            .absolute(),
            max_trainings=_number("AUTOENCODER_MAX_TRAININGS", at_once, "a whole number", least=1),
            precompute=precompute == "1",
            upload_mb=_number(
                "AUTOENCODER_UPLOAD_MB", 200, "a whole number of megabytes, 0 for no uploads"
            ),
            engine=engine,
            training_cpus=_number("AUTOENCODER_TRAINING_CPUS", 1, "a whole number", least=1),
            training_gpus=_number("AUTOENCODER_TRAINING_GPUS", 0, "a whole number"),
            node_python=os.environ.get("AUTOENCODER_NODE_PYTHON", ""),
            engine_job=os.environ.get("AUTOENCODER_ENGINE_JOB", ""),
        )


def _number(variable: str, default: int, rule: str, *, least: int = 0) -> int:
    """The whole number in an environment variable. Raises ConfigError, which states the `rule`."""
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or len(text) > len(str(MOST)) - 1 or int(text) < least:
        of_at_least = f" of at least {least}" if least else ""
        raise ConfigError(f"{variable} must be {rule}{of_at_least}; got {text[:60]!r}")
    return int(text)


def _cache_folder() -> Path:
    """Where this system keeps files that can be had again: on Linux ~/.cache/latent-lab."""
    return user_cache_path("latent-lab", appauthor=False)
