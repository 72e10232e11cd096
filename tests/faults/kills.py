"""Trainings and labs that are killed at random moments, again and again, and gone on with until
they end: the end must be that of one that was never killed.
"""

import os
import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from autoencoder import labs
from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import Queue
from autoencoder.labs.job import do as do_lab
from autoencoder.labs.job import task_of
from autoencoder.labs.report import Report
from autoencoder.labs.scale import Scale
from autoencoder.runs import Run, Task
from tests.support.configs import SOME
from tests.support.queues import claimed, losses
from tests.support.runs import read_everything
from tests.support.waiting import wait_until

LAB = "E1"
QUICKEST = Scale("digits", quick=True, epochs=1)
MOST_KILLS = 5  # of one training; the next try is left alone


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Kill trainings for two thirds of the time, then a lab near its end; how many processes were
    killed, and a line for whatever did not end as it should.
    """
    chance = random.Random(seed)
    tried, failures = _trainings(chance, seconds * 2 / 3, folder / "trainings")
    killed, more = _labs(chance, seconds / 3, folder / "lab")
    return tried + killed, failures + more


def _trainings(chance: random.Random, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Kill and go on with one training after another, and at least one."""
    whole = _queue(folder / "whole")
    claimed(whole, SOME)
    expected, lasts = _timed(whole)
    tried, failures, until = 0, [], time.monotonic() + seconds
    for number in range(1_000):
        queue = _queue(folder / f"{number:03d}")
        claimed(queue, SOME)
        kills = _killed(queue, chance, lasts)
        tried += kills
        run = queue.store.get(SOME.key)
        if problem := _difference(run, expected):
            failures.append(f"training {number}, killed {kills} times: {problem}")
        shutil.rmtree(queue.settings.models)
        if time.monotonic() > until:
            break
    return tried, failures


def _queue(models: Path) -> Queue:
    """A queue over that folder, with the digits beside it."""
    data = models.parent / "data"
    loading.prepare("digits", data)
    return Queue(Settings(models, data))


def _timed(queue: Queue) -> tuple[Run, float]:
    """Train it in one go in a process; the run, and how many seconds that took."""
    began = time.monotonic()
    queue.submit(SOME)
    _wait_for_end(Task(queue.store.folder / SOME.key))
    return queue.store.get(SOME.key), time.monotonic() - began


def _killed(queue: Queue, chance: random.Random, lasts: float) -> int:
    """Ask for the training until it has finished, and kill its process at random moments; returns
    how often it was killed.
    """
    task, kills = Task(queue.store.folder / SOME.key), 0
    while queue.submit(SOME).state != "finished":
        if kills < MOST_KILLS and _killed_after(task, chance.uniform(0, lasts)):
            kills += 1
            read_everything(queue.store.get(SOME.key))
        else:
            _wait_for_end(task)
    return kills


def _killed_after(task: Task, seconds: float) -> bool:
    """Kill the process of a task after that time; False if it had ended before."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and task.is_held():
        time.sleep(0.01)
    if not task.is_held():
        return False
    with suppress(OSError, ValueError):
        os.kill(task.read().pid, signal.SIGKILL)
    _wait_for_end(task)
    return task.glance() != "finished"


def _wait_for_end(task: Task) -> None:
    wait_until(lambda: not task.is_held() and not task.is_starting(), 120)


def _difference(run: Run, expected: Run) -> str:
    """In what a run differs from one that was never killed; empty if in nothing."""
    if run.state != "finished":
        return f"it is {run.state}: {run.record.error}"
    if run.record.weights_sha256 != expected.record.weights_sha256:
        return "its weights differ"
    if losses(run) != losses(expected) or run.snapshots() != expected.snapshots():
        return "its history differs"
    return "" if read_everything(run) == SOME.epochs else "it cannot be read"


def _labs(chance: random.Random, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Kill a lab whose trainings are done while it measures and writes its report."""
    queue = _queue(folder)
    lab = labs.LABS[LAB]
    task = task_of(folder, lab, QUICKEST)
    do_lab(queue, lab, QUICKEST)
    expected, report = _claims(labs.read(folder, task.name)), folder / "labs" / task.name
    tried, failures, until = 0, [], time.monotonic() + seconds
    while not tried or time.monotonic() < until:
        shutil.rmtree(report)
        for path in report.parent.glob(f"{task.name}.*"):
            path.unlink()
        queue.submit_job(task)
        wait_until(lambda: task.glance() == "running" and task.read().share > 0, 120)
        if not _killed_after(task, chance.uniform(0, 4)):
            continue
        tried += 1
        queue.submit_job(task)
        _wait_for_end(task)
        claims = _claims(labs.read(folder, task.name))
        if claims != expected:
            failures.append(f"a lab that was killed near its end has another report: {claims}")
    return tried, failures


def _claims(report: Report | None) -> list[tuple[str, str]]:
    """What a report says, without its times."""
    return [(c.statement, c.verdict) for c in report.claims] if report else []
