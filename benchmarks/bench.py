"""A folder with the project's own runs to measure on, servers over it, and a training beside
them.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from autoencoder.runs import Task
from benchmarks.serving import ROOT, Server
from benchmarks.viewers import viewer

TRAINING = RunConfig(
    dataset="digits", latent_dim=3, epochs=10_000
)  # lasts for longer than any measurement


class Bench:
    """Copies of the committed runs in a scratch folder."""

    def __init__(self, scratch: Path) -> None:
        self.settings = Settings(models=scratch / "models", data=scratch)
        loading.prepare("digits", scratch)
        shutil.copytree(ROOT / "models", self.settings.models)

    @contextmanager
    def server(self) -> Iterator[Server]:
        """A new server while the block lasts."""
        server = Server(self.settings.models, self.settings.data)
        try:
            yield server
        finally:
            server.stop()

    async def calibrate(self) -> None:
        """Let the Train page measure this machine, which it does once, so that nobody does
        later.
        """
        with self.server() as server:
            async with viewer(server.address) as visitor:
                await visitor.visit()
                await visitor.visit("train")
        names = [
            path.name.removesuffix(".lock")
            for path in Queue(self.settings).timings.folder.glob("timing-*.lock")
        ]
        while any(Task(Queue(self.settings).timings.folder, name).is_held() for name in names):
            time.sleep(0.1)

    @contextmanager
    def training(self) -> Iterator[None]:
        """A training goes on while the block lasts, started as the Train page does."""
        queue = Queue(self.settings)
        run = queue.submit(TRAINING)
        while not run.history:
            time.sleep(0.1)
            run = queue.store.get(run.key)
        try:
            yield
        finally:
            queue.stop(run.key)
            while queue.store.get(run.key).is_live:
                time.sleep(0.1)
