"""What several test files share: small real data, tiny configs, and a store of runs that were really trained."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from playwright.sync_api import Browser, Page
from streamlit.testing.v1 import AppTest

from autoencoder import datasets
from autoencoder.config import RunConfig
from autoencoder.jobs import Queue
from autoencoder.jobs.trainer import train_run
from autoencoder.runs import RunStore
from autoencoder.settings import Settings
from benchmarks.serving import CHROMIUM, Server, chromium

ROOT = Path(__file__).parent.parent
COMPONENTS = ROOT / "autoencoder" / "ui" / "components"
NODE = shutil.which("node")
MNIST = ROOT.parent / "shared" / "data" / "MNIST"

# Its learning rate makes four steps enough for images that differ.
TINY = RunConfig(epochs=2, train_size=64, batch_size=32, channels=(4, 8), hidden=(16,), learning_rate=0.1)
DEEP = RunConfig(epochs=2, train_size=64, batch_size=32, network="mlp", hidden=(16,), latent_dim=5, objective="variational")


def wait_until(condition: Callable[[], object], timeout: float = 60.0) -> None:
    """Return as soon as `condition` holds; fail the test if it does not within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """As many threads as cores, beside child processes that train, would make everything slow."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds `digits`."""
    folder = tmp_path_factory.mktemp("data")
    datasets.prepare("digits", folder)
    return folder


@pytest.fixture(scope="session")
def digits(data_folder: Path) -> datasets.Dataset:
    """All of `digits`."""
    return datasets.prepare("digits", data_folder)


@pytest.fixture
def settings(tmp_path: Path, data_folder: Path) -> Settings:
    """An empty place for runs, beside data that is there."""
    return Settings(models=tmp_path / "models", data=data_folder)


@pytest.fixture
def queue(settings: Settings) -> Queue:
    """A queue without runs."""
    return Queue(settings)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    """A models folder with TINY and DEEP trained to their end. Not to be changed: see `store`."""
    queue = Queue(Settings(models=tmp_path_factory.mktemp("models"), data=data_folder))
    for config in (TINY, DEEP):
        queue.store.claim(config, "stopped")
        assert train_run(queue, config.key, threads=1, precision="float32").state == "finished"
    return queue.store.folder


@pytest.fixture
def store(trained: Path, tmp_path: Path) -> Iterator[RunStore]:
    """A copy of the trained runs, to break at will."""
    folder = tmp_path / "models"
    shutil.copytree(trained, folder)
    yield RunStore(folder)


def in_node(program: str, *scripts: Path, **values: Any) -> Any:
    """What `program` gives to console.log as JSON: run by Node behind `scripts`, with `values` as constants of their names."""
    if NODE is None:
        pytest.skip("needs Node: apt-get install nodejs")
    constants = [f"const {name} = {json.dumps(value)};" for name, value in values.items()]
    source = "\n".join([*(path.read_text(encoding="utf-8") for path in scripts), *constants, program])
    ended = subprocess.run([NODE, "--input-type=module", "-"], input=source, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor; an exception box or an error of our scripts fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()


@pytest.fixture
def server(tmp_path: Path, data_folder: Path) -> Iterator[Server]:
    """A fresh server over `tmp_path`/models."""
    server = Server(tmp_path / "models", data_folder)
    yield server
    server.stop()


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data_folder: Path) -> AppTest:
    """The dashboard over `tmp_path`/models, which the `store` fixture fills."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOENCODER_DATA", str(data_folder))
    monkeypatch.setattr(Queue, "submit_calibration", lambda queue, config: None)  # a process for every visit to the form
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def visit(app: AppTest, page: str, **query: str) -> AppTest:
    """Open a page at an address."""
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"pages/{page}").run()


def words(app: AppTest) -> str:
    """All that the page says in boxes, captions and text."""
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown, app.title)
    return "\n".join(element.value for kind in boxes for element in kind)


def sent(app: AppTest, component: str) -> dict[str, Any]:
    """What Python tells the only component of that name on the page."""
    found = [each.proto.json for each in app.get("bidi_component") if each.proto.component_name == f"latent_lab.{component}"]
    assert len(found) == 1
    return dict(json.loads(found[0]))
