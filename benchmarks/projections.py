"""UMAP and t-SNE of a run's latents: the libraries as this project calls them against the same as a
newcomer calls them, in time, memory and quality.

Ours is `projections.project`, as the projection process calls it: umap-learn with exact neighbours
and a start, scikit-learn's t-SNE. The defaults are umap.UMAP() and sklearn.manifold.TSNE() (and
openTSNE.TSNE(), if that is installed). "Step by step" is our own UMAP, which can be watched. Each
is measured in processes of its own with one thread, so that the first map pays for importing and
compiling; a second map in the same process does not. Ratios are ours / default.

    python -m benchmarks.projections [--quick] [--method umap] [--run KEY --models DIR]
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np

from autoencoder.analysis import metrics, projections
from autoencoder.analysis.clustering.faithfulness import trustworthiness
from autoencoder.analysis.clustering.space import MOST_COMPARED, scaled
from autoencoder.config.projections import PROJECTIONS, ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.jobs.projection import NEIGHBOURS, test_latents
from autoencoder.runs import RunStore
from benchmarks.serving import ROOT, mnist_like, train

CONFIG = RunConfig(dataset="mnist", latent_dim=16, epochs=1, train_size=1_280)
USUAL = {
    "umap": 15,
    "tsne": 30,
}  # neighbours and perplexity, as the pages and the libraries have them
QUICK = {1_000: 1}
FULL = {1_000: 2, 5_000: 1, 10_000: 1}  # points -> repeats, each in a new process
WARM = {
    "umap": 10_000,
    "tsne": 1_000,
}  # most points laid out a second time: t-SNE has nothing to warm up
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
HEAD = (
    "map",
    "points",
    "first: s wall",
    "s CPU",
    "warm: s wall",
    "s CPU",
    "peak MB",
    "10-NN accuracy",
    "trustworthiness",
)


@dataclass(frozen=True)
class Made:
    """One process's maps: seconds (wall, CPU) of each, peak memory in MB after the first, and its
    quality.
    """

    seconds: Sequence[tuple[float, float]]
    peak: float
    accuracy: float
    trust: float


def ours(latents: np.ndarray, method: str) -> np.ndarray:
    """The product's own map."""
    settings = ProjectionSettings(method, USUAL[method], points=len(latents))
    return projections.project(latents, settings).points


def default(latents: np.ndarray, method: str) -> np.ndarray:
    """The library's, with no parameter given."""
    if method == "umap":
        from umap import UMAP

        return np.asarray(UMAP().fit_transform(latents))
    from sklearn.manifold import TSNE

    return np.asarray(TSNE().fit_transform(latents))


def opentsne(latents: np.ndarray, method: str) -> np.ndarray:
    """openTSNE's, with no parameter given."""
    from openTSNE import TSNE

    return np.asarray(TSNE().fit(latents))


def step_by_step(latents: np.ndarray, method: str) -> np.ndarray:
    """Our own implementation's, with all its steps kept."""
    settings = ProjectionSettings(method, USUAL[method], points=len(latents))
    return list(projections.umap_steps(latents, settings))[-1].points


WHOSE: dict[str, Callable[[np.ndarray, str], np.ndarray]] = {
    "ours": ours,
    "default": default,
    "openTSNE": opentsne,
    "step by step": step_by_step,
}


def lay_out(whose: str, method: str, latents: Path, made: Path, times: int) -> None:
    """In a process of its own: lay the latents out so many times, keep the first map, print what it
    took as JSON.
    """
    points, seconds = np.load(latents), []
    for turn in range(times):
        wall, processor = perf_counter(), process_time()
        found = WHOSE[whose](points, method)
        seconds.append((perf_counter() - wall, process_time() - processor))
        if turn == 0:
            peak = _peak_memory()
            np.save(made, found)
    print(json.dumps({"seconds": seconds, "peak": peak}))


def _peak_memory() -> float:
    """In MB, of this process alone: what `resource` counts may be the parent's.

    Linux only, else undefined.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next(
        (int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmHWM")), float("nan")
    )


def measure(whose: str, method: str, latents: np.ndarray, labels: np.ndarray, folder: Path) -> Made:
    """One process's maps of the latents (N, D), of which the first is judged."""
    given, made = folder / "codes.npy", folder / "made.npy"
    np.save(given, latents)
    times = 2 if len(latents) <= WARM[method] else 1
    command = [
        sys.executable,
        "-m",
        "benchmarks.projections",
        "--lay-out",
        whose,
        method,
        str(given),
        str(made),
        str(times),
    ]
    environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "PYTHONWARNINGS": "ignore"}
    said = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    ).stdout
    told, points = json.loads(said.splitlines()[-1]), np.load(made)
    rows = np.linspace(0, len(latents) - 1, min(len(latents), MOST_COMPARED)).round().astype(int)
    return Made(
        [(wall, processor) for wall, processor in told["seconds"]],
        told["peak"],
        metrics.neighbour_accuracy(points, labels),
        trustworthiness(scaled(latents[rows]), scaled(points[rows]), NEIGHBOURS),
    )


