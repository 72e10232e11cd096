"""history.jsonl: one Progress per finished epoch, a line for each."""

from pathlib import Path

from autoencoder.config.objectives import LOSS_PARTS
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.runs import files
from autoencoder.training.progress import Progress

PARTS = {"total", "reconstruction", "mse"}  # of every loss
LINE_BYTES, ENTRY_BYTES = 2_000, 64  # of a line without its tables, of a number in one of them


def read_history(path: Path, config: RunConfig) -> list[Progress]:
    """The epochs of a run from the first one on.

    Raises OSError, or ValueError if there are more than the config has, one is missing, or one
    lacks a loss.
    """
    units = units_by_layer(blueprint_of(config))
    longest = LINE_BYTES + ENTRY_BYTES * (2 * len(LOSS_PARTS) + len(units))
    history = files.read_lines(path, Progress, config.epochs, longest)
    for epoch, progress in enumerate(history, start=1):
        if progress.epoch != epoch or progress.epochs != config.epochs or not progress.epoch_done:
            raise ValueError(f"line {epoch} of {path.name} is not epoch {epoch} of {config.epochs}")
        if not (progress.train.keys() >= PARTS and progress.test.keys() >= PARTS):
            raise ValueError(f"line {epoch} of {path.name} lacks a loss")
        if progress.dead_units:
            check_dead_units(progress.dead_units, units, path)
    return history


def check_dead_units(dead: dict[str, int], units: dict[str, int], path: Path) -> None:
    """Raises ValueError unless layers of the network, each with its `units`, have so many dead
    ones.
    """
    for layer, count in dead.items():
        if not 0 <= count <= units.get(layer, -1):
            raise ValueError(f"{path.name} has dead units that there are not")
