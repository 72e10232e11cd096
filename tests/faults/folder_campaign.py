"""The campaign of hostile run folders: all that tests/faults/hostile_folders.py can build, and
random changes of a good run for as long as there is time.

Each is read within limits, and every page is opened on it and on the run beside it.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import chain, count, zip_longest
from pathlib import Path
from unittest.mock import patch

import torch

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from tests.faults.hostile_folders import HOSTILE, SETTINGS, Builder
from tests.faults.measured_reading import Reading, restore
from tests.faults.mutations import mutation
from tests.support.configs import DEEP, TINY
from tests.support.pages import complaints, no_jobs, red_boxes
from tests.support.places import ROOT
from tests.support.runs import give_every_file

SHARE_OF_READING = 0.3  # of the time; the rest is for pages
AT_ONCE = 200  # mutations that one process reads
MOST_SECONDS, MOST_MEGABYTES = 30.0, 300.0  # of CPU and of memory, for all pages of one case


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Spoil a run in `folder` in every way, and go on with random changes until the time is up.

    Returns:
        How many cases were tried, and a line for each that was not survived.
    """
    began = time.monotonic()
    prepare(folder)
    tried, failures = _read(seed, began + SHARE_OF_READING * seconds, folder)
    more, others = _open_pages(seed, began + seconds, folder)
    return tried + more, failures + others


def prepare(folder: Path) -> None:
    """Put two trained runs into `folder`/models, one with every file that a run may have, and a
    copy of that one into `folder`/good.
    """
    torch.set_num_threads(1)
    loading.prepare("digits", folder / "data")
    queue = Queue(Settings(models=folder / "models", data=folder / "data"))
    for config in (TINY, DEEP):
        queue.store.claim(config, "stopped")
        train_run(queue, config.key, threads=1, precision="float32")
    give_every_file(queue.store, TINY.key, SETTINGS)
    shutil.copytree(queue.store.folder / TINY.key, folder / "good")


def read_hostile(folder: Path) -> list[Reading]:
    """Every builder's folder, read by another process within limits."""
    return _readings(folder, 0, -1, 0)


def read_mutations(folder: Path, seed: int, first: int, last: int) -> list[Reading]:
    """Random changes `first` to `last` of that seed, read by another process within limits."""
    return _readings(folder, seed, first, last)


def _readings(folder: Path, *numbers: int) -> list[Reading]:
    command = [sys.executable, "-m", "tests.faults.measured_reading"]
    places = [str(folder / "models"), str(folder / "good"), TINY.key, DEEP.key]
    ended = subprocess.run(
        [*command, *places, *map(str, numbers)], cwd=ROOT, capture_output=True, text=True
    )
    readings = [Reading(**json.loads(line)) for line in ended.stdout.splitlines()]
    if ended.returncode:
        end = " ".join(ended.stderr.split()[-40:])
        readings.append(Reading("the reader", f"ended with {ended.returncode}: {end}", [], 0, 0))
    return readings


def _read(seed: int, deadline: float, folder: Path) -> tuple[int, list[str]]:
    readings = read_hostile(folder)
    for first in count(0, AT_ONCE):
        if time.monotonic() > deadline:
            break
        readings += read_mutations(folder, seed, first, first + AT_ONCE)
    return len(readings), [each.failure for each in readings if each.failure]


def _open_pages(seed: int, deadline: float, folder: Path) -> tuple[int, list[str]]:
    places = {
        "AUTOENCODER_MODELS": str(folder / "models"),
        "AUTOENCODER_DATA": str(folder / "data"),
    }
    tried, failures = 0, []
    with patch.dict(os.environ, places), no_jobs():
        restore(folder / "models", folder / "good", TINY.key)
        red_boxes(TINY.key)  # imports count for no case
        for name, build in _in_turn(seed):
            if time.monotonic() > deadline:
                break
            build(restore(folder / "models", folder / "good", TINY.key))
            failures += [f"{name}: {problem}" for problem in _of_pages()]
            tried += 1
    return tried, failures


def _of_pages() -> Iterator[str]:
    """What is wrong with the pages of the spoilt run, and of the one beside it."""
    began, before = time.process_time(), _memory()
    yield from red_boxes(TINY.key)
    yield from (f"beside it, {each}" for each in complaints(DEEP.key, TINY.key))
    seconds, megabytes = time.process_time() - began, _memory() - before
    if seconds > MOST_SECONDS or megabytes > MOST_MEGABYTES:
        yield f"its pages took {seconds:.1f} CPU s and {megabytes:.0f} MB"


def _memory() -> float:
    """The most megabytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_turn(seed: int) -> Iterator[tuple[str, Builder]]:
    """Builders in an order of the seed, each followed by a random change; at last only those."""
    builders = random.Random(seed).sample(list(HOSTILE.items()), len(HOSTILE))
    mutations = ((f"mutation {seed}:{n}", mutation(seed, n)) for n in count())
    pairs = zip_longest(builders, (next(mutations) for _ in builders))
    return chain(chain.from_iterable(pairs), mutations)
