"""Runs that the server's user may not read."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autoencoder.config.settings import Settings
from autoencoder.runs import RunStore
from tests.support.configs import DEEP, TINY
from tests.support.places import ROOT

# root may read everything, unless it gives that up
AS_A_USER = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]
UNREADABLE = {"the folder": "", "its weights": "weights.safetensors", "its snapshots": "snapshots"}
PAGES = ("home.py", "latent_space.py", "train.py")
# Where the runs lie, the one that may not be read, the other one, pages -> a line for each visit.
VISITS = """
import os, sys
import streamlit as st
from streamlit.testing.v1 import AppTest
from tests.support.pages import visit

models, unreadable, readable, *pages = sys.argv[1:]
for what in sorted(os.listdir(models)):
    os.environ["AUTOENCODER_MODELS"] = os.path.join(models, what)
    st.cache_data.clear()
    st.cache_resource.clear()
    for page in pages:
        for run in (unreadable, readable):
            app = AppTest.from_file("app.py", default_timeout=60).run()
            visit(app, page, run=run)
            shown = [each.value for each in app.exception]
            if run == readable:
                shown += [each.value for each in app.error]
            print(what, page, run, *shown, sep="|", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(
    os.name != "posix" or (os.getuid() == 0 and not shutil.which("setpriv")),
    reason="needs a user who may not read everything",
)
def test_a_run_that_may_not_be_read_is_alone_in_that(
    store: RunStore, settings: Settings, tmp_path: Path
) -> None:
    """A server that may not read a run, or a file of it, shows no red box for it, and every other
    run as ever.
    """
    for what, name in UNREADABLE.items():
        shutil.copytree(store.folder, tmp_path / "all" / what)
        (tmp_path / "all" / what / TINY.key / name).chmod(0)
    prefix = AS_A_USER if os.getuid() == 0 else []
    said = subprocess.run(
        [*prefix, sys.executable, "-c", VISITS, tmp_path / "all", TINY.key, DEEP.key, *PAGES],
        cwd=ROOT,
        env={**os.environ, "AUTOENCODER_DATA": str(settings.data)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    for what, name in UNREADABLE.items():
        (tmp_path / "all" / what / TINY.key / name).chmod(0o755)

    expected = [
        f"{what}|{page}|{run}"
        for what in sorted(UNREADABLE)
        for page in PAGES
        for run in (TINY.key, DEEP.key)
    ]
    assert said.stdout.splitlines() == expected, said.stderr[-3_000:]
