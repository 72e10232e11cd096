"""Training from a data set on disk: images per second beside the same images in memory, and a set
that is larger than memory.

    python -m benchmarks.large_data [--megabytes 1000] [--folder DIR]

It writes a data set of random 64x64 colour images, as if somebody had added it, and trains the
preset "balanced" for some seconds from memory and from the file, in turns: the file's pages are in
the system's cache then, if memory allows. With more megabytes than the process may have, only the
file is tried:

    systemd-run --scope -p MemoryMax=2G python -m benchmarks.large_data --megabytes 8000

prints the peak of the process's own memory. One thread, float32.
"""

import argparse
import resource
import statistics
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import torch

from autoencoder import system
from autoencoder.config.added_datasets import describe, info_of
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.data import added
from autoencoder.data.added import AddedDataset, folder_of
from autoencoder.networks.modules import build
from autoencoder.training.loop import Training

NAME, SHAPE, TESTS = "generated", ImageShape(3, 64, 64), 100
SECONDS, ROUNDS = 10.0, 5  # of each contestant
AT_ONCE = 10_000  # images that are written
IN_MEMORY = 0.4  # of the memory, up to which the images are also tried from there


def write(data: Path, images: int) -> DatasetInfo:
    """An added data set of random images; written piece by piece."""
    folder = folder_of(NAME, data)
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for split, count in (("train", images), ("test", TESTS)):
        array = np.lib.format.open_memmap(
            folder / f"{split}-images.npy", "w+", np.uint8, (count, *SHAPE)
        )
        for start in range(0, count, AT_ONCE):
            part = array[start : start + AT_ONCE]
            part[:] = np.frombuffer(random.bytes(part.size), np.uint8).reshape(part.shape)
        array.flush()
        np.save(folder / f"{split}-labels.npy", np.zeros(count, np.int64))
    facts = DatasetInfo(title=NAME, help="", shape=SHAPE, train=images, test=TESTS, class_names=())
    description = AddedDataset(**describe(facts, "0" * 16))
    (folder / added.DESCRIPTION).write_bytes(msgspec.json.encode(description))
    return info_of(description)


def images_per_second(config: RunConfig, images: np.ndarray, tests: np.ndarray) -> float:
    """Of a training that is begun anew, over SECONDS."""
    torch.manual_seed(0)
    training = Training(build(config), config, images, tests)
    steps = iter(torch.randperm(len(images)).split(config.batch_size))
    training.step(next(steps))
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        indices = next(steps)
        training.step(indices)
        done += len(indices)
    return done / (time.perf_counter() - began)


def main() -> None:
    """Write the data set, train from it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="where it is written (default: temporary)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(dir=arguments.folder) as scratch:
        data = Path(scratch)
        info = write(data, arguments.megabytes * 1_000_000 // SHAPE.pixels)
        config = RunConfig(**preset_values("balanced", NAME, info))
        split = added.read(NAME, info, data)
        limit = system.memory_limit() or float("inf")
        sources = {"file": split.train.images}
        if split.train.images.nbytes < IN_MEMORY * limit:
            sources["memory"] = np.array(split.train.images)
        speeds: dict[str, list[float]] = {name: [] for name in sources}
        for _ in range(ROUNDS):
            for name, images in sources.items():
                speeds[name].append(images_per_second(config, images, split.test.images))
    print(f"{info.train:,} images of {SHAPE}, {arguments.megabytes:,} MB on disk")
    for name, rates in speeds.items():
        print(
            f"from {name}: {statistics.median(rates):,.0f} images per second"
            f" ({min(rates):,.0f} to {max(rates):,.0f})"
        )
    if "memory" in speeds:
        ratios = [a / b for a, b in zip(speeds["file"], speeds["memory"], strict=True)]
        print(
            f"file / memory: {statistics.median(ratios):.2f}"
            f" ({min(ratios):.2f} to {max(ratios):.2f})"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    print(f"peak memory of the process, pages of the file that it read included: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
