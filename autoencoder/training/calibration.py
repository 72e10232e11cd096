"""Which way of computing is fastest here, and how fast: found by trial on the very network, never
assumed.

Only the shapes matter for the time, so the trial needs no data set: its images are zeros.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from statistics import median, quantiles
from time import perf_counter

import numpy as np
import torch

from autoencoder import system
from autoencoder.config.datasets import TEST_IMAGES
from autoencoder.config.run_config import RunConfig
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from autoencoder.training.loop import Training
from autoencoder.training.timing import LAYOUTS, PRECISIONS, ComputeSettings, Timing

TRIAL_STEPS = 2  # of every way in each round, after one to warm up
ROUNDS, ROUND_SECONDS = (
    4,
    2.0,
)  # of trials in turns, so that what else the machine does hits all ways; no more after so long
SURE_STEPS, SURE_SECONDS = 40, 0.6  # of the fastest way: as many steps as fit
SAMPLE = 250  # images for what is done once per epoch or once per run
ADVANTAGE = 0.9  # a way other than the plain one must take at most this share of its time
PLAIN = ComputeSettings(1, "float32", "contiguous")


def calibrate(
    config: RunConfig,
    *,
    device: str = "cpu",
    fixed: dict[str, object] | None = None,
    start: float = 0.0,
) -> Timing:
    """Try every way of computing for a moment, the fastest one longer. Takes a second or two for
    the
    default networks.

    Args:
        config: What will be trained.
        device: cpu or cuda.
        fixed: threads, precision or layout where they are given and not to be chosen.
        start: Seconds the process took until now, to be counted into each run.

    Leaves torch's generator and its number of threads as the chosen way has them.
    """
    given = fixed or {}
    first = _seconds_once(
        lambda: _steps(config, PLAIN, device, 1), device
    )  # what torch loads on first use, a run loads too
    times = _tried(config, _ways(config, device, given), device)
    plain = replace(PLAIN, **given)  # type: ignore[arg-type]
    limit = ADVANTAGE * min(times[plain]) if plain in times else float("inf")
    best = min(times, key=lambda compute: min(times[compute]))
    best = best if min(times[best]) <= limit or plain not in times else plain
    steps = _steps(config, best, device, SURE_STEPS)
    low, _, high = quantiles(steps, n=4) if len(steps) > 1 else (steps[0],) * 3
    test, after = _once(config, best, device)
    return Timing(
        best.threads,
        best.precision,
        best.layout,
        start=start + first,
        step=median(steps),
        spread=(high - low) / median(steps),
        test=test,
        save=0.0,
        measure=after,
    )


def _ways(config: RunConfig, device: str, given: dict[str, object]) -> list[ComputeSettings]:
    most = system.training_threads()
    threads = (
        sorted({1, most, *(2**power for power in range(1, 7) if 2**power < most)})
        if device == "cpu"
        else [1]
    )
    # Dense weights have only one layout.
    layouts = LAYOUTS if config.network_spec.is_convolutional else LAYOUTS[:1]
    candidates = (ComputeSettings(*values) for values in product(threads, PRECISIONS, layouts))
    return list(dict.fromkeys(replace(compute, **given) for compute in candidates))  # type: ignore[arg-type]


def _tried(
    config: RunConfig, candidates: Sequence[ComputeSettings], device: str
) -> dict[ComputeSettings, list[float]]:
    """Seconds of the steps of every way."""
    times: dict[ComputeSettings, list[float]] = {compute: [] for compute in candidates}
    started = perf_counter()
    for _ in range(ROUNDS):
        for compute in candidates:
            times[compute] += _steps(config, compute, device, TRIAL_STEPS)
        if perf_counter() - started > ROUND_SECONDS:
            break
    return times


def _steps(config: RunConfig, compute: ComputeSettings, device: str, most: int) -> list[float]:
    """Seconds of up to `most` training steps on a throw-away network, after one that warms up."""
    torch.set_num_threads(compute.threads)
    training = _throw_away(config, compute, device)
    taken: list[float] = []
    with torch.random.fork_rng(devices=[]):
        training.step(training.images)
        while len(taken) < most and (len(taken) < TRIAL_STEPS or sum(taken) < SURE_SECONDS):
            taken.append(_seconds_once(lambda: training.step(training.images), device))
    return taken


def _throw_away(config: RunConfig, compute: ComputeSettings, device: str) -> Training:
    images = np.zeros((config.batch_size, *config.shape), np.uint8)
    return Training(
        build(config),
        config,
        images,
        images[:1],
        device=device,
        precision=compute.precision,
        layout=compute.layout,
    )


def _once(config: RunConfig, compute: ComputeSettings, device: str) -> tuple[float, float]:
    """Seconds for testing once an epoch, and for the measuring at the end, scaled up from
    samples.
    """
    training = _throw_away(replace(config, batch_size=2), compute, device)
    sample = np.zeros((SAMPLE, *config.shape), np.uint8)
    training.test_images = torch.from_numpy(sample).to(device)
    made = inference.reconstruct(training.network, sample)
    tests = min(config.info.test, TEST_IMAGES) / SAMPLE
    test = tests * _seconds(training.evaluate, device)
    passes = 2 * tests * _seconds(lambda: inference.reconstruct(training.network, sample), device)
    loading = _seconds_once(
        lambda: inference.ssim(sample[:1], made[:1]), device
    )  # imports what it needs
    similarity = 2 * tests * _seconds(lambda: inference.ssim(sample, made), device)
    return test, loading + passes + similarity + _pca_seconds(config)


def _pca_seconds(config: RunConfig) -> float:
    """For the covariance of all training images and its eigenvectors, from small ones: they grow
    with P^2 N and P^3.
    """
    pixels, rows, small = config.shape.pixels, 2_000, min(400, config.shape.pixels)
    points = np.ones((rows, small), np.float32)
    images = config.train_size or config.info.train
    covariance = _seconds(lambda: points.T @ points) * images / rows * (pixels / small) ** 2
    symmetric = np.eye(small) + 1.0
    return 2 * covariance + _seconds(lambda: np.linalg.eigh(symmetric)) * (pixels / small) ** 3


def _seconds(work: Callable[[], object], device: str = "cpu") -> float:
    """The better of two: the first may pay for things that are done once."""
    return min(_seconds_once(work, device) for _ in range(2))


def _seconds_once(work: Callable[[], object], device: str) -> float:
    started = perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()  # the GPU is told what to do long before it has done it
    return perf_counter() - started
