"""Many visitors of one server: how long they wait, what of a core and of memory the server needs,
whether it grows.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.viewers import Answer, Viewer, viewer

THINKING = 5.0  # seconds from an answer to the visitor's next act, on average
PAGES = (
    "",
    "train",
    "reconstruct",
    "latent_space",
    "decode",
    "interpolate",
    "inspect",
    "compare",
    "labs",
)
TICKS = os.sysconf("SC_CLK_TCK")  # of processor time in /proc, per second

Act = Callable[[Viewer, np.random.Generator], Awaitable[Answer]]


@dataclass(frozen=True)
class Crowd:
    """What some viewers met with.

    Attributes:
        waits: Place -> milliseconds from each act there until its answer was finished.
        load: The server's share of a core.
        memory: The server's, in MB.
    """

    waits: Mapping[str, Sequence[float]]
    load: float
    memory: float

    @property
    def all_waits(self) -> list[float]:
        """Those of all places."""
        return [wait for waits in self.waits.values() for wait in waits]


def acts(run: str, latent_dim: int) -> dict[str, Act]:
    """What the visitors of a variational run do that only the server can answer: part of the
    address -> act.
    """

    async def draw(visitor: Viewer, chance: np.random.Generator) -> Answer:
        return await visitor.type("seed", float(chance.integers(1_000)))

    async def release(visitor: Viewer, chance: np.random.Generator) -> Answer:
        return await visitor.trigger(
            f"live-{run}", "released", {"latent": chance.normal(size=latent_dim).tolist()}
        )

    async def pick(visitor: Viewer, chance: np.random.Generator) -> Answer:
        picked = {
            "images": chance.choice(300, 2, replace=False).tolist(),
            "frames": 12,
            "kind": "linear",
        }
        return await visitor.trigger("interpolation_view", "picked", picked)

    async def enlarge(visitor: Viewer, chance: np.random.Generator) -> Answer:
        return await visitor.trigger(
            "reconstruct_image_rows", "picked", {"index": int(chance.integers(64))}
        )

    return {
        "decode?view=Samples": draw,
        "decode": release,
        "interpolate": pick,
        "reconstruct": enlarge,
    }


async def crowd(
    address: str, process: int, count: int, seconds: float, *, run: str, deeds: Mapping[str, Act]
) -> Crowd:
    """Seat `count` viewers of a run on the places of `deeds` in turn, then let them act for some
    seconds.
    """
    waits: dict[str, list[float]] = {place: [] for place in deeds}
    async with AsyncExitStack() as stack:
        seated = []
        for number, place in zip(range(count), list(deeds) * count, strict=False):
            visitor = await stack.enter_async_context(viewer(address))
            page, _, query = place.partition("?")
            await visitor.visit(page, f"run={run}&{query}")
            seated.append((visitor, place, np.random.default_rng(number)))
        before, started = processor_time(process), perf_counter()
        until = started + seconds
        busy = [
            _act(visitor, deeds[place], chance, until, waits[place])
            for visitor, place, chance in seated
        ]
        await asyncio.gather(*busy, asyncio.sleep(seconds))
        load = (processor_time(process) - before) / (perf_counter() - started)
        return Crowd(waits, load, memory(process))


async def _act(
    visitor: Viewer, act: Act, chance: np.random.Generator, until: float, waits: list[float]
) -> None:
    while perf_counter() + (pause := chance.exponential(THINKING)) < until:
        await asyncio.sleep(pause)
        waits.append(1_000 * (await act(visitor, chance)).seconds)


async def visits(address: str, process: int, count: int, run: str) -> list[float]:
    """Open a page, see it, close it, `count` times, all pages in turn: the server's memory in MB
    before and after each.
    """
    found = [memory(process)]
    for number in range(count):
        async with viewer(address) as visitor:
            await visitor.visit(
                PAGES[number % len(PAGES)], f"run={run}" if number % len(PAGES) else ""
            )
        found.append(memory(process))
    return found


def processor_time(process: int) -> float:
    """Seconds that a process has computed, in all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(process: int) -> float:
    """Resident memory of a process, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1_024


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Whatever starts in the block runs on these cores only, for good; so does this thread, until
    the block ends.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
