"""Live decoding against Streamlit's own slider: frames per second while dragging, decode times, silence on the websocket.

A real drag over the latent map of a 28x28 run in Chromium, in the same minute as a plain `st.slider` with torch and st.image.

    python -m benchmarks.decode [--quick] [--min-fps 50]
"""

import argparse
import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, Page

from autoencoder.config import RunConfig
from benchmarks.serving import ROOT, Server, chromium, mnist_like, train

CONFIG = RunConfig(dataset="mnist", latent_dim=16, epochs=1, train_size=1_280)
LATEST = "pad => ({ ...pad.getRootNode().querySelector('.live').latest, now: performance.now() })"
VIEW = {"width": 1440, "height": 1000}
PICTURES = 6  # looked at during a drag, to see that they differ
WAIT = 60_000  # milliseconds


@dataclass(frozen=True)
class Drag:
    """One drag: seconds it took, frames painted, decode times in ms, messages to the server during and after it."""

    seconds: float
    frames: int
    decodes: Sequence[float]
    pictures: int
    messages_during: int
    messages_after: int

    @property
    def fps(self) -> float:
        """Frames painted per second."""
        return self.frames / self.seconds


def drags(browser: Browser, address: str, repeats: int, seconds: float) -> list[Drag]:
    """Drag the point of the latent map about, once more than `repeats`: the first is for warming up."""
    page = browser.new_page(viewport=VIEW)
    messages: list[float] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: messages.append(perf_counter())))
    page.goto(f"{address}/decode?run={CONFIG.key}")
    page.locator(".live").and_(page.locator("[data-ready]")).wait_for(timeout=WAIT)
    page.wait_for_load_state("networkidle")
    found = [_drag(page, messages, seconds) for _ in range(repeats + 1)]
    page.close()
    return found[1:]


def _drag(page: Page, messages: list[float], seconds: float) -> Drag:
    pad, decoded = page.locator("canvas.pad"), page.locator("canvas.decoded")
    box = pad.bounding_box()
    assert box is not None
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 4
    page.mouse.move(x + radius, y)
    page.mouse.down()
    started, messages_before, pictures = perf_counter(), len(messages), set()
    before, next_picture = pad.evaluate(LATEST), 0.0
    while (elapsed := perf_counter() - started) < seconds:
        angle = 2 * math.pi * elapsed / 2
        page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
        if elapsed >= next_picture:
            pictures.add(decoded.evaluate("canvas => canvas.toDataURL()"))
            next_picture += seconds / PICTURES
    after = pad.evaluate(LATEST)
    during = len(messages) - messages_before
    page.mouse.up()
    page.wait_for_function("() => location.search.includes('z=')", timeout=WAIT)
    page.wait_for_timeout(500)  # for a second message, which there must not be
    return Drag(
        (after["now"] - before["now"]) / 1_000,
        after["frames"] - before["frames"],
        after["decodes"],
        len(pictures),
        during,
        len(messages) - messages_before - during,
    )


def releases(browser: Browser, address: str, repeats: int) -> list[float]:
    """Milliseconds from letting go of Streamlit's slider to another image, once more than `repeats`: the first warms up."""
    page = browser.new_page(viewport=VIEW)
    page.goto(address)
    thumb, image = page.get_by_role("slider"), page.locator("img")
    image.wait_for(timeout=WAIT)
    found = []
    for number in range(repeats + 1):
        shown, box = image.get_attribute("src"), thumb.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + (60 if number % 2 else -50), y, steps=5)
        page.mouse.up()
        started = perf_counter()
        page.wait_for_function("before => document.querySelector('img').src !== before", arg=_absolute(page, shown))
        found.append(1_000 * (perf_counter() - started))
        page.wait_for_load_state("networkidle")
    page.close()
    return found[1:]


def _absolute(page: Page, source: str | None) -> str:
    return str(page.evaluate("source => new URL(source, location.href).href", source))


def measure(quick: bool) -> tuple[list[Drag], list[float]]:
    """Train a run, serve it, drag; then serve the plain slider over the same run, and drag that."""
    repeats, seconds = (3, 2.0) if quick else (9, 4.0)
    with tempfile.TemporaryDirectory() as scratch, chromium() as browser:
        models = Path(scratch) / "models"
        data = mnist_like(Path(scratch))
        train(CONFIG, models, data)
        live = _served(models, data, ROOT / "app.py", lambda address: drags(browser, address, repeats, seconds))
        plain = _served(models, data, Path(__file__).with_name("plain_slider.py"), lambda a: releases(browser, a, 4 * repeats))
    return live, plain


def _served(models: Path, data: Path, app: Path, work: Callable[[str], list]) -> list:  # type: ignore[type-arg]
    server = Server(models, data, app)
    try:
        return work(server.address)
    finally:
        server.stop()


def table(live: Sequence[Drag], plain: Sequence[float]) -> str:
    """Medians, with the least and greatest of the repeats."""
    decodes = sorted(time for drag in live for time in drag.decodes)
    rows: list[tuple[str, Sequence[float]]] = [
        ("frames per second while dragging", [drag.fps for drag in live]),
        ("ms to decode an image (28x28, d = 16, 2.5 MMAC)", [statistics.median(drag.decodes) for drag in live]),
        ("different images of 6 looked at while the button was down", [drag.pictures for drag in live]),
        ("messages to the server during a drag", [drag.messages_during for drag in live]),
        ("messages to the server on release", [drag.messages_after for drag in live]),
        ("st.slider, torch, st.image: ms from release to image", list(plain)),
    ]
    lines = [f"{name:60} {statistics.median(values):8.4g}   ({min(values):.4g} to {max(values):.4g})" for name, values in rows]
    lines.append(f"{'ms to decode, 95th percentile':60} {decodes[int(0.95 * len(decodes))]:8.4g}")
    frame = 1_000 / statistics.median(drag.fps for drag in live)
    lines.append(f"{'one st.slider release, in live frames':60} {statistics.median(plain) / frame:8.4g}")
    return "\n".join(lines)


def main() -> int:
    """Measure and print; 1 if it is slower, or less silent, than it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="under 40 seconds")
    parser.add_argument("--min-fps", type=float, default=0.0, help="exit with 1 below so many frames per second")
    arguments = parser.parse_args()
    live, plain = measure(arguments.quick)
    print(table(live, plain))
    fps = statistics.median(drag.fps for drag in live)
    spoke = any(drag.messages_during or drag.messages_after != 1 for drag in live)
    if fps < arguments.min_fps or spoke or any(drag.pictures < 2 for drag in live):
        print("FAILED: too slow, not silent during the drag, or nothing changed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
