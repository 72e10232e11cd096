"""A dashboard of one's own to measure or test: a server over a models folder, a Chromium, a run
with images of MNIST's size.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.config.datasets import DATASETS
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading

if TYPE_CHECKING:
    from playwright import async_api, sync_api

ROOT = Path(__file__).parents[1]
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
TIMEOUT = 60.0  # seconds for a server to answer


class Server:
    """A dashboard over one models folder; it can be restarted at the same address."""

    def __init__(self, models: Path, data: Path, app: Path = ROOT / "app.py") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        places = {
            "AUTOENCODER_MODELS": str(models),
            "AUTOENCODER_DATA": str(data),
            "AUTOENCODER_PRECOMPUTE": "0",
            "PYTHONPATH": str(ROOT),
        }
        self.environment = {**os.environ, **places}
        self.address = f"http://127.0.0.1:{self.port}"
        self.app = app
        self.start()

    def start(self) -> None:
        """Until it answers. Raises TimeoutError."""
        options = [
            f"--server.port={self.port}",
            "--server.headless=true",
            "--server.address=127.0.0.1",
        ]
        command = [sys.executable, "-m", "streamlit", "run", str(self.app), *options]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + TIMEOUT
        while not self._answers():
            if time.monotonic() > deadline:
                self.stop()
                raise TimeoutError(
                    f"the server at {self.address} did not answer within {TIMEOUT:.0f} s"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """At once, as when a machine goes down."""
        self.process.kill()
        self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False


@contextmanager
def served(models: Path, data: Path, app: Path = ROOT / "app.py") -> Iterator[str]:
    """The address of a dashboard, or of another app, while the block lasts."""
    server = Server(models, data, app)
    try:
        yield server.address
    finally:
        server.stop()


@contextmanager
def chromium() -> "Iterator[sync_api.Browser]":
    """Debian's Chromium, without a window."""
    _require_playwright()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@asynccontextmanager
async def async_chromium() -> "AsyncIterator[async_api.Browser]":
    """The same for coroutines."""
    _require_playwright()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


def _require_playwright() -> None:
    if CHROMIUM is None or find_spec("playwright") is None:
        raise SystemExit(
            "this needs Chromium and Playwright: `make benchmark NAME=...` installs both"
        )


def mnist_like(folder: Path) -> Path:
    """A data folder with MNIST: the one given if it is prepared there, else scikit-learn's digits
    enlarged to its size.

    How fast anything runs does not depend on which; quality does.
    """
    given = Path(os.environ.get("AUTOENCODER_DATA", ""))
    if loading.peek(RunConfig(dataset="mnist"), given) is not None:
        return given
    digits, info = loading.prepare("digits", folder), DATASETS["mnist"]
    arrays = {}
    for name, split, count in (
        ("train", digits.train, info.train),
        ("test", digits.test, info.test),
    ):
        large = np.pad(
            np.kron(split.images, np.ones((1, 1, 3, 3), np.uint8)), ((0, 0), (0, 0), (2, 2), (2, 2))
        )
        arrays[f"{name}_images"] = np.resize(large, (count, *info.shape))
        arrays[f"{name}_labels"] = np.resize(split.labels, count)
    np.savez(folder / "mnist.npz", **arrays)  # type: ignore[arg-type]
    return folder


def train(config: RunConfig, models: Path, data: Path) -> str:
    """Train a run by the command line; returns its key."""
    places = ["--models", str(models), "--data", str(data)]
    command = [
        sys.executable,
        "-m",
        "autoencoder",
        "train",
        *config.flags(),
        "--threads=1",
        *places,
    ]
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return config.key
