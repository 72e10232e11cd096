"""How quick the dashboard is: its start, its pages, its answers, to one visitor and to a hundred,
as one Markdown table.

Times are a visitor's who speaks the websocket protocol: from the message to the server until the
script had finished.

    python -m benchmarks.pages [--quick] [--max-switch MS] [--max-crowd MS]
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.bench import Bench
from benchmarks.crowds import PAGES, Crowd, acts, crowd, on_cores, visits
from benchmarks.serving import Server, async_chromium
from benchmarks.viewers import viewer

if TYPE_CHECKING:
    from playwright.async_api import Browser, ViewportSize

RUN, LATENT_DIM = "mnist-mlp-variational-d2-28b5cdb0", 2  # comes with the project
MANIFOLD = (  # 64 to 900 images, decoded by the server after each move of a slider
    f"run={RUN}&view=Manifold"
)
VIEW: "ViewportSize" = {"width": 1440, "height": 1000}
WAIT = 60_000  # milliseconds
FILLING = 1 / 8  # of the visits; caches should be full after that


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        starts, switches, slides, visits: How often each is repeated.
        apart: Whether every page is first seen on a server of its own, and how often; 0 for all of
            them on one, once.
        viewers, seconds: How many act at once, and for how long.
    """

    starts: int
    apart: int
    switches: int
    slides: int
    viewers: Sequence[int]
    seconds: float
    visits: int


FULL = Size(
    starts=3, apart=2, switches=20, slides=20, viewers=(1, 10, 100), seconds=40.0, visits=800
)
QUICK = Size(starts=1, apart=1, switches=3, slides=3, viewers=(100,), seconds=5.0, visits=120)


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, the values, their unit, what their 95th percentile
    should be, and remarks.
    """

    what: str
    values: Sequence[float]
    unit: str = "ms"
    goal: float | None = None
    about: str = ""

    def percentile(self, percent: float) -> float:
        """Of the values."""
        return float(np.percentile(self.values, percent))

    def __str__(self) -> str:
        """As a line of Markdown."""
        middle, high = self.percentile(50), self.percentile(95)
        scores = (
            ""
            if self.goal is None
            else f"< {self.goal:g} {self.unit}: {'met' if high < self.goal else 'MISSED'}"
        )
        shown = f"{_short(middle)} {self.unit} | {_short(high)} {self.unit} | {len(self.values)}"
        return f"| {self.what} | {shown} | {scores} | {self.about} |"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


async def starts(bench: Bench, browser: "Browser", repeats: int) -> list[Row]:
    """From the start of a server's process until a visitor who came at once has the front page."""
    spoken, seen = [], []
    for _ in range(repeats):
        started = perf_counter()
        with bench.server() as server:
            async with viewer(server.address) as visitor:
                await visitor.visit()
            spoken.append(perf_counter() - started)
        started = perf_counter()
        with bench.server() as server:
            page = await browser.new_page(viewport=VIEW)
            await page.goto(server.address)
            await page.locator(".live[data-ready]").wait_for(timeout=WAIT)
            seen.append(perf_counter() - started)
            await page.close()
    return [
        Row(
            "start of a server to its first page",
            spoken,
            "s",
            5.0,
            "new process; its files are in the system's cache",
        ),
        Row("the same in Chromium, live map drawn", seen, "s", 5.0, "Chromium runs already"),
    ]


async def switches(bench: Bench, size: Size) -> list[Row]:
    """Every page by the menu: as the first one that a server shows after the front page, and again
    and again in turn.
    """
    cold: dict[str, list[float]] = {page: [] for page in PAGES}
    warm: dict[str, list[float]] = {page: [] for page in PAGES}
    for page in [page for page in PAGES if page] * size.apart:
        with bench.server() as server:
            async with viewer(server.address) as visitor:
                await visitor.visit("", f"run={RUN}")
                cold[page].append(1_000 * (await visitor.visit(page)).seconds)
    with bench.server() as server:
        async with viewer(server.address) as visitor:
            cold[""].append(1_000 * (await visitor.visit("", f"run={RUN}")).seconds)
            for number in range(size.switches + 1):
                for page in PAGES:
                    seconds = (await visitor.visit(page)).seconds
                    if number:
                        warm[page].append(1_000 * seconds)
                    elif not cold[page]:
                        cold[page].append(1_000 * seconds)
    about = (
        "after the front page, on a server of its own"
        if size.apart
        else "all in turn on one server"
    )
    rows = [
        Row(f"{page or 'home'}, first time", values, goal=700.0, about=about if page else "")
        for page, values in cold.items()
    ]
    return rows + [
        Row(f"{page or 'home'}, again", values, goal=300.0) for page, values in warm.items()
    ]


