"""A projection method, a colouring and a metric are added in two files, as the recipes say.

Each test changes a copy of the program and asks it, in a process of its own, what it offers.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autoencoder.analysis import metrics, projections
from autoencoder.config.colourings import COLOURINGS
from autoencoder.config.metrics import RECONSTRUCTION_METRICS
from autoencoder.config.projections import JOBS, PROJECTIONS, ProjectionSettings
from autoencoder.ui.latent_space import colourings
from tests.support.places import MODELS, ROOT

RUN = "digits-conv-d8-a63e8754"
OPEN = """
import json, os, sys
from streamlit.testing.v1 import AppTest
from autoencoder.jobs import Queue
Queue._start_what_may = lambda queue: []  # no process is started
app = AppTest.from_file("app.py", default_timeout=200)
app.query_params["run"] = os.environ["RUN"]
app.run()
app.switch_page(f"pages/{sys.argv[1]}.py").run()
assert not app.exception, app.exception
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The program with one run."""
    for name in ("autoencoder", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", tmp_path)
    shutil.copytree(MODELS / RUN, tmp_path / "models" / RUN)
    return tmp_path


def insert(file: Path, before: str, text: str) -> None:
    """Put text before the only line of a file that starts with `before`."""
    lines = file.read_text().splitlines()
    (place,) = (index for index, line in enumerate(lines) if line.startswith(before))
    file.write_text("\n".join([*lines[:place], text, *lines[place:], ""]))


def run(copy: Path, *arguments: str) -> str:
    """What Python prints in the copy."""
    places = {"AUTOENCODER_MODELS": str(copy / "models"), "PYTHONPATH": str(copy), "RUN": RUN}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(copy: Path, page: str, expression: str) -> Any:
    """The value of an expression about `app`, the dashboard at a page."""
    code = f"{OPEN}\nprint(json.dumps({expression}))"
    return json.loads(run(copy, "-c", code, page).splitlines()[-1])


def test_registries_have_the_same_names() -> None:
    """What is described can be computed, and what can be computed is described."""
    assert projections.METHODS.keys() == PROJECTIONS.keys()
    assert metrics.RECONSTRUCTION.keys() == RECONSTRUCTION_METRICS.keys()
    assert colourings.FUNCTIONS.keys() == COLOURINGS.keys()


@pytest.mark.parametrize("method", JOBS)
def test_a_parameter_is_a_field_of_the_settings(method: str) -> None:
    """With its default on its slider the settings are the usual ones, and can be named."""
    usual = ProjectionSettings.usual(method)

    assert usual.is_usual
    assert ProjectionSettings.parse(usual.name) == usual


@pytest.mark.slow
def test_a_projection_method_takes_two_files(copy: Path) -> None:
    """It is on the command line, in its help and in the menu."""
    insert(copy / "autoencoder/config/projections.py", "JOBS = ", FLAT_SPEC)
    insert(copy / "autoencoder/analysis/projections/methods.py", "def prepared", FLAT)

    assert "flat" in run(copy, "-m", "autoencoder", "project", "--help")
    printed = run(copy, "-m", "autoencoder", "project", RUN, "--method=flat", "--neighbours=3")
    assert printed.splitlines()[-1] == "projection-flat-n3-d2-s0"
    menu = shown(copy, "latent_space", "app.segmented_control(key='method').options")
    assert "First two" in [
        option["content"] if isinstance(option, dict) else option for option in menu
    ]


FLAT_SPEC = """
PROJECTIONS["flat"] = ProjectionMethod(
    "First two", {"neighbours": Parameter("Shift", "To the right.", key="shift", default=4)}
)
"""
FLAT = '''
def flat(points: np.ndarray, settings: ProjectionSettings, notify: ProgressCallback) -> Projection:
    """The first coordinates."""
    return Projection(points[:, : settings.dimensions] + settings.neighbours, settings)


METHODS["flat"] = flat


'''


@pytest.mark.slow
def test_a_colouring_takes_two_files(copy: Path) -> None:
    """It is in the menu of colours."""
    insert(copy / "autoencoder/config/colourings.py", "COLOURINGS:", "")
    with (copy / "autoencoder/config/colourings.py").open("a") as file:
        file.write('\nCOLOURINGS["ink"] = Colouring("Ink", "value")\n')
    insert(copy / "autoencoder/ui/latent_space/colourings.py", "def colourings(", INK)

    assert "Ink" in shown(copy, "latent_space", "app.selectbox(key='colour').options")


INK = '''
def ink(known: Known) -> Values:
    """The mean brightness of each image."""
    return Values(known.data.images.mean(axis=(1, 2, 3)))


FUNCTIONS["ink"] = ink


'''


@pytest.mark.slow
def test_a_metric_takes_two_files(copy: Path) -> None:
    """It is measured, it is in the lines of `evaluate`, and it has a column on Compare."""
    insert(copy / "autoencoder/config/metrics.py", "def _clustering(", WORST_SPEC)
    insert(copy / "autoencoder/analysis/metrics.py", "def neighbour_accuracy(", WORST)

    assert "  worst    run 0.75       PCA 0.75" in run(copy, "-c", MEASURED)
    columns = "list(app.dataframe[0].value.columns)"
    assert "Largest error" in shown(copy, "compare", columns)


WORST_SPEC = """
RECONSTRUCTION_METRICS["worst"] = Metric(
    "Largest error", "the error of the worst image", higher_is_better=False
)


"""
WORST = '''
def worst(pair: Reconstructed) -> float:
    """The largest error of an image."""
    return float(pair.errors.max())


RECONSTRUCTION["worst"] = worst


'''
MEASURED = f"""
import json, numpy as np
from pathlib import Path
from autoencoder.analysis import metrics
from autoencoder.cli.console import evaluation_lines
from autoencoder.jobs.evaluation import summed_up
from autoencoder.runs import RunStore
run = RunStore(Path("models")).get("{RUN}")
pair = metrics.Reconstructed(np.zeros((1, 1, 2, 2), np.uint8), np.full((1, 1, 2, 2), 0.75 ** 0.5))
value = metrics.RECONSTRUCTION["worst"](pair)
table = {{**run.metrics, "worst": {{"run": value, "pca": value}}}}
(run.folder / "metrics.json").write_text(json.dumps(table))
print(*evaluation_lines(run.config, summed_up(run)), sep="\\n")
"""
