"""The job that measures how long a training will take; a training that nobody measured before does
the same on its way.
"""

import contextlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from autoencoder.analysis.neighbours import BLOCK, Neighbours
from autoencoder.analysis.projections.pca import fit_pca, is_randomised
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import JobError, RunError
from autoencoder.jobs.job import JobKind, RunningJob
from autoencoder.jobs.neighbour_graph import COMPONENTS
from autoencoder.runs import RunWriter, Task, TaskState
from autoencoder.runs.timings import FOLDER, TimingStore
from autoencoder.system import cores
from autoencoder.training.memory import require_memory
from autoencoder.training.timing import INTERPRETER, ComputeSettings, Timing, images_of

PCA_NUMBERS = 1_500_000  # of the sample that PCA is timed with


def calibrate(job: RunningJob) -> None:
    """Measure how fast the shape of the task's config trains on this machine, and keep it.

    Raises:
        JobError: Nobody knows any more what was to be measured.
        ConfigError: Such a network cannot be built.
        RunError: The models folder cannot be written.
    """
    store = TimingStore(job.settings.models)
    config = _wanted(job.task)
    job.notify("measuring")
    store.put(config, measure(config, job.began))


def _wanted(task: Task) -> RunConfig:
    """The config that is to be measured. Raises JobError if that cannot be read."""
    config = TimingStore(task.folder.parent).config_of(task)
    if config is None:
        raise JobError("the options to measure cannot be read")
    return config


def _is_known(task: Task) -> bool:
    store = TimingStore(task.folder.parent)
    config = store.config_of(task)
    return config is not None and store.get(config) is not None


JOB = JobKind(
    title="calibration",
    matches=lambda name: re.fullmatch(r"timing-\w+", name) is not None,
    is_done=_is_known,
    work=calibrate,
    check=lambda task: require_memory(_wanted(task)),
    folder=FOLDER,
    beside_trainings=False,  # it would measure wrongly
)


def choose_compute_settings(
    timings: TimingStore,
    config: RunConfig,
    record: TaskState,
    began: float,
    device: str,
    *,
    needs_graph: bool = False,
    processes: int = 1,
) -> tuple[ComputeSettings, float]:
    """How a training is to compute, and how many seconds it will then take in all; 0 where that is
    unknown.

    What its record names is not chosen anew: a training that goes on must compute as it did. The
    rest is the fastest way known for this machine, or found now. `needs_graph` says whether
    the neighbours of the images have to be found first. Several processes share the cores; what
    they tell each other is not in the prediction.
    """
    named = {
        name: value
        for name in ("threads", "precision", "layout")
        if (value := getattr(record, name))
    }
    if processes > 1:
        named.setdefault("threads", max(1, cores() // processes))
    if {"threads", "precision"} <= set(named):
        return ComputeSettings(**named), 0.0
    measures_all = not named and device == "cpu"  # otherwise it says nothing of what others will do
    if measures_all and (known := timings.get(config)) is not None:
        return known.compute, known.predict(config, needs_graph)
    started = perf_counter()
    sliced = replace(config, batch_size=config.batch_size // processes)
    timing = measure(sliced, began, device=device, fixed=named)
    if measures_all:
        with contextlib.suppress(RunError):  # not to know it the next time is no reason to fail now
            timings.put(config, timing)
    return timing.compute, timing.predict(config, needs_graph) + perf_counter() - started


def measure(
    config: RunConfig, began: float, *, device: str = "cpu", fixed: dict[str, Any] | None = None
) -> Timing:
    """Calibrate here and now, with what an epoch costs on this disk."""
    from autoencoder.training import calibration

    start = INTERPRETER + perf_counter() - began
    timing = calibration.calibrate(config, device=device, fixed=fixed, start=start)
    pair = _seconds_per_pair(config) if config.objective_spec.has_neighbours else 0.0
    at_end = timing.measure + _seconds_of_pca(config)
    return replace(timing, save=_seconds_to_save(config), measure=at_end, pair=pair)


def _seconds_of_pca(config: RunConfig) -> float:
    """What PCA of all N training images of P pixels takes, by smaller ones.

    The exact method grows with P^2 N for the covariance and with P^3 for its eigenvectors; the
    randomised one, of many pixels, with N.
    """
    pixels, images = config.shape.pixels, int(images_of(config))
    if is_randomised(pixels):
        sample = np.ones((min(max(10, PCA_NUMBERS // pixels), images), pixels), np.uint8)
        seconds = _fastest(lambda: fit_pca(sample, min(config.latent_dim, len(sample))))
        return seconds * images / len(sample)
    rows, small = 2_000, min(400, pixels)
    points = np.ones((rows, small), np.float32)
    covariance = _fastest(lambda: points.T @ points) * images / rows * (pixels / small) ** 2
    symmetric = np.eye(small) + 1.0
    return 2 * covariance + _fastest(lambda: np.linalg.eigh(symmetric)) * (pixels / small) ** 3


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
        return _fastest(
            lambda: writer.epoch(progress, latents, reconstructions, training.checkpoint())
        )


def _seconds_per_pair(config: RunConfig) -> float:
    """What finding nearest neighbours takes, for each image and each other one, by a part of it:
    two blocks of points are looked up among as many as there are images.
    """
    count = config.train_size or config.info.train
    rows, columns = np.arange(count, dtype=np.float32), np.arange(1, COMPONENTS + 1)
    points = np.sin(np.outer(rows, np.sqrt(columns, dtype=np.float32)))  # spread evenly
    index = Neighbours(points)
    some = np.arange(min(count, 2 * max(1, BLOCK // count)))
    most = min(config.neighbours, count - 1)
    seconds = _fastest(lambda: index.nearest(most, points[some], some))
    return seconds / (len(some) * count)


def _fastest(work: Callable[[], object]) -> float:
    """The faster of two calls: the first may include work that is done only once."""
    return min(_timed(work) for _ in range(2))


def _timed(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started
