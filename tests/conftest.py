"""What several test files share: small real data, tiny configs, and a store of runs that were
really trained.
"""

import atexit
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.runs import RunStore
from benchmarks.serving import Server
from tests.support.configs import DEEP, TINY
from tests.support.places import ROOT

os.environ["AUTOENCODER_PRECOMPUTE"] = "0"  # two processes more for every training
# As jobs have it. A waiting thread keeps a core busy otherwise; read when torch is imported.
os.environ["OMP_WAIT_POLICY"] = "passive"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in tests/browser drives a browser, and in tests/engines an engine; whatever
    takes a trained run is slow.
    """
    for item in items:
        for folder in ("browser", "engines"):
            if folder in item.path.parts:
                item.add_marker(folder)
        if {"trained", "server"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("slow")


@atexit.register
def say_nothing_more() -> None:
    """The result is the last word: libraries that are torn down after it have no standard error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """As many threads as cores, beside child processes that train, would make everything slow."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that holds `digits`."""
    folder = tmp_path_factory.mktemp("data")
    loading.prepare("digits", folder)
    return folder


@pytest.fixture(scope="session")
def digits(data_folder: Path) -> Dataset:
    """All of `digits`."""
    return loading.prepare("digits", data_folder)


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
    monkeypatch.setattr(
        Queue, "submit_calibration", lambda queue, config, timeout: None
    )  # a process for every visit to the form
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
