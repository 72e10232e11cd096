"""How the cost of training grows with the images, their size, the network's width and the latent:
measured, and the exponent.

    python -m benchmarks.growth [--quick] [--device cuda] [--threads N] [--precision P] [--layout L]

Everything else is as in benchmarks/loops.py; the pixels are noise. A cost that grows as x^a shows
as the exponent a: the slope of a straight line through all points on logarithmic axes, and that of
the last two, where what does not grow counts least.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.modules import build
from autoencoder.training.loop import Training
from autoencoder.training.timing import ComputeSettings
from benchmarks.loops import CONFIG, settle

IMAGES = (384, 768, 1_536, 3_072)  # whole batches
SIDES = (14, 28, 56, 112)  # pixels
WIDTHS = (0.5, 1.0, 2.0, 4.0)  # of all channels
LATENT_DIMS = (2, 16, 128, 1_024)
MILLISECONDS = 1_000  # in a second


@dataclass(frozen=True)
class Point:
    """One size, the work to be timed there, and the seconds it took."""

    size: float
    work: Callable[[], object]
    taken: list[float] = field(default_factory=list)


def growing(compute: ComputeSettings, device: str) -> dict[str, list[Point]]:
    """What grows, with its points; none is measured yet."""

    def step(config: RunConfig, shape: ImageShape = CONFIG.shape) -> Callable[[], object]:
        training = _training(config, config.batch_size, compute, device, shape)
        return lambda: training.step(torch.arange(len(training.images)))

    def epoch(images: int) -> Callable[[], object]:
        stream = _training(CONFIG, images, compute, device).run()
        return lambda: next(progress for progress in stream if progress.epoch_done)

    return {
        "training images, ms per epoch": [Point(images, epoch(images)) for images in IMAGES],
        "side of the image, ms per step": [
            Point(side, step(CONFIG, ImageShape(1, side, side))) for side in SIDES
        ],
        "channels, ms per step": [Point(width, step(_widened(width))) for width in WIDTHS],
        "latent_dim, ms per step": [
            Point(size, step(replace(CONFIG, latent_dim=size))) for size in LATENT_DIMS
        ],
    }


def _training(
    config: RunConfig,
    images: int,
    compute: ComputeSettings,
    device: str,
    shape: ImageShape = CONFIG.shape,
) -> Training:
    pixels = np.random.default_rng(0).integers(0, 256, (images, *shape), np.uint8)
    network = build(config, shape)
    return Training(
        network,
        config,
        pixels,
        pixels[:1],
        device=device,
        precision=compute.precision,
        layout=compute.layout,
    )


def _widened(width: float) -> RunConfig:
    return replace(CONFIG, channels=tuple(round(width * channels) for channels in CONFIG.channels))


def measure(points: Sequence[Point], repeats: int, device: str) -> None:
    """All points once to warm up, then all in turns."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    for number in range(repeats + 1):
        for point in points:
            settle(device)
            started = clock()
            point.work()
            settle(device)
            if number:
                point.taken.append(clock() - started)


def row(name: str, points: Sequence[Point]) -> str:
    """A line of the table: sizes, medians, widest middle half, exponents."""
    sizes, times = (
        [point.size for point in points],
        [statistics.median(point.taken) for point in points],
    )
    quartiles = [statistics.quantiles(point.taken, n=4, method="inclusive") for point in points]
    wide = max((high - low) / middle for low, middle, high in quartiles)
    measured = ", ".join(
        f"{size:,g}: {MILLISECONDS * seconds:,.3g}"
        for size, seconds in zip(sizes, times, strict=True)
    )
    return (
        f"| {name} | {measured} | {wide:.0%} | {_slope(sizes, times):.2f} |"
        f" {_slope(sizes[-2:], times[-2:]):.2f} |"
    )


def _slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(times), 1)[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under 20 seconds")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--layout", default="contiguous")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    found = growing(ComputeSettings(given.threads, given.precision, given.layout), given.device)
    clock = "CPU time" if given.device == "cpu" else "time on the clock"
    print(
        f"| what grows | {clock} at each size | widest middle half | exponent | of the last two"
        " |\n|---|---|--:|--:|--:|"
    )
    for name, points in found.items():
        measure(points, 3 if given.quick else 10, given.device)
        print(row(name, points), flush=True)


if __name__ == "__main__":
    main()
