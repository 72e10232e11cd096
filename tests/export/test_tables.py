"""Tables of a run: they hold the numbers that the run has."""

import csv
from pathlib import Path

import numpy as np
import pytest

from autoencoder.export.tables import NEIGHBOURS, write_tables
from autoencoder.runs import Run
from tests.support.places import ROOT

KEY = "mnist-conv-d16-abb5a5ac"  # comes with the project, with maps


@pytest.fixture(scope="module")
def run() -> Run:
    """A run with two maps."""
    return Run.read(ROOT / "models" / KEY)


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its tables."""
    folder = tmp_path_factory.mktemp("tables")
    write_tables(run, folder)
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    """A table, each row by the names of its columns."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_images_have_class_latent_and_error(run: Run, folder: Path) -> None:
    """One row for each test image in file order."""
    table, evaluation = rows(folder / "images.csv"), run.evaluation()

    assert len(table) == len(evaluation.images)
    assert [row["class"] for row in table[:3]] == ["7", "2", "1"]
    latents = np.array([[float(row[f"z{axis}"]) for axis in range(16)] for row in table])
    np.testing.assert_allclose(latents, evaluation.latents, rtol=1e-5, atol=1e-6)
    errors = [float(row["error"]) for row in table]
    np.testing.assert_allclose(errors, evaluation.errors, rtol=1e-5)


def test_neighbours_are_the_nearest_others(run: Run, folder: Path) -> None:
    """Their distances are those between the latents, ascending; no image is its own neighbour."""
    table, latents = rows(folder / "neighbours.csv"), run.evaluation().latents
    for index in (0, 17, 9_999):
        distances = np.linalg.norm(latents - latents[index], axis=1)
        distances[index] = np.inf
        expected = np.sort(distances)[:NEIGHBOURS]
        numbers = range(1, NEIGHBOURS + 1)
        far = [float(table[index][f"distance_{number}"]) for number in numbers]
        np.testing.assert_allclose(far, expected, rtol=1e-4)
        nearest = [int(table[index][f"neighbour_{number}"]) for number in numbers]
        np.testing.assert_allclose(distances[nearest], expected, rtol=1e-4)


def test_maps_history_and_metrics_are_there(run: Run, folder: Path) -> None:
    """Every map that the run has, every epoch, every metric with that of PCA."""
    with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
        names = set(arrays)
        np.testing.assert_array_equal(arrays["labels"], run.evaluation().labels)
    maps = sorted(path.stem for path in folder.glob("map-*.csv"))

    assert maps == ["map-tsne-n30-d2-s0", "map-umap-n15-d2-s0", "map-umap-n15-d3-s0"]
    assert {name.replace("-", "_") for name in maps} <= names
    assert len(rows(folder / "map-umap-n15-d3-s0.csv")[0]) == 4
    history = rows(folder / "history.csv")
    assert len(history) == len(run.history)
    assert float(history[-1]["test_mse"]) == pytest.approx(run.history[-1].test["mse"], rel=1e-5)
    metrics = {row["metric"]: row for row in rows(folder / "metrics.csv")}
    assert float(metrics["mse"]["run"]) == pytest.approx(run.metrics["mse"]["run"], rel=1e-5)
    assert float(metrics["mse"]["pca"]) > float(metrics["mse"]["run"])
