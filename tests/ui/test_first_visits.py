"""What the first visit of a page waits for: libraries that take long to import."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.places import MODELS, ROOT

RUN, OTHER = "digits-conv-variational-d2-7e4e5961", "digits-conv-d2-73c117ff"
SLOW = ("torch", "sklearn", "scipy", "pandas", "umap")
WITHOUT_TABLES = ("home", "train", "decode", "interpolate", "latent_space", "reconstruct")
WITH_TABLES = ("inspect", "compare", "labs")  # for which Streamlit needs pandas
VISITS = """
import json, os, sys
from streamlit.testing.v1 import AppTest
from tests.support.pages import no_jobs, visit

run, pages, slow = json.loads(sys.argv[1])
with no_jobs():
    app = AppTest.from_file(os.path.abspath("app.py"), default_timeout=60)
    found = {}
    for page in pages:
        visit(app, f"{page}.py", run=run)
        assert not app.exception and not app.error, page
        found[page] = [name for name in slow if name in sys.modules]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_pages_that_read_import_no_torch(tmp_path: Path, data_folder: Path) -> None:
    """The first visit of a page over stored runs needs no torch, scikit-learn or SciPy, and pandas
    only where the page has tables.
    """
    for key in (RUN, OTHER):
        shutil.copytree(MODELS / key, tmp_path / key)
    environment = {
        **os.environ,
        "AUTOENCODER_MODELS": str(tmp_path),
        "AUTOENCODER_DATA": str(data_folder),
    }
    child = subprocess.run(
        [sys.executable, "-c", VISITS, json.dumps([RUN, [*WITHOUT_TABLES, *WITH_TABLES], SLOW])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr
    found = json.loads(child.stdout.splitlines()[-1])

    assert found == {
        **{page: [] for page in WITHOUT_TABLES},
        **{page: ["pandas"] for page in WITH_TABLES},
    }
