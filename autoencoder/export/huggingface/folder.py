"""The folder: model.safetensors, config.json, latent_autoencoder.py, README.md and its pictures."""

import shutil
from pathlib import Path
from typing import Any

from autoencoder.errors import ProjectionError
from autoencoder.export.huggingface.card import card
from autoencoder.export.huggingface.pictures import (
    SHOWN,
    map_png,
    map_points,
    reconstructions_png,
)
from autoencoder.networks.blueprint import BYTES, blueprint_of
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Evaluation, Run

MODULE = Path(__file__).with_name("latent_autoencoder.py")
TEXTS, MAP = 15_000, 40_000  # bytes, about
FEWEST_DIMENSIONS = 2  # of latents that have a map


def write_huggingface(run: Run, folder: Path, notify: ProgressCallback = ignore) -> None:
    """Write the files of a run that has weights into an empty folder.

    Raises CorruptRunError and OSError.
    """
    notify("loading torch", 0.0)
    from autoencoder.export.huggingface.network import write_network
    from autoencoder.networks.inference import rebuild, reconstruct

    network = rebuild(run.config, run.weights())
    write_network(network, _facts(run), folder)
    shutil.copyfile(MODULE, folder / MODULE.name)
    notify("drawing", 0.6)
    evaluation = run.evaluation()
    images = evaluation.images[:SHOWN]
    picture = reconstructions_png(images, reconstruct(network, images))
    (folder / "reconstructions.png").write_bytes(picture)
    about_map = _write_map(run, evaluation, folder) if _has_map(run, evaluation) else ""
    (folder / "README.md").write_text(card(run, len(images), about_map), encoding="utf-8")


def huggingface_bytes(run: Run) -> int:
    """About how much that is."""
    config = run.config
    pictures = MAP + 2 * SHOWN * config.shape.pixels
    return TEXTS + pictures + BYTES * blueprint_of(config).parameters


def _has_map(run: Run, evaluation: Evaluation) -> bool:
    return evaluation.latents is not None and run.config.latent_dim >= FEWEST_DIMENSIONS


def _write_map(run: Run, evaluation: Evaluation, folder: Path) -> str:
    """Write map.png; what it shows, in a sentence. Nothing where latents do not differ."""
    try:
        what, points = map_points(run, evaluation)
    except ProjectionError:
        return ""
    names = list(run.class_names)
    (folder / "map.png").write_bytes(map_png(points, evaluation.labels[: len(points)], names))
    coloured = ", each in the colour of its class" if run.has_classes else ""
    return f"{len(points):,} test images, each a point{coloured}: {what}."


def _facts(run: Run) -> dict[str, Any]:
    """What config.json says beside the layers."""
    return {
        "model_type": "latent-autoencoder",
        "run": run.key,
        "dataset": run.config.dataset,
        "class_names": list(run.class_names),
        "image_shape": list(run.config.shape),
        "latent_dim": run.config.latent_dim,
        "is_variational": run.config.is_variational,
        "training": run.config.to_dict(),
    }
