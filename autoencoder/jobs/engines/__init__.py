"""Where trainings run: as processes of this machine, or on an engine that has machines.

An engine knows nothing of runs. The folder of a run stays the only truth about it, and what an
engine says is compared with that (`jobs/reconciliation.py`). To add one, write a file like `ray.py`
with a class that has the methods of `Engine`, and add it to ENGINES.
"""

from autoencoder.config.settings import LOCAL, Settings
from autoencoder.errors import ConfigError
from autoencoder.jobs.engines.engine import Engine
from autoencoder.jobs.engines.ray import RayEngine

ENGINES: dict[str, type[Engine]] = {  # by the name in AUTOENCODER_ENGINE
    "ray": RayEngine,  # Ray's Jobs API, over HTTP
}


def engine_of(settings: Settings) -> Engine | None:
    """The engine that the settings name; None for processes of this machine. Asks it nothing.

    Raises ConfigError if there is no such engine, or its address is not one.
    """
    if settings.engine == LOCAL:
        return None
    name, _, address = settings.engine.partition(":")
    if name not in ENGINES:
        known = ", ".join([LOCAL, *(f"{each}:ADDRESS" for each in ENGINES)])
        raise ConfigError(
            f"AUTOENCODER_ENGINE must be one of {known}; got {settings.engine[:80]!r}"
        )
    return ENGINES[name](address)


def title_of(engine: str) -> str:
    """What pages call the engine that a run's folder names; its name if there is none such."""
    name = engine.partition(":")[0]
    return ENGINES[name].title if name in ENGINES else name