async def slides(server: Server, browser: "Browser", repeats: int, when: str) -> list[Row]:
    """From letting go of the manifold's slider to the end of the answer, and in Chromium to another
    image.
    """
    answered, seen = [], []
    async with viewer(server.address) as visitor:
        await visitor.visit("decode", MANIFOLD)
        for number in range(repeats + 1):
            answered.append(1_000 * (await visitor.slide("grid", (12, 24)[number % 2])).seconds)
    page = await browser.new_page(viewport=VIEW)
    await page.goto(f"{server.address}/decode?{MANIFOLD}")
    still = page.locator("[data-test-script-state=notRunning]")
    image, slider = page.locator(".mosaic img"), page.get_by_test_id("stSlider").first
    await image.wait_for(timeout=WAIT)
    await still.wait_for()
    box = await slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    for number in range(repeats + 1):
        shown = await image.get_attribute("src")
        await page.mouse.move(box["x"] + (0.2 if number % 2 else 0.5) * box["width"], y)
        await page.mouse.down()
        await page.mouse.move(box["x"] + (0.7 if number % 2 else 0.2) * box["width"], y, steps=5)
        started = perf_counter()
        await page.mouse.up()
        await page.wait_for_function(
            "shown => document.querySelector('.mosaic img').src !== shown", arg=shown
        )
        seen.append(1_000 * (perf_counter() - started))
        await still.wait_for()
    await page.close()
    about = "12 x 12 and 24 x 24 images decoded by the server"
    return [
        Row(f"slider to end of answer, {when}", answered[1:], about=about),
        Row(
            f"slider to image in Chromium, {when}", seen[1:], about="wherever the handle is let go"
        ),
    ]


async def crowds(bench: Bench, size: Size) -> list[Row]:
    """Many at once and many one after another, on a server that has one core for itself."""
    cores, rows = sorted(os.sched_getaffinity(0)), []
    with on_cores({cores[-1]}), bench.server() as server, on_cores(set(cores[:-1]) or set(cores)):
        place, process = server.address, server.process.pid
        for count in size.viewers:
            met = await crowd(
                place, process, count, size.seconds, run=RUN, deeds=acts(RUN, LATENT_DIM)
            )
            goal = 50.0 if count == max(size.viewers) else None
            rows.append(
                Row(
                    f"answer to one visitor of {count}",
                    met.all_waits,
                    goal=goal,
                    about=_described(met, size),
                )
            )
        memory = await visits(place, process, size.visits, RUN)
    few = int(FILLING * size.visits)
    slope = 1_024 * np.polyfit(np.arange(few, len(memory)), memory[few:], 1)[0]
    about = (
        f"{memory[0]:.0f} before, {memory[few]:.0f} after {few}, {memory[-1]:.0f} after"
        f" {size.visits}"
    )
    rows.append(
        Row(
            f"memory, visits {few} to {size.visits}",
            memory[few:],
            "MB",
            about=f"{about}: {slope:+.1f} KB a visit",
        )
    )
    return rows


def _described(met: Crowd, size: Size) -> str:
    each = ", ".join(
        f"{place.rpartition('=')[2].lower()} {np.median(waits):.0f}"
        for place, waits in met.waits.items()
        if waits
    )
    return (
        f"each acts every 5 s, for {size.seconds:g} s; {met.load:.0%} of the server's core,"
        f" {met.memory:.0f} MB; p50: {each}"
    )


async def measure(size: Size) -> list[Row]:
    """All of it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        bench = Bench(Path(scratch))
        await bench.calibrate()
        async with async_chromium() as browser:
            rows = [*await starts(bench, browser, size.starts), *await switches(bench, size)]
            with bench.server() as server:
                rows += await slides(server, browser, size.slides, "nothing else running")
                with bench.training():
                    rows += await slides(server, browser, size.slides, "beside a training")
        return rows + await crowds(bench, size)


def main() -> int:
    """Measure and print; 1 if it is slower than it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick",
        action="store_true",
        help="under a minute: fewer repeats, only 100 viewers, fewer visits",
    )
    parser.add_argument(
        "--max-switch",
        type=float,
        default=np.inf,
        help="exit with 1 if a page known takes more ms (p95)",
    )
    parser.add_argument(
        "--max-crowd",
        type=float,
        default=np.inf,
        help="exit with 1 if one of 100 waits more ms (p95)",
    )
    arguments = parser.parse_args()
    rows = asyncio.run(measure(QUICK if arguments.quick else FULL))
    print(
        "| what | p50 | p95 | values | goal for p95 | |\n|---|---|---|---|---|---|", *rows, sep="\n"
    )
    limits = {", again": arguments.max_switch, " visitor of 100": arguments.max_crowd}
    slow = [
        row.what
        for row in rows
        for end, most in limits.items()
        if row.what.endswith(end) and row.percentile(95) > most
    ]
    if slow:
        print(f"FAILED: too slow: {'; '.join(slow)}", file=sys.stderr)
    return bool(slow)


if __name__ == "__main__":
    sys.exit(main())
