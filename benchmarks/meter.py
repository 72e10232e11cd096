"""Contestants in processes of their own, measured in turns: whatever else the machine does
meanwhile slows them all alike.

A contestant writes a line of JSON about itself once it is ready, then one about each lap it is
asked for.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoencoder import system

ROOT = Path(__file__).parents[1]
SILENT = {"TQDM_DISABLE": "1"}  # no progress bars among what a contestant says


@dataclass(frozen=True)
class Lap:
    """What one lap took: images, seconds of all of the process's threads, seconds on the clock,
    bytes resident at most.
    """

    images: int
    cpu: float
    wall: float
    peak: int

    def rate(self, clock: str) -> float:
        """Images per second by the clock named: cpu or wall."""
        return self.images / (self.cpu if clock == "cpu" else self.wall)


class Contestant:
    """A process that works only while it is asked to."""

    def __init__(
        self, title: str, arguments: Sequence[str], python: str, environment: Mapping[str, str]
    ) -> None:
        """Start `python -m` with these arguments and more environment; `about` is what it says of
        itself once it is ready.

        Raises:
            RuntimeError: It ended instead.
        """
        self.title = title
        self.laps: list[Lap] = []
        surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        self._process = subprocess.Popen(
            [python, "-m", *arguments],
            cwd=ROOT,
            env=surroundings,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.about: dict[str, Any] = self._hear()

    def lap(self, seconds: float) -> None:
        """Work for about so long, but not less than a step; `laps` then has one more."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        self.laps.append(Lap(**self._hear()))

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError(f"{self.title} ended with {self._process.wait()}")
        return dict(json.loads(line))

    def close(self) -> None:
        """End it."""
        self._process.communicate()  # which closes its input


def take_turns(contestants: Sequence[Contestant], laps: int, seconds: float) -> None:
    """Every contestant one lap after a lap to warm up, then the same backwards, and so on: a drift
    favours none.
    """
    for contestant in contestants:
        contestant.lap(seconds)
        contestant.laps.clear()
    for number in range(laps):
        for contestant in contestants if number % 2 else reversed(contestants):
            contestant.lap(seconds)


def ratios(one: Contestant, other: Contestant, clock: str) -> list[float]:
    """How many times as fast as the other it was, lap by lap."""
    return [a.rate(clock) / b.rate(clock) for a, b in zip(one.laps, other.laps, strict=False)]


def spread(values: Sequence[float]) -> str:
    """Median and middle half, to three digits."""
    low, middle, high = (
        statistics.quantiles(values, n=4, method="inclusive")
        if len(values) > 1
        else [values[0]] * 3
    )
    return f"{_short(middle)} ({_short(low)} to {_short(high)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def serve(
    work: Iterator[int], about: Mapping[str, Any], settle: Callable[[], object] = lambda: None
) -> None:
    """A contestant's side: work whenever asked to. Each item of `work` is the number of images just
    trained on.

    `settle` waits for what a device still has to do. Nothing else of the process may write to its
    standard output.
    """
    _say(about)
    for line in sys.stdin:
        settle()
        cpu, wall, images = time.process_time(), time.perf_counter(), next(work)
        while time.perf_counter() - wall < float(line):
            images += next(work)
        settle()
        taken = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        _say({"images": images, **taken, "peak": system.peak_memory()})


def _say(words: Mapping[str, Any]) -> None:
    print(json.dumps(words), flush=True)
