"""Latent Lab: train autoencoders, and explore what they learned.

For notebooks and scripts: see `autoencoder.api`, whose names are here too. They are loaded when
they are first used, and torch when a network is.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autoencoder.api import (
        RunConfig,
        TrainedRun,
        add_dataset,
        dataset_options,
        list_runs,
        load,
        train,
    )

__all__ = [
    "RunConfig",
    "TrainedRun",
    "add_dataset",
    "dataset_options",
    "list_runs",
    "load",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autoencoder import api

    return getattr(api, name)
