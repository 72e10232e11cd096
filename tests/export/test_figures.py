"""A run's figures as pages: complete, of the run's numbers, and harmless."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from autoencoder import figures
from autoencoder.export.figures import write_figures
from autoencoder.figures.page import page_of
from autoencoder.runs import Run
from tests.support.places import ROOT

KEY = "mnist-conv-d16-abb5a5ac"  # comes with the project, with maps


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a run with maps."""
    folder = tmp_path_factory.mktemp("figures")
    write_figures(Run.read(ROOT / "models" / KEY), folder)
    return folder


def test_every_figure_has_a_page(folder: Path) -> None:
    """Curves, each map that the run has, errors of images and classes; and what draws them."""
    assert sorted(path.name for path in folder.iterdir()) == [
        "class-errors.html",
        "errors.html",
        "map-tsne-n30-d2-s0.html",
        "map-umap-n15-d2-s0.html",
        "map-umap-n15-d3-s0.html",
        "plotly.min.js",
        "training.html",
    ]


def test_a_page_fetches_nothing_and_says_what_it_shows(folder: Path) -> None:
    """Its only script lies beside it; key, number of images and seed are said."""
    for path in folder.glob("*.html"):
        page = path.read_text()
        assert re.findall(r'src="([^"]*)"', page) == ["plotly.min.js"]
        assert KEY in page and "test images · training seed 0" in page
    shown = len(Run.read(ROOT / "models" / KEY).evaluation().images)
    assert f"all {shown:,} test images" in (folder / "errors.html").read_text()


def test_the_curves_are_those_of_the_run(folder: Path) -> None:
    """One value for each epoch."""
    page, history = (folder / "training.html").read_text(), Run.read(ROOT / "models" / KEY).history
    data = json.loads(
        re.search(r"Plotly\.newPlot\(\s*\"figure\",\s*(\[.*?\]),\s*\{", page, re.S)[1]
    )
    curves = {trace["name"]: trace["y"] for trace in data}

    assert curves["test mse"] == [each.test["mse"] for each in history]


def test_names_are_text_and_not_markup() -> None:
    """One that is HTML is not run, be it in the title or of a class."""
    name = "</script><script>alert(1)</script>"
    points, labels = np.zeros((2, 2)), np.array([0, 1])
    figure = figures.latent_scatter(points, labels, [name, "b"])

    assert "<script>alert" not in page_of(figure, title=name, about=name, name="map")
