"""Measuring how long a training will take: in a process of its own for the form, or on the way by
the training itself.
"""

import contextlib
import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import RunBusyError, RunError
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import StopWatch
from autoencoder.runs import RunWriter, TaskState
from autoencoder.runs.state import timestamp
from autoencoder.runs.timings import TimingStore
from autoencoder.training.timing import INTERPRETER, ComputeSettings, Timing

Say = Callable[[str], None]
LOCK_TIMEOUT = 2.0


def calibrate_for(queue: Queue, config: RunConfig, began: float) -> Timing:
    """What is known of `config` on this machine, measured now if nothing is.

    `began` is the perf_counter of the process's first moment, from which the start of a training is
    reckoned.

    Raises:
        RunBusyError: Another process is measuring the same.
    """
    store = TimingStore(queue.settings.models)
    if (known := store.get(config)) is not None:
        return known
    task = store.ask(config)
    lock = task.lock()
    if not lock.acquire(LOCK_TIMEOUT):
        raise RunBusyError("this is being measured by another process")
    stop = StopWatch(task)
    try:
        task.write(
            TaskState(
                "running",
                pid=os.getpid(),
                step="measuring",
                created=timestamp(),
                started=timestamp(),
            )
        )
        with stop.watching():
            try:
                store.put(config, timing := measure(config, began))
            except Exception as error:
                stop.finish("failed", error=f"{type(error).__name__}: {str(error)[:300]}")
                raise
            stop.finish("finished")
        return timing
    finally:
        lock.release()
        queue.tick()


def choose_compute_settings(
    timings: TimingStore, config: RunConfig, record: TaskState, began: float, device: str
) -> tuple[ComputeSettings, float]:
    """How a training is to compute, and how many seconds it will then take in all; 0 where that is
    unknown.

    What its record names is not chosen anew: a training that goes on must compute as it did. The
    rest is the fastest way known for this machine, or found now.
    """
    named = {
        name: value
        for name in ("threads", "precision", "layout")
        if (value := getattr(record, name))
    }
    if {"threads", "precision"} <= set(named):
        return ComputeSettings(**named), 0.0
    own = not named and device == "cpu"  # otherwise it says nothing of what others will do
    if own and (known := timings.get(config)) is not None:
        return known.compute, known.predict(config)
    started = perf_counter()
    timing = measure(config, began, device=device, fixed=named)
    if own:
        with contextlib.suppress(RunError):  # not to know it the next time is no reason to fail now
            timings.put(config, timing)
    return timing.compute, timing.predict(config) + perf_counter() - started


def measure(
    config: RunConfig, began: float, *, device: str = "cpu", fixed: dict[str, Any] | None = None
) -> Timing:
    """Calibrate here and now, with what an epoch costs on this disk."""
    from autoencoder.training import calibration

    start = INTERPRETER + perf_counter() - began
    timing = calibration.calibrate(config, device=device, fixed=fixed, start=start)
    return replace(timing, save=_seconds_to_save(config))


def _seconds_to_save(config: RunConfig) -> float:
    """What RunWriter.epoch takes in a scratch folder, second try."""
    from autoencoder.networks.modules import build
    from autoencoder.training.loop import Training

    images = np.zeros((2, *config.shape), np.uint8)
    training = Training(build(config), replace(config, batch_size=2, train_size=2), images, images)
    progress = next(stream := training.run())
    stream.close()
    latents = np.ones((min(1_000, config.info.test), config.latent_dim), np.float32)
    reconstructions = np.zeros((16, *config.shape), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        writer = RunWriter(Path(folder))
        return min(
            _timed(lambda: writer.epoch(progress, latents, reconstructions, training.checkpoint()))
            for _ in range(2)
        )


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
