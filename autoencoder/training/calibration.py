"""Calibration: which compute settings are fastest for a network on this machine, found by trial.

Only the shapes matter for the time, so that the trial needs no data set: its images are zeros.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from statistics import median, quantiles
from time import perf_counter

import numpy as np
import torch

from autoencoder import system
from autoencoder.config.run_config import RunConfig
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from autoencoder.training.loop import Training
from autoencoder.training.timing import LAYOUTS, PRECISIONS, ComputeSettings, Timing

TRIAL_STEPS = 2  # of each compute settings in each round, after one to warm up
ROUNDS = 4  # all settings take turns, so that other work on the machine disturbs each of them
ROUND_SECONDS = 2.0  # no further round after this time
SURE_STEPS, SURE_SECONDS = 40, 0.6  # of the fastest settings: as many steps as fit
SAMPLE = 250  # images for what is done once per epoch or once per run
ADVANTAGE = 0.9  # a more expensive way must take at most this share of a cheaper one's time
PLAIN = ComputeSettings(1, "float32", "contiguous")


def calibrate(
    config: RunConfig,
    *,
    device: str = "cpu",
    fixed: dict[str, object] | None = None,
    start: float = 0.0,
) -> Timing:
    """Try all compute settings for a moment, then the fastest ones for longer.

    Takes a second or two for the default networks, and leaves torch's number of threads as the
    chosen settings have it.

    Args:
        config: What will be trained.
        device: cpu, cuda or mps.
        fixed: threads, precision or layout, where these must not be chosen.
        start: Seconds that the process took until now; every run takes them, too.
    """
    fixed = fixed or {}
    # A run, too, has to load what torch loads on first use.
    first = _seconds_once(lambda: _steps(config, PLAIN, device, 1), device)
    times = _times(config, _candidates(config, device, fixed), device)
    best = _best(times)
    steps = _steps(config, best, device, SURE_STEPS)
    low, _, high = quantiles(steps, n=4) if len(steps) > 1 else (steps[0],) * 3
    test, after, imports = _once(config, best, device)
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
        imports=imports,
        float32=_float32(times),
    )


def _best(times: dict[ComputeSettings, list[float]]) -> ComputeSettings:
    """The fastest on the clock, where a better one is worth it: PLAIN stays unless another way of
    as many threads gains a tenth, and so does the number of threads unless more gain a tenth.
    """
    fastest = {compute: min(steps) for compute, steps in times.items()}
    best: ComputeSettings | None = None
    for threads in sorted({compute.threads for compute in fastest}):
        ways = [compute for compute in fastest if compute.threads == threads]
        plain = replace(PLAIN, threads=threads)
        candidate = _if_worth_it(
            plain if plain in ways else None, min(ways, key=fastest.__getitem__), fastest
        )
        best = _if_worth_it(best, candidate, fastest)
    assert best is not None
    return best


def _if_worth_it(
    usual: ComputeSettings | None, other: ComputeSettings, fastest: dict[ComputeSettings, float]
) -> ComputeSettings:
    """`other` where there is no usual one or where it gains a tenth on it."""
    if usual is None or fastest[other] <= ADVANTAGE * fastest[usual]:
        return other
    return usual


def _float32(times: dict[ComputeSettings, list[float]]) -> float:
    """Seconds of a step in float32 with a lab's number of threads; 0 if none of the trials was
    that.
    """
    threads = system.training_threads()
    return min(
        (
            min(steps)
            for compute, steps in times.items()
            if (compute.threads, compute.precision) == (threads, "float32")
        ),
        default=0.0,
    )


def _candidates(config: RunConfig, device: str, fixed: dict[str, object]) -> list[ComputeSettings]:
    cores = system.cores()
    powers = {2**power for power in range(1, 7) if 2**power < cores}
    counts = {1, *powers, system.training_threads(), cores} if device == "cpu" else {1}
    # Dense weights have only one layout.
    layouts = LAYOUTS if config.network_spec.is_convolutional else LAYOUTS[:1]
    candidates = (
        ComputeSettings(*values) for values in product(sorted(counts), PRECISIONS, layouts)
    )
    return list(dict.fromkeys(replace(compute, **fixed) for compute in candidates))  # type: ignore[arg-type]


def _times(
    config: RunConfig, candidates: Sequence[ComputeSettings], device: str
) -> dict[ComputeSettings, list[float]]:
    """Seconds of the trial steps with each compute settings."""
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
    times: list[float] = []
    with torch.random.fork_rng(devices=[]):
        indices = torch.arange(len(training.images))
        training.step(indices)
        while len(times) < most and (len(times) < TRIAL_STEPS or sum(times) < SURE_SECONDS):
            times.append(_seconds_once(lambda: training.step(indices), device))
    return times


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


def _once(config: RunConfig, compute: ComputeSettings, device: str) -> tuple[float, float, float]:
    """Seconds for testing once in an epoch, and for measuring reconstructions at the end, both
    scaled up from a sample; and those of the latter that are imports.
    """
    training = _throw_away(replace(config, batch_size=2), compute, device)
    sample = np.zeros((SAMPLE, *config.shape), np.uint8)
    training.test_images = torch.from_numpy(sample).to(device)
    reconstructions = inference.reconstruct(training.network, sample)
    tests = config.info.evaluated / SAMPLE
    test = tests * _seconds(training.evaluate, device)
    passes = 2 * tests * _seconds(lambda: inference.reconstruct(training.network, sample), device)
    # The first call imports what it needs.
    loading = _seconds_once(lambda: inference.ssim(sample[:1], reconstructions[:1]), device)
    similarity = 2 * tests * _seconds(lambda: inference.ssim(sample, reconstructions), device)
    return test, loading + passes + similarity, loading


def _seconds(work: Callable[[], object], device: str = "cpu") -> float:
    """The faster of two calls: the first may include work that is done only once."""
    return min(_seconds_once(work, device) for _ in range(2))


def _seconds_once(work: Callable[[], object], device: str) -> float:
    started = perf_counter()
    work()
    if device != "cpu":
        torch.get_device_module(device).synchronize()  # calls return before the GPU has finished
    return perf_counter() - started
