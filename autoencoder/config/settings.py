"""Settings from environment variables: where runs and data live, how many trainings run, and what
follows them.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from autoencoder.errors import ConfigError


@dataclass(frozen=True)
class Settings:
    """Where runs and data live, how many trainings may run at the same time, whether what pages
    show first of a run is computed as soon as its training has finished, and how many megabytes of
    images a visitor may upload for a data set (0: none may be uploaded).
    """

    models: Path
    data: Path
    max_trainings: int = 1
    precompute: bool = False
    upload_mb: int = 200

    @classmethod
    def from_environment(cls, models: str | None = None, data: str | None = None) -> "Settings":
        """AUTOENCODER_MODELS (default models/), AUTOENCODER_DATA (default a cache folder),
        AUTOENCODER_MAX_TRAININGS (default 1), AUTOENCODER_PRECOMPUTE (0 or 1, default 1),
        AUTOENCODER_UPLOAD_MB (default 200).

        Explicit arguments win. Raises ConfigError if one of the last three is not such a number.
        """
        at_once = os.environ.get("AUTOENCODER_MAX_TRAININGS") or "1"
        if not at_once.isdecimal() or int(at_once) < 1:
            raise ConfigError(
                f"AUTOENCODER_MAX_TRAININGS must be a whole number of at least 1; got {at_once!r}"
            )
        precompute = os.environ.get("AUTOENCODER_PRECOMPUTE") or "1"
        if precompute not in ("0", "1"):
            raise ConfigError(f"AUTOENCODER_PRECOMPUTE must be 0 or 1; got {precompute!r}")
        upload_mb = os.environ.get("AUTOENCODER_UPLOAD_MB") or "200"
        if not upload_mb.isdecimal() or len(upload_mb) > 9:
            raise ConfigError(
                "AUTOENCODER_UPLOAD_MB must be a whole number of megabytes, 0 for no uploads; got"
                f" {upload_mb[:60]!r}"
            )
        return cls(
            models=Path(models or os.environ.get("AUTOENCODER_MODELS") or "models")
            .expanduser()
            .absolute(),
            data=Path(data or os.environ.get("AUTOENCODER_DATA") or _cache_folder())
            .expanduser()
            .absolute(),
            max_trainings=int(at_once),
            precompute=precompute == "1",
            upload_mb=int(upload_mb),
        )


def _cache_folder() -> Path:
    """Where this system keeps files that can be had again: on Linux ~/.cache/latent-lab."""
    return user_cache_path("latent-lab", appauthor=False)
