"""metrics.json: the numbers of a finished run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.runs import files
from autoencoder.runs.history import check_dead_units
from autoencoder.validation import Finite

ALWAYS = ("mse", "sse", "psnr", "ssim", "split", "samples", "seed")  # in runs of every version
ERRORS = ("mse", "sse")  # which are never negative
MODELS = {"run", "pca"}
MOST_SPLIT = 40  # letters
MOST_NAME = 60


def read_metrics(path: Path, config: RunConfig) -> dict[str, Any]:
    """Numbers of the run and of PCA for each metric, and what stands beside them.

    Raises OSError, or ValueError if a metric that every version measures is missing, or a value is
    wrong.
    """
    metrics: dict[str, Any] = files.read_json(path, dict[str, dict[str, Finite] | int | str])
    for name in ALWAYS:
        if name not in metrics:
            raise ValueError(f"{path.name} has no {name}")
    most = config.info.evaluated
    for name, value in metrics.items():
        if len(name) > MOST_NAME or not BESIDE.get(name, _is_score)(value):
            raise ValueError(f"{name[:MOST_NAME]} in {path.name} has a wrong value")
    if metrics["samples"] > most or any(min(metrics[name].values()) < 0 for name in ERRORS):
        raise ValueError(f"{path.name} has numbers out of range")
    if "dead_units" in metrics:
        metrics["dead_units"] = {name: int(dead) for name, dead in metrics["dead_units"].items()}
        check_dead_units(metrics["dead_units"], units_by_layer(blueprint_of(config)), path)
    return metrics


def _is_score(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == MODELS


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0 and value == int(value)


BESIDE: dict[str, Callable[[Any], bool]] = {
    "split": lambda value: isinstance(value, str) and len(value) <= MOST_SPLIT,
    "samples": lambda value: isinstance(value, int) and value >= 1,
    "seed": lambda value: isinstance(value, int) and 0 <= value < 2**31,
    "dead_units": lambda value: isinstance(value, dict) and all(map(_is_count, value.values())),
}
