"""A run's numbers as tables: CSV for spreadsheets, .npz for NumPy.

| file | rows |
|---|---|
| images.csv | test images: class, latent values, error |
| neighbours.csv | test images: the nearest others in the latents, and how far they are |
| map-....csv | test images: where they lie on a map that the run has |
| history.csv | epochs: losses and times |
| metrics.csv | what was measured at the end, of the run and of PCA |
| arrays.npz | images, labels, latents, errors, neighbours, distances, maps |

Images are counted from 0 in file order, as on pages. Distances are Euclidean.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from autoencoder.analysis.neighbours import Neighbours
from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import ExportError, ProjectionError
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Evaluation, Run

NEIGHBOURS = 10
LETTERS = 9  # of a number in a file, about
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a text that starts so may be run by a spreadsheet


def write_tables(run: Run, folder: Path, notify: ProgressCallback = ignore) -> None:
    """Write the tables of a finished run into an empty folder.

    Raises ExportError for a run without latents, CorruptRunError, and OSError.
    """
    notify("reading the run", 0.0)
    evaluation = run.evaluation()
    latents = latents_of(run, evaluation)
    everything = np.arange(len(latents))
    (folder / "images.csv").write_bytes(
        as_csv(everything, evaluation.labels, run.class_names, latents, evaluation.errors)
    )
    notify("finding neighbours", 0.3)
    arrays = {"images": evaluation.images, "labels": evaluation.labels, "latents": latents}
    if evaluation.errors is not None:
        arrays["errors"] = evaluation.errors
    if (count := min(NEIGHBOURS, len(latents) - 1)) > 0:
        nearest, distances = Neighbours(latents).nearest(count)
        _write_neighbours(nearest, distances, folder / "neighbours.csv")
        arrays |= {"neighbours": nearest, "distances": distances}
    notify("writing", 0.8)
    for settings in kept_maps(run):
        if (projection := run.projection(settings)) is not None:
            name = settings.name.replace("projection", "map", 1)
            axes = [f"axis_{number}" for number in range(settings.dimensions)]
            rows = ((number, *_short(row)) for number, row in enumerate(projection.points))
            _write(folder / f"{name}.csv", ["no", *axes], rows)
            arrays[name.replace("-", "_")] = projection.points
    _write_history(run, folder / "history.csv")
    _write_metrics(run, folder / "metrics.csv")
    np.savez_compressed(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]


def as_csv(
    indices: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    latents: np.ndarray,
    errors: np.ndarray | None,
) -> bytes:
    """A line for each of the images: its number, label, class name, latent, and error if errors are
    known; UTF-8.

    Args:
        indices: Of the images that are wanted among all N.
        labels, latents, errors: Of all: (N,), (N, D), (N,).
        names: Of the classes. One that a spreadsheet might take for a formula is led by an
            apostrophe.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    values = [f"z{number}" for number in range(latents.shape[1])]
    writer.writerow(["no", "label", "class", *values, *([] if errors is None else ["error"])])
    for index in indices:
        error = [] if errors is None else [errors[index]]
        name = _harmless(names[labels[index]])
        writer.writerow([index, labels[index], name, *_short([*latents[index], *error])])
    return text.getvalue().encode()


def _harmless(name: str) -> str:
    return f"'{name}" if name.startswith(FORMULA) else name


def as_npz(indices: np.ndarray, **arrays: np.ndarray) -> bytes:
    """The rows of `indices` of arrays over all N images, with `indices`, as a compressed npz file
    that needs no pickle.
    """
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer, indices=indices, **{name: array[indices] for name, array in arrays.items()}
    )
    return buffer.getvalue()


def table_bytes(run: Run) -> int:
    """About how much that is, packed."""
    images, dims = run.config.info.evaluated, run.config.latent_dim
    packed = (run.folder / "evaluation.npz").stat().st_size
    return packed + images * (dims + 3 * NEIGHBOURS) * LETTERS // 2


def kept_maps(run: Run) -> list[ProjectionSettings]:
    """The maps by UMAP and t-SNE that lie in the run's folder."""
    maps = []
    for path in sorted(run.folder.glob("projection-*.npz")):
        try:
            maps.append(ProjectionSettings.parse(path.stem))
        except ProjectionError:  # a name that nobody wrote
            continue
    return maps


def latents_of(run: Run, evaluation: Evaluation) -> np.ndarray:
    """Those of its test images (N, D). Raises ExportError where there are none yet."""
    if evaluation.latents is None:
        raise ExportError(f"{run.key} has no latents of its test images before it is finished")
    return evaluation.latents


def _write_neighbours(nearest: np.ndarray, distances: np.ndarray, path: Path) -> None:
    numbers = range(1, nearest.shape[1] + 1)
    head = ["no", *[f"neighbour_{n}" for n in numbers], *[f"distance_{n}" for n in numbers]]
    _write(
        path,
        head,
        (
            (number, *others.tolist(), *_short(far))
            for number, (others, far) in enumerate(zip(nearest, distances, strict=True))
        ),
    )


def _write_history(run: Run, path: Path) -> None:
    epochs = run.history
    train = list(dict.fromkeys(name for each in epochs for name in each.train))
    test = list(dict.fromkeys(name for each in epochs for name in each.test))
    head = ["epoch", "seconds", "cpu_seconds", "images"]
    head += [*[f"train_{name}" for name in train], *[f"test_{name}" for name in test]]
    _write(
        path,
        head,
        (
            (
                each.epoch,
                *_short([each.seconds, each.cpu_seconds]),
                each.images,
                *[_cell(each.train.get(name)) for name in train],
                *[_cell(each.test.get(name)) for name in test],
            )
            for each in epochs
        ),
    )


def _write_metrics(run: Run, path: Path) -> None:
    measured = {name: value for name, value in run.metrics.items() if isinstance(value, dict)}
    rows = (
        (name, _cell(value.get("run")), _cell(value.get("pca")))
        for name, value in measured.items()
        if "run" in value
    )
    _write(path, ["metric", "run", "pca"], rows)


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _short(values: Iterable[float]) -> list[str]:
    return [f"{value:.6g}" for value in values]


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
