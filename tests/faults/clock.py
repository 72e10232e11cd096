"""A clock that is set forth and back while a run is trained. Needs faketime, Debian's package."""

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from autoencoder.runs import Run
from tests.support.configs import TINY
from tests.support.places import ROOT
from tests.support.queues import claimed, here, losses

LASTING = replace(TINY, epochs=60)
PAUSE = 0.3  # seconds between two changes of the clock
FARTHEST = 400  # days


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Train again and again while the clock jumps; how often, and a line for each training that
    ended in another way than with a quiet clock.
    """
    if (faketime := shutil.which("faketime")) is None:
        return 0, ["faketime is missing: sudo apt-get install faketime"]
    loading.prepare("digits", folder / "data")
    quiet = Queue(Settings(folder / "quiet", folder / "data"))
    claimed(quiet, LASTING)
    expected, chance = here(quiet, LASTING), random.Random(seed)
    tried, failures, until = 0, [], time.monotonic() + seconds
    while not tried or time.monotonic() < until:
        tried += 1
        queue = Queue(Settings(folder / f"{tried}", folder / "data"))
        claimed(queue, LASTING)
        status = _train(queue, _environment(faketime, folder / "clock"), chance)
        if problem := _difference(queue.store.get(LASTING.key), expected, status):
            failures.append(f"clock, training {tried}: {problem}")
    return tried, failures


def _environment(faketime: str, clock: Path) -> dict[str, str]:
    """Of a process that takes its time from the file `clock`, but not what it has waited for."""
    command = [faketime, "-f", "+0", "printenv", "LD_PRELOAD"]
    preload = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    fake = {"FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_CACHE_DURATION": "1"}
    monotonic = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    return {**os.environ, **fake, **monotonic, "LD_PRELOAD": preload}


def _train(queue: Queue, environment: dict[str, str], chance: random.Random) -> int:
    """Train in a process while the clock jumps; returns its exit status."""
    clock = Path(environment["FAKETIME_TIMESTAMP_FILE"])
    clock.write_text("+0\n")
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    command = [sys.executable, "-m", "autoencoder", "train", "--run", LASTING.key, *places]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as training:
        while training.poll() is None:
            clock.write_text(f"{chance.randint(-FARTHEST, FARTHEST):+d}d\n")
            with suppress(subprocess.TimeoutExpired):
                training.wait(PAUSE)
        return training.returncode


def _difference(run: Run, expected: Run, status: int) -> str:
    """In what a training differs from one with a quiet clock; empty if in nothing."""
    if status or run.state != "finished":
        return f"status {status}, {run.state}: {run.record.error}"
    if run.record.weights_sha256 != expected.record.weights_sha256:
        return "its weights differ"
    if losses(run) != losses(expected):
        return "its history differs"
    times = [p.seconds for p in run.history] + [p.cpu_seconds for p in run.history]
    return "" if min(times) >= 0 and 0 <= run.record.took < 600 else "its times are wrong"
