"""Runs of format 1: the same options with one difference in meaning, and keys of their own.

In format 1 batch norm had no effect on an mlp, whatever its config said.
"""

from collections.abc import Mapping
from typing import Any

from autoencoder.config.run_config import RunConfig, options_in

FORMAT = 1


def read(data: Mapping[str, Any]) -> tuple[RunConfig, str]:
    """What a config.json of format 1 means today, and the key of its run.

    Raises ConfigError.
    """
    stored = options_in(data, FORMAT)
    meant = stored | {"batch_norm": False} if stored["network"] == "mlp" else stored
    config = RunConfig(**meant)
    return config, config.key_of_format(FORMAT, batch_norm=stored["batch_norm"])
