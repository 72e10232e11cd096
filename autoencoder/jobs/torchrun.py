"""One run on several processes: torchrun starts them, each runs the same command. No torch here
before there are several.

`python -m autoencoder train --processes 2` becomes torchrun in its own process, so that whoever
started it sees one process that ends with the run. Rank 0 takes the run's lock and writes; the
others only compute (workers.py).
"""

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autoencoder import system
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError, JobError
from autoencoder.formatting import byte_size
from autoencoder.runs import Run
from autoencoder.training.memory import training_memory

# What torchrun tells its processes: theirs alone, and not their children's.
VARIABLES = (
    *("RANK", "LOCAL_RANK", "GROUP_RANK", "ROLE_RANK", "ROLE_NAME", "MASTER_ADDR", "MASTER_PORT"),
    *("WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_WORLD_SIZE", "ROLE_WORLD_SIZE", "OMP_NUM_THREADS"),
)
PREFIX = "TORCHELASTIC_"
SHUTDOWN = 10  # seconds after which torchrun kills a process that does not end


@dataclass(frozen=True)
class Worker:
    """A process of torchrun's, or one by itself.

    Attributes:
        rank: Its number among all, from 0.
        size: How many there are.
        local_rank: Its number on this machine.
        is_torchruns: Whether torchrun has started it.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    is_torchruns: bool = False


def this_worker() -> Worker:
    """What this process is."""
    if f"{PREFIX}RUN_ID" not in os.environ:
        return Worker()
    rank, size, local_rank = (
        int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    )
    return Worker(rank, size, local_rank, is_torchruns=True)


def outside(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what torchrun has put there, for children that are no workers."""
    if f"{PREFIX}RUN_ID" not in environment:
        return dict(environment)
    return {
        name: value
        for name, value in environment.items()
        if name not in VARIABLES and not name.startswith(PREFIX)
    }


def child_environment() -> dict[str, str]:
    """The environment of a child that is no worker, and finds this package wherever it is
    started.
    """
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**outside(os.environ), "PYTHONPATH": path}


def command(arguments: Sequence[str], processes: int = 1) -> list[str]:
    """The command line of `python -m autoencoder` with these arguments, on so many processes."""
    if processes == 1:
        return [sys.executable, "-m", "autoencoder", *arguments]
    count = ["--nproc-per-node", str(processes)]
    # After --, torchrun takes none of our options, such as --run, for one of its own.
    script = ["-m", "--", "autoencoder", *arguments]
    return [sys.executable, "-m", "torch.distributed.run", *count, *script]


def processes_of(run: Run, wanted: int = 0) -> int:
    """On how many processes a run trains: the number that is wanted, else that of its record.

    Raises JobError where it goes on from a checkpoint of another number.
    """
    recorded = run.record.processes
    if run.has_checkpoint and wanted not in (0, recorded):
        raise JobError(
            f"processes must be {recorded} for {run.key}, which goes on from a checkpoint with the"
            f" random state of each process; got {wanted}"
        )
    return wanted or recorded


def require_processes(processes: int, config: RunConfig, device: str = "") -> None:
    """Check that a training of `config` can run on so many processes here.

    Args:
        processes: How many.
        config: Of the run.
        device: cpu, cuda or mps; empty if that is not known yet.

    Raises:
        ConfigError: The machine, or the batch, has not enough for them.
    """
    if processes == 1:
        return
    if processes < 1:
        raise ConfigError(f"processes must be at least 1; got {processes}")
    if 2 * processes > config.batch_size:
        raise ConfigError(
            f"processes must be at most {config.batch_size // 2}, half of batch_size, so that each"
            f" has two images of a batch; got {processes}"
        )
    if device == "mps" or not _has_torchrun():
        raise ConfigError(
            "processes must be 1 here: several need torchrun with gloo, on cpu or cuda; got"
            f" {processes}"
        )
    gpus = 0 if device == "cpu" else _gpus()
    most, things = (gpus, "GPUs") if gpus else (system.cores(), "processor cores")
    if processes > most:
        raise ConfigError(
            f"processes must be at most {most}, the {things} of this machine; got {processes}"
        )
    part = training_memory(replace(config, batch_size=config.batch_size // processes))
    needed, limit = processes * part.total, system.memory_limit()
    if 0 < limit < needed:
        raise ConfigError(
            f"processes must be fewer than {processes}, which need about {byte_size(needed)} of"
            f" memory; this machine allows {byte_size(limit)}"
        )


def _has_torchrun() -> bool:
    """Windows has another torchrun and other signals: nothing was tried there."""
    import torch.distributed as dist

    return not system.WINDOWS and dist.is_available() and dist.is_gloo_available()


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


def become_torchrun(arguments: Sequence[str], processes: int) -> None:
    """Do in this process what `command` would do, until all of its processes have ended. How the
    run has ended, its folder tells.
    """
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.run import parse_args, run

    logging.disable()  # what is wrong, rank 0 says in words; torchrun would add its own
    with tempfile.TemporaryDirectory() as folder:
        limits = ["--log-dir", folder, "--shutdown-timeout", str(SHUTDOWN)]
        options = [*limits, *command(arguments, processes)[3:]]
        with contextlib.suppress(ChildFailedError, SignalException):
            run(parse_args(options))
    logging.disable(logging.NOTSET)
