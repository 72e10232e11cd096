"""How good MNIST's presets are for their time, against PCA and published autoencoders, as one
Markdown table.

    python -m benchmarks.quality [--quick] [--thorough] [--seeds 1]
    python -m benchmarks.quality --plane [--preset map-fast --max-error 10 --max-sse 29]
    python -m benchmarks.quality --samples [--pythae]

SSE is the squared error summed over an image's 784 pixels, its mean over the 10,000 test images.
The 1-NN error is that of the label of the nearest of all 60,000 training latents; no training sees
a label. Trainings run by the command line, one after the other, in processes of their own with one
thread. Published figures: "2006" is the deep autoencoder 784-1000-500-250-30 of Hinton &
Salakhutdinov, confirmed in the paper's text, which gives 8.01 for logistic PCA and 13.87 for PCA,
too: the last is recomputed here. "2009" is quoted from memory.
"""

import argparse
import math
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.analysis.metrics import neighbour_error, to_unit
from autoencoder.analysis.projections import fit_pca
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from benchmarks import plane, samples
from benchmarks.pythae import install_pythae
from benchmarks.serving import train

SSE_2006 = {30: 3.00}  # Hinton & Salakhutdinov, Science 2006
NN_2009 = {
    2: 66.84,
    10: 6.33,
    30: 2.70,
}  # per cent; van der Maaten, AISTATS 2009: the autoencoder beside parametric t-SNE
QUICK_EPOCHS = 1


@dataclass(frozen=True)
class Trial:
    """A preset at a bottleneck, with the goals for it: SSE within CPU seconds of training, and 1-NN
    error in per cent.
    """

    preset: str
    latent_dim: int
    sse: float | None = None
    seconds: float | None = None
    nn: float | None = None

    def config(self, seed: int, epochs: int) -> RunConfig:
        """The preset's own epochs, if `epochs` is 0."""
        options: dict[str, Any] = {
            "latent_dim": self.latent_dim,
            "seed": seed,
            **({"epochs": epochs} if epochs else {}),
        }
        return RunConfig(**preset_values(self.preset, "mnist", **options))


USUAL = (Trial("balanced", 2), Trial("balanced", 10), Trial("balanced", 30, sse=3.0, seconds=60))
THOROUGH = (
    Trial("thorough", 16),
    Trial("thorough", 30, sse=1.85, seconds=600),
    Trial("thorough", 128),
    Trial("classes", 2, nn=22.0),
    Trial("classes", 10, nn=3.0),
    Trial("classes", 30, nn=2.2),
)
QUICK = (Trial("balanced", 30),)


@dataclass(frozen=True)
class Result:
    """What a training came to; 1-NN error in per cent."""

    sse: float
    nn: float
    seconds: float


def measured(config: RunConfig, data: Dataset, models: Path, folder: Path) -> Result:
    """Train it and measure its latents."""
    run = RunStore(models).get(train(config, models, folder))
    network = inference.rebuild(run.config, run.weights())
    known, asked = (inference.encode(network, split.images) for split in (data.train, data.test))
    return Result(run.metrics["sse"]["run"], error(known, asked, data), run.history[-1].cpu_seconds)


def baseline(latent_dim: int, data: Dataset) -> Result:
    """PCA at the same dimension."""
    pca = fit_pca(data.train.images, latent_dim)
    known, asked = pca.encode(data.train.images), pca.encode(data.test.images)
    pixels = to_unit(data.test.images).reshape(len(asked), -1)
    missed = np.square(pixels - pca.decode(asked).reshape(pixels.shape)).sum(axis=1)
    return Result(float(missed.mean()), error(known, asked, data), 0.0)


def error(known: np.ndarray, asked: np.ndarray, data: Dataset) -> float:
    """The 1-NN error in per cent."""
    return 100 * neighbour_error(known, data.train.labels, asked, data.test.labels)