def row(name: str, points: int, made: Sequence[Made]) -> list[str]:
    """Medians, with the least and greatest where there are several."""
    turns = [[each.seconds[turn] for each in made if len(each.seconds) > turn] for turn in (0, 1)]
    times = [_spread([pair[part] for pair in pairs], ".2f") for pairs in turns for part in (0, 1)]
    rest = [
        ([each.peak for each in made], ".0f"),
        ([each.accuracy for each in made], ".3f"),
        ([each.trust for each in made], ".4f"),
    ]
    return [name, f"{points:,}", *times, *(_spread(values, form) for values, form in rest)]


def _spread(values: Sequence[float], form: str) -> str:
    if not values:
        return "-"
    middle, least, most = (
        format(each, form) for each in (statistics.median(values), min(values), max(values))
    )
    return middle if len(values) == 1 else f"{middle} ({least} to {most})"


def ratio(name: str, points: int, mine: Sequence[Made], theirs: Sequence[Made]) -> list[str]:
    """Ours / default of the medians; of quality, ours less the default's."""

    def over(value: Callable[[Made], float]) -> str:
        return f"{statistics.median(map(value, mine)) / statistics.median(map(value, theirs)):.2f}"

    def less(value: Callable[[Made], float], form: str) -> str:
        return format(
            statistics.median(map(value, mine)) - statistics.median(map(value, theirs)), form
        )

    def faster(turn: int, part: int) -> str:
        return over(lambda made: made.seconds[turn][part]) if len(mine[0].seconds) > turn else "-"

    times = [faster(turn, part) for turn in (0, 1) for part in (0, 1)]
    return [
        name,
        f"{points:,}",
        *times,
        over(lambda made: made.peak),
        less(lambda made: made.accuracy, "+.3f"),
        less(lambda made: made.trust, "+.4f"),
    ]


def table(
    latents: np.ndarray,
    labels: np.ndarray,
    repeats: dict[int, int],
    methods: Sequence[str],
    folder: Path,
) -> list[list[str]]:
    """A row for every map, and one that compares ours with the default."""
    rows = []
    compared = {"umap": ["step by step"], "tsne": []}
    if importlib.util.find_spec("openTSNE"):
        compared["tsne"].append("openTSNE")
    for method in methods:
        title, others = PROJECTIONS[method].title, compared[method]
        for points in (count for count in repeats if count <= len(latents)):
            made: dict[str, list[Made]] = {whose: [] for whose in ("default", *others, "ours")}
            for _ in range(repeats[points]):  # in turn, so that a slow minute slows all
                for whose, found in made.items():
                    print(f"{title} of {points:,} latents: {whose}", file=sys.stderr)
                    found.append(measure(whose, method, latents[:points], labels[:points], folder))
            rows += [row(f"{title}, {whose}", points, found) for whose, found in made.items()]
            rows.append(
                ratio(f"**{title}, ours / default**", points, made["ours"], made["default"])
            )
    return rows


def latents_of(key: str | None, models: Path, scratch: Path) -> tuple[np.ndarray, np.ndarray, str]:
    """Test latents (N, D) of a run, or of one trained for this on MNIST or its like; their labels;
    and what they are.
    """
    about = "of a run given"
    if key is None:
        models, data = scratch / "models", mnist_like(scratch)
        about = f"of a run trained for this, 1 epoch on {CONFIG.train_size:,} of " + (
            "scikit-learn's digits" if data == scratch else "MNIST"
        )
        key = train(CONFIG, models, data)
    run = RunStore(models).get(key)
    latents = test_latents(run)
    return (
        latents,
        run.evaluation().labels,
        f"{len(latents):,} latents of {latents.shape[1]} numbers, {key}: {about}",
    )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 latents once, within a minute")
    parser.add_argument("--method", choices=USUAL, help="this method alone (default: both)")
    parser.add_argument("--run", metavar="KEY", help="lay this run's latents out")
    parser.add_argument("--models", type=Path, default=ROOT / "models", help="where it is")
    parser.add_argument("--lay-out", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.lay_out:
        whose, method, latents, made, times = arguments.lay_out
        lay_out(whose, method, Path(latents), Path(made), int(times))
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        points, labels, about = latents_of(arguments.run, arguments.models, Path(scratch))
        methods = [arguments.method] if arguments.method else list(USUAL)
        repeats = QUICK if arguments.quick else FULL
        rows = table(points, labels, repeats, methods, Path(scratch))
    print(f"{about}; one thread each.\n")
    for cells in [HEAD, ["---"] * len(HEAD), *rows]:
        print(f"| {' | '.join(cells)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
