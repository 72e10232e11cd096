"""A crowd of visitors beside a training that is killed and gone on with."""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from autoencoder.runs import Task
from benchmarks.crowds import acts, crowd
from benchmarks.serving import Server
from benchmarks.viewers import PageError
from tests.support.configs import DEEP, LONG
from tests.support.queues import claimed, end_all, here
from tests.support.waiting import wait_until

VIEWERS = 60
PART = 20.0  # seconds between two kills of the training
SHOWN = replace(DEEP, latent_dim=2)


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Let a crowd act for some seconds at a time, and kill the training in between; how many
    answers were asked for, and a line for whatever went wrong.
    """
    queue = Queue(Settings(folder / "models", folder / "data"))
    loading.prepare("digits", queue.settings.data)
    claimed(queue, SHOWN)
    here(queue, SHOWN)
    server = Server(queue.settings.models, queue.settings.data)
    tried, failures = 0, []
    try:
        for _ in range(max(1, round(seconds / PART))):
            queue.submit(LONG)
            answers, problem = _crowd(server)
            tried += answers + bool(problem)
            failures += [problem] if problem else []
            failures += [] if server.process.poll() is None else ["the server died"]
            _kill(Task(queue.store.folder / LONG.key))
    finally:
        server.stop()
        end_all(queue)
    return tried, failures


def _crowd(server: Server) -> tuple[int, str]:
    """How many answers a crowd got, and what stopped it, if anything did."""
    deeds = acts(SHOWN.key, SHOWN.latent_dim)
    work = crowd(server.address, server.process.pid, VIEWERS, PART, run=SHOWN.key, deeds=deeds)
    try:
        return len(asyncio.run(work).all_waits), ""
    except (PageError, OSError, KeyError) as error:
        return 0, f"{type(error).__name__}: {str(error)[:200]}"


def _kill(task: Task) -> None:
    with suppress(OSError, ValueError):
        os.kill(task.read().pid, signal.SIGKILL)
    wait_until(lambda: not task.is_held())