def row(trial: Trial, results: Sequence[Result], pca: Result) -> str:
    """One line of the table, with whether each goal is met."""
    sse, nn, seconds = (
        [getattr(each, name) for each in results] for name in ("sse", "nn", "seconds")
    )
    goals = [
        said(f"SSE <= {trial.sse}", sse, trial.sse),
        said(f"{trial.seconds} CPU s", seconds, trial.seconds),
        said(f"1-NN <= {trial.nn} %", nn, trial.nn),
    ]
    cells = [
        trial.preset,
        str(trial.latent_dim),
        shown(sse, 2),
        f"{pca.sse:.2f}",
        published(SSE_2006, trial.latent_dim),
        shown(nn, 2),
        f"{pca.nn:.2f}",
        published(NN_2009, trial.latent_dim),
        shown(seconds, 0),
        ", ".join(goal for goal in goals if goal),
    ]
    return f"| {' | '.join(cells)} |"


HEAD = (
    "| preset | d | test SSE | PCA | 2006 | 1-NN error, % | PCA | 2009 | CPU s of training | goals"
    " |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
)


def shown(values: Sequence[float], digits: int) -> str:
    """The median, with least and greatest where there are several."""
    middle = f"{statistics.median(values):.{digits}f}"
    return (
        f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"
        if len(values) > 1
        else middle
    )


def published(figures: dict[int, float], latent_dim: int) -> str:
    """A paper's figure, if there is one."""
    return f"{figures[latent_dim]:.2f}" if latent_dim in figures else ""


def said(words: str, values: Sequence[float], most: float | None) -> str:
    """Whether a goal is met by the median."""
    return (
        ""
        if most is None
        else f"{words}: {'met' if statistics.median(values) <= most else 'MISSED'}"
    )


def measure(
    trials: Sequence[Trial], seeds: int, epochs: int, show: Callable[[str], object]
) -> None:
    """Show the table line by line."""
    with tempfile.TemporaryDirectory() as scratch:
        given = Path(os.environ.get("AUTOENCODER_DATA") or scratch)
        data = loading.load(RunConfig(dataset="mnist"), given)
        bases = {trial.latent_dim: baseline(trial.latent_dim, data) for trial in trials}
        show(HEAD)
        for trial in trials:
            configs = [trial.config(seed, epochs) for seed in range(seeds)]
            results = [
                measured(config, data, Path(scratch) / "models", given) for config in configs
            ]
            show(row(trial, results, bases[trial.latent_dim]))


def _plane(arguments: argparse.Namespace) -> bool:
    """Show the table of maps; returns whether all goals are met, those that are given in the place
    of the usual ones.
    """
    names = [arguments.preset] if arguments.preset else plane.NAMES
    goals = dict(plane.GOALS)
    if arguments.preset and (arguments.max_error or arguments.max_sse):
        goals[arguments.preset] = plane.Goals(
            arguments.max_error or math.inf, arguments.max_sse or math.inf, math.inf
        )
    return plane.measure(names, arguments.seeds, goals, lambda line: print(line, flush=True))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="one training of one epoch: within a minute"
    )
    parser.add_argument(
        "--thorough", action="store_true", help="the presets that take their time, too"
    )
    parser.add_argument("--seeds", type=int, default=1, help="trainings of each, for a spread")
    parser.add_argument("--plane", action="store_true", help="maps of two latent values instead")
    parser.add_argument("--preset", choices=plane.NAMES, help="with --plane: only this one")
    parser.add_argument("--max-error", type=float, help="with --preset: 1-NN error in per cent")
    parser.add_argument("--max-sse", type=float, help="with --preset: else the exit status is 1")
    parser.add_argument("--samples", action="store_true", help="drawn images instead")
    parser.add_argument(
        "--pythae", action="store_true", help="install Pythae first, if need be: a few gigabytes"
    )
    arguments = parser.parse_args()
    if arguments.pythae:
        install_pythae()
    if arguments.samples:
        samples.measure(lambda line: print(line, flush=True))
        return 0
    if arguments.plane:
        return int(not _plane(arguments))
    trials = QUICK if arguments.quick else (*USUAL, *(THOROUGH if arguments.thorough else ()))
    measure(
        trials,
        arguments.seeds,
        QUICK_EPOCHS if arguments.quick else 0,
        lambda line: print(line, flush=True),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
