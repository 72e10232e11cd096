"""The speed of training against a bare loop, a textbook loop and Pythae: images per CPU second,
ratios within one run.

    python -m benchmarks.training [--quick] [--min-ratio 0.95] [--min-clock-ratio 1.5]
    [--device cuda] [--pythae]

Each contestant trains in a process of its own, in turns with the others. None tests on held-out
images meanwhile; what the dashboard's test after every epoch takes is told below the table. Nor is
anything written to disk.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autoencoder.config.datasets import DATASETS
from benchmarks.loops import SIDE
from benchmarks.meter import ROOT, SILENT, Contestant, ratios, spread, take_turns
from benchmarks.pythae import PYTHAE, install_pythae, python_of
from benchmarks.serving import mnist_like

LOOPS = "benchmarks.loops"
PASSIVE = {"OMP_WAIT_POLICY": "passive"}  # as the dashboard sets it for its trainings
BARE = "bare loop, same way"
PER_CORE = "textbook, a thread per core"
MATRICES = "products of matrices"  # multiply-adds instead of images
MEGABYTE = 2**20
PEAK_GOAL = 0.6  # share, on AVX2
CLOCK_GOAL = 1.5  # times, on the clock


@dataclass(frozen=True)
class Effort:
    """How much is measured: laps in turns, seconds of each; images in one of Pythae's laps, and
    their number.
    """

    laps: int
    seconds: float
    pythae_images: int
    pythae_laps: int


QUICK, FULL = Effort(6, 0.5, 128, 2), Effort(12, 2.0, 1_024, 2)


def compete(data: Path, device: str, quick: bool, stack: contextlib.ExitStack) -> list[Contestant]:
    """The contestants with their laps done; the product is the first, the bare loop the second."""
    effort = QUICK if quick else FULL
    shared = ["--data", str(data), "--device", device]

    def enter(
        title: str, *arguments: str, python: str = sys.executable, **environment: str
    ) -> Contestant:
        contestant = Contestant(title, arguments, python, environment)
        stack.callback(contestant.close)
        return contestant

    product = enter("product", LOOPS, "product", *shared, **PASSIVE)
    racing = [
        product,
        enter(BARE, LOOPS, "bare", *shared, *compute_flags(product), **PASSIVE),
        enter("textbook, one thread", LOOPS, "textbook", *shared),
    ]
    if device == "cpu":
        racing.append(enter(PER_CORE, LOOPS, "textbook", *shared, "--threads=0"))
    racing.append(enter(MATRICES, LOOPS, "matrices", *shared, *compute_flags(product), **PASSIVE))
    take_turns(racing, effort.laps, effort.seconds)
    if (python := python_of(PYTHAE)).exists() and device == "cpu":
        pythae_loop = "benchmarks.pythae_loop", str(data), str(effort.pythae_images)
        pythae = enter("Pythae, its own network", *pythae_loop, python=str(python), **SILENT)
        take_turns([pythae], effort.pythae_laps, seconds=0)  # an epoch each
        racing.append(pythae)
    return racing


def compute_flags(product: Contestant) -> list[str]:
    """The way of computing that the product found to be the fastest here, for the others."""
    return [f"--{name}={product.about[name]}" for name in ("threads", "precision", "layout")]


def table(contestants: Sequence[Contestant], clock: str) -> str:
    """Medians and middle halves; the product against each."""
    lines = [
        (
            "| training | images per CPU second | per second on the clock | peak MB | product /"
            f" it, by {clock} |"
        ),
        "|---|--:|--:|--:|--:|",
    ]
    for contestant in contestants:
        if contestant.title == MATRICES:
            continue
        rates = [spread([lap.rate(kind) for lap in contestant.laps]) for kind in ("cpu", "wall")]
        against = (
            spread(ratios(contestants[0], contestant, clock))
            if contestant is not contestants[0]
            else ""
        )
        lines.append(
            f"| {contestant.title} | {rates[0]} | {rates[1]} |"
            f" {contestant.laps[-1].peak / MEGABYTE:,.0f} | {against} |"
        )
    if not python_of(PYTHAE).exists():
        lines.append(
            "| Pythae | not installed: add --pythae, which installs it into ~/.cache | | | |"
        )
    return "\n".join(lines)


def on_the_clock(contestants: Sequence[Contestant]) -> str:
    """What counts for who waits: all cores against all cores."""
    product, per_core = contestants[0], named(contestants, PER_CORE)
    return (
        f"On the clock: product / {PER_CORE}: {spread(ratios(product, per_core, 'wall'))}; the goal"
        f" is {CLOCK_GOAL:g}."
    )


def named(contestants: Sequence[Contestant], title: str) -> Contestant:
    """The contestant of that title."""
    return next(each for each in contestants if each.title == title)


def shares_of_peak(contestants: Sequence[Contestant], clock: str) -> list[float]:
    """The product's multiply-adds per second over those of plain products of matrices, lap by
    lap.
    """
    product = contestants[0]
    per_image = product.about["multiply_adds"]
    return [per_image * ratio for ratio in ratios(product, named(contestants, MATRICES), clock)]


def peak(contestants: Sequence[Contestant], clock: str) -> str:
    """How near the product comes to what the machine can do."""
    product = contestants[0]
    rates = [lap.rate(clock) / 1e9 for lap in named(contestants, MATRICES).laps]
    return (
        f"Share of the machine's matrix peak: {spread(shares_of_peak(contestants, clock))} by"
        f" {clock}; the goal on AVX2 is {PEAK_GOAL:g}. The peak is {spread(rates)} thousand million"
        f" multiply-adds per second, measured by products of {SIDE:,} x {SIDE:,} matrices in"
        f" {product.about['precision']} with {product.about['threads']} thread(s); an image takes"
        f" {product.about['multiply_adds'] / 1e6:.1f} million of them, forward and back."
    )


def remarks(product: Contestant, clock: str) -> str:
    """The way of computing, and what testing after every epoch adds."""
    about, images = product.about, DATASETS["mnist"].train
    epoch = images / statistics.median(lap.rate(clock) for lap in product.laps)
    return (
        f"The product chose {' '.join(compute_flags(product))}. Its test on all test images, left"
        f" out above, takes {about['test']:.2f} s after each epoch of {epoch:.1f} s:"
        f" {about['test'] / epoch:.1%} more."
    )


def main() -> int:
    """Measure and print; 1 if the product is slower than it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="within a minute")
    parser.add_argument(
        "--min-ratio",
        type=float,
        default=0.0,
        help="exit with 1 if product / bare loop is below it",
    )
    parser.add_argument(
        "--min-clock-ratio",
        type=float,
        default=0.0,
        help="exit with 1 if product / textbook with a thread per core is below it, on the clock",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        choices=("cpu", "cuda"),
        help="cuda goes by the clock on the wall",
    )
    parser.add_argument(
        "--pythae", action="store_true", help="install Pythae first, if need be: a few gigabytes"
    )
    given = parser.parse_args()
    if given.min_clock_ratio and given.device != "cpu":
        parser.error("--min-clock-ratio compares processor cores: leave out --device")
    clock = "cpu" if given.device == "cpu" else "wall"
    if given.pythae:
        install_pythae()
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        contestants = compete(mnist_like(Path(scratch)), given.device, given.quick, stack)
    print(
        table(contestants, clock),
        remarks(contestants[0], clock),
        *([on_the_clock(contestants)] if given.device == "cpu" else []),
        peak(contestants, clock),
        sep="\n\n",
        end="\n\n",
        flush=True,
    )
    growth = [
        sys.executable,
        "-m",
        "benchmarks.growth",
        "--device",
        given.device,
        *compute_flags(contestants[0]),
    ]
    subprocess.run([*growth, *(["--quick"] if given.quick else [])], cwd=ROOT, check=True)
    failed = [
        f'{ratio:.2f} of the speed of "{title}" by {by}, less than {least:g}'
        for title, by, least in (
            (BARE, clock, given.min_ratio),
            (PER_CORE, "wall", given.min_clock_ratio),
        )
        if least
        and (ratio := statistics.median(ratios(contestants[0], named(contestants, title), by)))
        < least
    ]
    for sentence in failed:
        print(f"FAILED: {sentence}", file=sys.stderr)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
