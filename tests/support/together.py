"""Trainings on two processes: the configs, and the script that torchrun runs. Rank 0 keeps what has
become of them in a folder, a file for each training.

    torchrun --nproc-per-node 2 tests/support/together.py FOLDER
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks.modules import build
from autoencoder.training import loop
from autoencoder.training.distributed import ProcessGroup, process_group
from autoencoder.training.loop import ALONE, Training
from autoencoder.training.progress import Checkpoint, Progress

SMALL: dict[str, Any] = {
    **{"dataset": "digits", "epochs": 7, "train_size": 97, "batch_size": 32, "hidden": (16,)},
    **{"learning_rate": 0.01},
}
# Three batches an epoch, 32, 32 and 33: the last one makes slices of 17 and 16.
DENSE = RunConfig(network="mlp", batch_norm=False, **SMALL)
CONV = RunConfig(channels=(4, 8), batch_norm=False, **SMALL)
NORMED = replace(CONV, batch_norm=True)
RANDOM = replace(
    NORMED, objective="denoising", dropout=0.3, augment=0.2, epochs=2, keep_best=True, patience=1
)
NEIGHBOURS = replace(NORMED, objective="neighbours", neighbours=3, epochs=1)
CONFIGS = {"dense": DENSE, "conv": CONV, "normed": NORMED, "neighbours": NEIGHBOURS}


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Training and test images, noise: 97 and 33 of (1, 8, 8)."""
    images = np.random.default_rng(0).integers(0, 256, (97 + 33, 1, 8, 8), dtype=np.uint8)
    return images[:97], images[97:]


def training_of(config: RunConfig, group: ProcessGroup = ALONE, **how: Any) -> Training:
    """A training of these images."""
    images, tests = pictures()
    graphs = [np.arange(len(some))[:, None] for some in (images, tests)]
    return Training(build(config), config, images, tests, group=group, neighbours=graphs, **how)


def ended(training: Training) -> list[Progress]:
    """Train to the end."""
    return list(training.run())


def main(folder: Path) -> None:
    """Train each config on the processes of the group, and RANDOM once more in two sessions."""
    torch.set_num_threads(1)
    with process_group(int(os.environ["LOCAL_RANK"])) as group:

        def keep(name: str, training: Training, last: Progress) -> None:
            if group.rank == 0:
                save(folder / name, training.checkpoint(), test=last.test, train=last.train)

        for name, config in CONFIGS.items():
            training = training_of(config, group)
            keep(name, training, ended(training)[-1])
            if group.rank == 1:
                weights = {
                    f"network.{name}": tensor.contiguous().numpy()
                    for name, tensor in training.network.state_dict().items()
                }
                save_file(weights, folder / f"{name} of rank 1")
        loop.REPORT_EVERY = 0.0  # a Progress after every batch
        training = training_of(RANDOM, group)
        keep("whole", training, ended(training)[-1])
        interrupt(group, folder)
        resumed = training_of(RANDOM, group, checkpoint=load(folder / "half"))
        keep("resumed", resumed, ended(resumed)[-1])
        (folder / f"refused-{group.rank}").write_text(refusal(lambda: half_of_three(folder, group)))


def interrupt(group: ProcessGroup, folder: Path) -> None:
    """Stop RANDOM in its last epoch: rank 0 keeps a checkpoint, and asks for no more."""
    training = training_of(RANDOM, group)
    stream = training.run()
    for progress in stream:
        is_half = progress.epoch == RANDOM.epochs and progress.batch == 2
        if group.rank == 0 and is_half:
            save(folder / "half", training.checkpoint())
            break
    stream.close()
    group.agreed(0)  # the file is there


def half_of_three(folder: Path, group: ProcessGroup) -> Training:
    """The training of a checkpoint that says that there were three processes."""
    half = load(folder / "half")
    rows = {
        name: np.concatenate([array, array[:1]])
        for name, array in half.arrays.items()
        if name.startswith("ranks.")
    }
    return training_of(RANDOM, group, checkpoint=Checkpoint({**half.arrays, **rows}, half.header))


def refusal(work: Callable[[], object]) -> str:
    """What an error says of a checkpoint that cannot be gone on with."""
    try:
        work()
    except CorruptRunError as error:
        return str(error)
    return "nothing was refused"


def save(path: Path, checkpoint: Checkpoint, **losses: dict[str, float]) -> None:
    """Keep a checkpoint, and losses as arrays of one number."""
    numbers = {
        f"{kind}.{name}": np.array(value)
        for kind, each in losses.items()
        for name, value in each.items()
    }
    save_file({**checkpoint.arrays, **numbers}, path, checkpoint.header)


def load(path: Path) -> Checkpoint:
    """A checkpoint that was kept without losses."""
    from safetensors import safe_open

    with safe_open(path, "np") as file:
        return Checkpoint(load_file(path), dict(file.metadata()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
