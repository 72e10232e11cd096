"""The speed of one training on several processes, beside as many threads of one process: images per
second on the clock, ratios within one run.

    python -m benchmarks.distributed [--quick] [--processes 2]

Each contestant trains in turns with the others, in float32 and tested on one image only. "Without
exchange" are processes that send each other no gradients: what the machine gives several at best.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import torch
from torch import nn

from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.networks.modules import build
from autoencoder.system import cores, keep_memory
from autoencoder.training.distributed import ProcessGroup, process_group
from autoencoder.training.loop import ALONE, Training
from benchmarks.loops import CONFIG
from benchmarks.meter import Contestant, ratios, serve, spread, take_turns
from benchmarks.serving import mnist_like

PASSIVE = {"OMP_WAIT_POLICY": "passive"}  # as the dashboard sets it for its trainings
LAPS, SECONDS = 12, 3.0
QUICK_LAPS, QUICK_SECONDS = 6, 2.0


class WithoutExchange(ProcessGroup):
    """Processes that tell each other when to report, and nothing else."""

    def parallel(self, module: nn.Module) -> nn.Module:
        """The module as it is."""
        return module

    def average(self, tensors: object) -> None:
        """Each keeps what it has."""


def images_done(data: Dataset, group: ProcessGroup) -> Generator[int, None, None]:
    """The dashboard's own training, whole; yields images done by all processes."""
    training = Training(
        build(CONFIG),
        CONFIG,
        data.train.images,
        data.test.images[: group.size],
        layout="channels_last",
        group=group,
    )
    done = 0
    with contextlib.closing(training.run()) as stream:
        for progress in stream:
            yield progress.images - done
            done = progress.images


def work(data: Path, kind: str) -> None:
    """Serve as a contestant, or help the process that does."""
    images = loading.prepare("mnist", data)
    if kind == "alone":
        serve(images_done(images, ALONE), {})
        return
    with process_group(int(os.environ["LOCAL_RANK"])) as group:
        if kind == "apart":
            group = WithoutExchange(group.rank, group.size)
        if group.rank:
            for _ in images_done(images, group):
                pass
        else:
            with contextlib.closing(images_done(images, group)) as stream:
                serve(stream, {})


def compete(data: Path, processes: int, quick: bool) -> list[Contestant]:
    """One thread, several threads, several processes, and these without exchange, laps done."""
    torchrun = "torch.distributed.run", "--nproc-per-node", str(processes), "-m"
    this = "benchmarks.distributed", "--data", str(data), "--work"
    several = {**PASSIVE, "OMP_NUM_THREADS": "1"}
    starts: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
        "one process, one thread": ((*this, "alone", "--threads", "1"), PASSIVE),
        f"one process, {processes} threads": (
            (*this, "alone", "--threads", str(processes)),
            PASSIVE,
        ),
        f"{processes} processes, a thread each": ((*torchrun, *this, "together"), several),
        "the same without exchange": ((*torchrun, *this, "apart"), several),
    }
    with contextlib.ExitStack() as stack:
        contestants = []
        for title, (arguments, environment) in starts.items():
            contestant = Contestant(title, arguments, sys.executable, environment)
            stack.callback(contestant.close)
            contestants.append(contestant)
        take_turns(contestants, QUICK_LAPS if quick else LAPS, QUICK_SECONDS if quick else SECONDS)
    return contestants


def table(contestants: list[Contestant]) -> str:
    """Medians and middle halves, each against one thread."""
    lines = ["| training | images per second | times one thread |", "|---|--:|--:|"]
    for contestant in contestants:
        rate = spread([lap.rate("wall") for lap in contestant.laps])
        times = spread(ratios(contestant, contestants[0], "wall"))
        lines.append(f"| {contestant.title} | {rate} | {times} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="within a minute or two")
    parser.add_argument("--processes", type=int, default=min(2, cores()))
    parser.add_argument("--work", choices=("alone", "together", "apart"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.work:
        torch.set_num_threads(given.threads)
        keep_memory()
        work(given.data, given.work)
        return
    with tempfile.TemporaryDirectory() as scratch:
        contestants = compete(mnist_like(Path(scratch)), given.processes, given.quick)
    exchange = spread(ratios(contestants[2], contestants[3], "wall"))
    print(
        table(contestants),
        f"What they tell each other leaves {exchange} of the speed without exchange.",
        sep="\n\n",
    )


if __name__ == "__main__":
    main()
