"""A run's latents and images for TensorBoard's projector: `tensorboard --logdir FOLDER`.

| file | holds |
|---|---|
| projector_config.pbtxt | the names of the other files |
| tensors.tsv | a line for each test image: its latent |
| metadata.tsv | the same lines: class, number, error, as far as they are known |
| sprite.png | the images, in the same order, row by row in a square |

As the projector wants it, metadata have a head only where there is more than one column, and the
sprite's sides have at most 8,192 pixels.
"""

from math import ceil, sqrt
from pathlib import Path
from string import Template

import numpy as np

from autoencoder.data.images import png, sheet, shrunk
from autoencoder.export.tables import latents_of
from autoencoder.networks.blueprint import BYTES
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Evaluation, Run

MOST_PIXELS = 8_192  # of a side of the sprite
FEWEST_VALUES = 2  # in a line of tensors.tsv that the projector can show
LETTERS, METADATA = 10, 14  # bytes of a number in a file, and of a line of metadata, about
CONFIG = Template("""embeddings {
  tensor_name: "$key"
  tensor_path: "tensors.tsv"
  metadata_path: "metadata.tsv"
  sprite {
    image_path: "sprite.png"
    single_image_dim: $side
    single_image_dim: $side
  }
}
""")
README = Template("""# $key

The latents of $count test images, for TensorBoard's projector. With `pip install tensorboard`, in
this folder: `tensorboard --logdir .`, and open http://localhost:6006/#projector.
""")


def write_projector(run: Run, folder: Path, notify: ProgressCallback = ignore) -> None:
    """Write the files of a finished run into an empty folder.

    Raises ExportError for a run without latents, CorruptRunError, and OSError.
    """
    notify("reading the run", 0.0)
    evaluation = run.evaluation()
    latents = latents_of(run, evaluation)
    missing = max(0, FEWEST_VALUES - latents.shape[1])
    latents = np.pad(latents, ((0, 0), (0, missing)))  # zeros change no distance
    np.savetxt(folder / "tensors.tsv", latents, fmt="%.6g", delimiter="\t")
    (folder / "metadata.tsv").write_text(_metadata(run, evaluation), encoding="utf-8")
    notify("drawing the images", 0.5)
    pixels, side = sprite(evaluation.images)
    (folder / "sprite.png").write_bytes(png(pixels))
    config = CONFIG.substitute(key=run.key, side=side)
    (folder / "projector_config.pbtxt").write_text(config, encoding="utf-8")
    text = README.substitute(key=run.key, count=f"{len(latents):,}")
    (folder / "README.md").write_text(text, encoding="utf-8")


def projector_bytes(run: Run) -> int:
    """About how much that is: images take what they take in the run, numbers become longer."""
    config, stored = run.config, (run.folder / "evaluation.npz").stat().st_size
    return stored + config.info.evaluated * (config.latent_dim * (LETTERS - BYTES) + METADATA)


def sprite(images: np.ndarray, most: int = MOST_PIXELS) -> tuple[np.ndarray, int]:
    """Images (N, C, H, W) uint8 in a square of at most `most` pixels a side, uint8 (S, S, C), and
    the side of the square that each one has; smaller than they are if need be, black around.
    """
    columns = ceil(sqrt(len(images)))
    longer = max(images.shape[2:])
    small = shrunk(images, longer // ceil(longer * columns / most))
    side = max(small.shape[2:])
    before = [(side - length) // 2 for length in small.shape[2:]]
    after = [side - length - gap for length, gap in zip(small.shape[2:], before, strict=True)]
    framed = np.pad(small, ((0, 0), (0, 0), *zip(before, after, strict=True)))
    rows = sheet(framed, columns)
    return np.pad(rows, ((0, columns * side - len(rows)), (0, 0), (0, 0))), side


def _cell(name: str) -> str:
    """A name without what ends a cell or a line of a table."""
    return " ".join(name.split()) or "-"


def _metadata(run: Run, evaluation: Evaluation) -> str:
    columns: dict[str, list[str]] = {}
    if run.has_classes:
        names = [_cell(name) for name in run.class_names]
        columns["class"] = [names[label] for label in evaluation.labels]
    columns["no"] = [str(number) for number in range(len(evaluation.images))]
    if evaluation.errors is not None:
        columns["error"] = [f"{error:.4g}" for error in evaluation.errors]
    head = [tuple(columns)] if len(columns) > 1 else []
    lines = [*head, *zip(*columns.values(), strict=True)]
    return "".join("\t".join(line) + "\n" for line in lines)
