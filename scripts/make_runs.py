"""Make the runs and the lab reports that come with the project, on all of MNIST.

    python -m scripts.make_runs [--models DIR] [--data DIR] [--scratch DIR]

Everything is done by the command line of the project, as a user would: training, mixture,
clustering answer, UMAP and t-SNE. In between, the weights are rounded to 16 bits, which halves what
a clone has to fetch; all that is measured is measured on the rounded network. What is there already
is kept, so that a second call goes on where the first one ended; with the same versions the keys
are the same. The runs that only the labs need go to the scratch folder (default: a temporary
one). It takes about two hours of a processor. The last lines say how large everything is.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoencoder.config.presets import preset_values
from autoencoder.config.projections import JOBS, ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs.evaluation import measure
from autoencoder.jobs.lab import FOLDER
from autoencoder.networks import inference
from autoencoder.runs import Run, RunStore, RunWriter, Task

ROOT = Path(__file__).parents[1]
HIDDEN = (500, 250, 100, 50)  # half as wide as in the preset "map"
DENSE: dict[str, Any] = {
    "dataset": "mnist",
    "network": "mlp",
    "hidden": HIDDEN,
    "activation": "relu",
    "batch_size": 256,
    "learning_rate": 0.002,
}
SNAPSHOTS = 12  # that a replay shows, of all epochs
MOST_CHANGE = 2  # of 255, of a decoded pixel
LABS = ("E1", "E2", "E3", "E4", "E5")
LEFTOVERS = ("lock", "*.lock", "log.txt", "*.log.txt", "*.state.json", "stop")


@dataclass(frozen=True)
class Shipped:
    """A run that comes with the project, and what its card says."""

    title: str
    note: str
    config: RunConfig


RUNS = (
    Shipped(
        "Map of MNIST",
        "Two latent values, trained to keep similar images near each other. It never saw a label.",
        RunConfig(**preset_values("map", "mnist", latent_dim=2)),
    ),
    Shipped(
        "Plain, two latent values",
        "Trained to reconstruct and for nothing else: compare its map with the map of MNIST.",
        RunConfig(**DENSE, epochs=20),
    ),
    Shipped(
        "Variational, two latent values",
        "Each image is encoded as a normal distribution: draw samples from the prior.",
        RunConfig(**DENSE, objective="variational", epochs=20),
    ),
    Shipped(
        "16 latent values",
        "A convolutional network: almost nothing of a digit is lost. Drag its 16 sliders.",
        RunConfig(
            **preset_values(
                "thorough", "mnist", latent_dim=16, channels=(32, 64, 64), hidden=(256,), epochs=20
            )
        ),
    ),
    Shipped(
        "Linear, two latent values",
        "One matrix down and one up, which finds what PCA finds.",
        RunConfig(**preset_values("pca", "mnist", latent_dim=2)),
    ),
)


def make(shipped: Shipped, store: RunStore, data: Path, places: list[str]) -> None:
    """Train the run and compute everything that a page may ask for."""
    key = shipped.config.key
    _call("train", *shipped.config.flags(), "--threads=1", "--no-precompute", *places)
    if not store.get(key).has_mixture():
        halve(store.get(key), data)
    _call("mixture", key, *places)
    _call("evaluate", key, *places)
    for settings in projections():
        if not store.get(key).has_projection(settings):
            _call("project", key, *_flags(settings), *places)
    note = f"{shipped.note} {quality(store, key)}"
    _call("label", key, f"--title={shipped.title}", f"--note={note}", *places)
    tidy(store.get(key).folder)


def halve(run: Run, data: Path) -> None:
    """Round the weights to 16 bits and measure the run again. Raises RuntimeError if that changes a
    decoded pixel by more than 2 of 255.
    """
    evaluation, exact = run.evaluation(), inference.rebuild(run.config, run.weights())
    assert evaluation.latents is not None
    small = {
        name: array.astype(np.float16) if array.dtype == np.float32 else array
        for name, array in run.weights().items()
    }
    writer, task = RunWriter(run.folder), Task(run.folder)
    writer.weights(small, lambda digest: task.update(weights_sha256=digest))
    rounded = inference.rebuild(run.config, run.weights())
    decoded = [inference.decode(each, evaluation.latents) for each in (exact, rounded)]
    change = 255 * float(np.abs(decoded[0] - decoded[1]).max())
    print(f"{run.key}: weights in 16 bits change a decoded pixel by at most {change:.2f} of 255")
    if change > MOST_CHANGE:
        raise RuntimeError(f"{run.key} changes by more than {MOST_CHANGE} of 255")
    train = loading.load(run.config, data).train.images
    measure(rounded, run.config, train, evaluation.images, evaluation.labels, writer)


def projections() -> list[ProjectionSettings]:
    """UMAP and t-SNE with their usual settings, and UMAP in three dimensions."""
    flat = [ProjectionSettings.usual(method) for method in JOBS]
    return [*flat, ProjectionSettings.usual("umap", dimensions=3)]


def _flags(settings: ProjectionSettings) -> list[str]:
    return [
        f"--method={settings.method}",
        f"--neighbours={settings.neighbours}",
        f"--dimensions={settings.dimensions}",
    ]


def quality(store: RunStore, key: str) -> str:
    """How good it is, in a sentence, beside PCA."""
    sse = store.get(key).metrics["sse"]
    return f"Squared error of an unseen image: {sse['run']:.1f} (PCA: {sse['pca']:.1f})."


def tidy(folder: Path) -> None:
    """Leave some snapshots, the first and the last among them, and nothing that only a process
    needs.
    """
    snapshots = sorted((folder / "snapshots").glob("*.npz"))
    kept = np.linspace(0, len(snapshots) - 1, min(SNAPSHOTS, len(snapshots))).round().astype(int)
    for index in set(range(len(snapshots))) - set(kept.tolist()):
        snapshots[index].unlink()
    for pattern in LEFTOVERS:
        for path in folder.glob(pattern):
            path.unlink()


def make_labs(models: Path, scratch: Path, data: Path) -> None:
    """The five reports on MNIST; the runs that they need stay in the scratch folder."""
    for name in LABS:
        _call("lab", name, "--dataset=mnist", "--quick", f"--models={scratch}", f"--data={data}")
    for report in (scratch / FOLDER).glob("*/report.json"):
        shutil.copytree(report.parent, models / FOLDER / report.parent.name, dirs_exist_ok=True)


def _call(command: str, *arguments: str) -> None:
    print("$ python -m autoencoder", command, *arguments, flush=True)
    line = [sys.executable, "-m", "autoencoder", command, *arguments]
    subprocess.run(line, cwd=ROOT, env=os.environ, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Make everything and print the keys and sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("--data")
    parser.add_argument("--scratch", type=Path)
    arguments = parser.parse_args()
    store = RunStore(arguments.models)
    data = Settings.from_environment(data=arguments.data).data
    places = [f"--models={arguments.models}", f"--data={data}"]
    for shipped in RUNS:
        make(shipped, store, data, places)
    with tempfile.TemporaryDirectory() as temporary:
        make_labs(arguments.models, arguments.scratch or Path(temporary), data)
    for shipped in RUNS:
        folder = store.get(shipped.config.key).folder
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"{folder.name}: {size / 1e6:.1f} MB, {json.dumps(shipped.title)}")


if __name__ == "__main__":
    main()
