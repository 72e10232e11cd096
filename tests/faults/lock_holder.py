"""A process that holds the queue's lock and never lets go: every page is visited beside it."""

import asyncio
import time
from pathlib import Path

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from benchmarks.crowds import PAGES
from benchmarks.serving import Server
from benchmarks.viewers import PageError, viewer
from tests.support.configs import TINY
from tests.support.queues import claimed, here
from tests.support.runs import lock_held

LONGER = 2.0  # seconds that a visit may take longer beside the holder; a wait for the lock takes 5


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Visit page after page with and without the holder; how many visits there were, and a line for
    each that failed or had to wait.
    """
    queue = Queue(Settings(folder / "models", folder / "data"))
    loading.prepare("digits", queue.settings.data)
    claimed(queue, TINY)
    here(queue, TINY)
    server = Server(queue.settings.models, queue.settings.data)
    try:
        usual = asyncio.run(_visits(server.address, time.monotonic()))[0]  # the first is slow
        usual, failures = asyncio.run(_visits(server.address, time.monotonic()))
        with lock_held(queue.settings.models / ".queue.lock"):
            beside, more = asyncio.run(_visits(server.address, time.monotonic() + seconds))
    finally:
        server.stop()
    slow = [
        f"{page}: {waited:.1f} s beside the holder, {usual[page][0]:.1f} s without it"
        for page, waits in beside.items()
        for waited in waits
        if waited > usual[page][0] + LONGER
    ]
    return sum(map(len, beside.values())) + len(more), failures + more + slow


async def _visits(address: str, until: float) -> tuple[dict[str, list[float]], list[str]]:
    """Seconds that each visit of each page took, at least one, and those that failed."""
    waits: dict[str, list[float]] = {page: [] for page in PAGES}
    failures = []
    while True:
        for page in PAGES:
            try:
                async with viewer(address) as visitor:
                    answer = await visitor.visit(page, f"run={TINY.key}" if page else "")
                    waits[page].append(answer.seconds)
            except PageError as error:
                failures.append(f"{page}: {error}")
        if time.monotonic() > until:
            return waits, failures
