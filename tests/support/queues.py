"""Trainings through a queue: claimed, trained here, stopped at a moment, ended all together."""

import os
import signal
from contextlib import suppress

from autoencoder import system
from autoencoder.jobs import Queue
from autoencoder.jobs.runner import run_job
from autoencoder.jobs.training import train_run
from autoencoder.progress import ignore
from autoencoder.runs import Task
from tests.support.waiting import wait_until

SAME = {"threads": 1, "precision": "float32"}


def end_all(queue: Queue) -> None:
    """Kill whatever works on a run, let nothing start after it, and collect this process's
    children.
    """

    def quiet() -> bool:
        tasks = [Task(queue.store.folder / key) for key in queue.store.keys()]
        for run in tuple(tasks):
            tasks += [
                Task(run.folder, path.name.removesuffix(".state.json"))
                for path in run.folder.glob("*.state.json")
            ]
        for task in tasks:
            with suppress(OSError, ValueError):
                record = task.read()
                if task.is_held():
                    if record.pid not in (0, os.getpid()):  # 0: is just starting
                        os.kill(record.pid, signal.SIGKILL)
                elif record.state == "queued":
                    task.update(state="stopped")
        children = [child for child in system._children if child.poll() is None]
        for child in children:
            child.kill()
        return not children and not any(task.is_held() for task in tasks)

    wait_until(quiet)


def claimed(queue, config, **details):
    """A new run that is not in the queue, to be trained as every test's reference was."""
    assert queue.store.claim(config, "stopped")
    task = Task(queue.store.folder / config.key)
    task.update(**{**SAME, **details})
    return task


def over(queue, config, timeout=60.0):
    """The run, once nobody works on it any more: the lock goes a moment after the final state is
    written.
    """
    task = Task(queue.store.folder / config.key)
    wait_until(lambda: not queue.store.get(config.key).is_live and not task.is_held(), timeout)
    return queue.store.get(config.key)


def here(queue, config, **how):
    """Train a run in this process, to its end or until something stops it."""
    return train_run(queue, config.key, **how)


def do(queue, config, name, notify=ignore):
    """Do the job of that name on a run in this process; returns its final state in one word."""
    return run_job(queue, queue.task(config.key, name), notify).state


def stop_at(number, seen=None):
    """An on_progress that sends this process SIGTERM at the given Progress, counted from 1; `seen`
    takes what it is told.
    """
    seen = [] if seen is None else seen

    def on_progress(progress):
        seen.append(progress)
        if len(seen) == number:
            signal.raise_signal(signal.SIGTERM)

    return on_progress


def losses(run):
    """What the history says, without the clock."""
    return [(p.epoch, p.images, p.train, p.test) for p in run.history]


def end_calibrations(queue: Queue) -> None:
    """Let no calibration start any more, and end those that this process started."""

    def quiet() -> bool:
        for path in queue.timings.folder.glob("*.state.json"):
            task = Task(path.parent, path.name.removesuffix(".state.json"))
            with suppress(OSError, ValueError):
                if task.read().state == "queued" and not task.is_held():
                    task.update(state="stopped")
        for child in system._children:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
        return all(child.poll() is not None for child in system._children)

    wait_until(quiet)
