"""Live decoding against Streamlit's own slider: frames per second while dragging, decode times,
silence on the websocket.

Real drags in Chromium over the maps of a 28x28 run, 5,000 points on the Decode page and 10,000 on
the Latent space page, also on a processor that Chromium slows down to half its speed; in the same
minute a plain `st.slider` with torch and st.image. A frame counts only where its picture is another
one than that of the frame before.

Then decoders for images of several sizes, in a page of their own (live_view.py): before, in plain
JavaScript on the page's thread, and now. How long decoding takes does not depend on weights: these
are random.

    python -m benchmarks.decode [--quick] [--sizes] [--min-fps 50]
"""

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import blueprint_of
from benchmarks.live_view import made_up_decoder, write_page
from benchmarks.serving import async_chromium, mnist_like, served, train

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, ViewportSize

CONFIG = RunConfig(dataset="mnist", latent_dim=16, epochs=4, train_size=1_280)
GOAL = 55  # frames per second, at full speed
LATEST = """pad => {
  const { frames, decodeMs } = pad.getRootNode().querySelector('.live')?.latest ?? {};
  const decodes = frames ? Array.from(decodeMs) : [];
  return { decoded: frames ?? 0, decodes, frames: window.pictures, now: performance.now() };
}"""  # the live view keeps decode times: see export/browser/live/live.js
COUNTER = """() => {
  window.pictures = 0; // frames whose picture is another one than that of the frame before
  let [last, time] = [[], null];
  const count = (picture) => {
    const same = picture.length === last.length && picture.every((value, i) => value === last[i]);
    if (same || document.timeline.currentTime === time) return;
    [last, time] = [picture.slice(), document.timeline.currentTime];
    window.pictures++;
  };
  const { putImageData, drawImage } = CanvasRenderingContext2D.prototype;
  Object.assign(CanvasRenderingContext2D.prototype, {
    putImageData(image, ...place) { // the decoded image
      if (this.canvas.matches('.decoded')) count(image.data);
      putImageData.call(this, image, ...place);
    },
    drawImage(image, ...place) { // the points of the latent map
      if (this.canvas.matches('.map')) count(place);
      drawImage.call(this, image, ...place);
    },
  });
}"""
CHANNELS = {28: (32, 64), 64: (32, 64, 128), 128: (32, 64, 128, 256)}  # side -> so many halvings
DIRECT = """({ decoder, repeats }) => {
  const bytes = bytesOf(decoder);
  return [plainKernels, undefined].map((kernels) => {
    const each = new Decoder(bytes, kernels);
    const latent = new Float32Array(each.latentDim);
    return Array.from({ length: repeats }, (_, i) => {
      latent.fill(Math.sin(i));
      const start = performance.now();
      each.decode(latent);
      return performance.now() - start;
    });
  });
}"""  # milliseconds of decodes in plain JavaScript, and by the fastest kernels there are
FRAMES = """() => {
  window.animationFrames = 0;
  const count = () => {
    window.animationFrames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
}"""
VIEW: "ViewportSize" = {"width": 1440, "height": 1000}
PICTURES = 6  # looked at during a drag, to see that they differ
WAIT = 60_000  # milliseconds


@dataclass(frozen=True)
class Drag:
    """One drag: seconds it took, frames painted, decode times in ms, messages to the server during
    and after it.
    """

    seconds: float
    frames: int
    decodes: Sequence[float]
    pictures: int
    messages_during: int
    messages_after: int

    @property
    def fps(self) -> float:
        """Frames per second whose picture is another one than that of the frame before."""
        return self.frames / self.seconds


@dataclass(frozen=True)
class Drags:
    """Drags of the point on the Decode page, and of the map on the Latent space page, each at the
    processor's speed and at half of it.
    """

    decode: Sequence[Drag]
    decode_slowed: Sequence[Drag]
    shift: Sequence[Drag]
    shift_slowed: Sequence[Drag]


async def drags(browser: "Browser", address: str, repeats: int, seconds: float) -> Drags:
    """Drag over both pages, on each of them once more than `repeats`: the first is for warming
    up.
    """
    decode, decode_slowed = await _on_page(browser, f"{address}/decode", repeats, seconds)
    shift, shift_slowed = await _on_page(browser, f"{address}/latent_space", repeats, seconds)
    return Drags(decode, decode_slowed, shift, shift_slowed)


async def _on_page(
    browser: "Browser", address: str, repeats: int, seconds: float
) -> tuple[list[Drag], list[Drag]]:
    """The drags at full speed, and those at half of it."""
    page = await browser.new_page(viewport=VIEW)
    messages: list[float] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda payload: messages.append(perf_counter())),
    )
    await page.goto(f"{address}?run={CONFIG.key}")
    await page.locator(":is(.live, .linked-maps)[data-ready]").wait_for(timeout=WAIT)
    await page.wait_for_load_state("networkidle")
    await page.evaluate(COUNTER)
    await _drag(page, messages, seconds)
    full = [await _drag(page, messages, seconds) for _ in range(repeats)]
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 2})
    slowed = [await _drag(page, messages, seconds) for _ in range(repeats)]
    await page.close()
    return full, slowed


async def _drag(page: "Page", messages: list[float], seconds: float) -> Drag:
    decodes, pad = "/decode" in page.url, page.locator("canvas:is(.pad, .map)")
    box = await pad.bounding_box()
    assert box is not None
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 4
    await page.mouse.move(x + radius, y)
    await page.mouse.down()
    messages_before, before = len(messages), await pad.evaluate(LATEST)
    looking = asyncio.create_task(_pictures(page, seconds)) if decodes else None
    await _circle(page, x, y, radius, seconds)
    pictures, after = await looking if looking else 0, await pad.evaluate(LATEST)
    during = len(messages) - messages_before
    await page.mouse.up()
    if decodes:
        await page.wait_for_function("() => location.search.includes('z=')", timeout=WAIT)
    await page.wait_for_timeout(500)  # for a second message, which there must not be
    return Drag(
        (after["now"] - before["now"]) / 1_000,
        after["frames"] - before["frames"],
        after["decodes"][: after["decoded"]],
        pictures,
        during,
        len(messages) - messages_before - during,
    )


async def _circle(page: "Page", x: float, y: float, radius: float, seconds: float) -> None:
    """Move about (x, y) as a mouse does, a hundred times a second: the next move does not wait for
    the last to be seen.
    """
    session, moves, started = await page.context.new_cdp_session(page), [], perf_counter()
    while (elapsed := perf_counter() - started) < seconds:
        angle = math.pi * elapsed
        place = {"x": x + radius * math.cos(angle), "y": y + radius * math.sin(angle)}
        move = session.send(
            "Input.dispatchMouseEvent",
            {"type": "mouseMoved", **place, "button": "left", "buttons": 1},
        )
        moves.append(asyncio.create_task(move))
        await asyncio.sleep(0.01)
    await asyncio.gather(*moves)
    await session.detach()


async def _pictures(page: "Page", seconds: float) -> int:
    """How many different images are seen in PICTURES looks."""
    seen = set()
    for _ in range(PICTURES):
        seen.add(await page.locator("canvas.decoded").evaluate("canvas => canvas.toDataURL()"))
        await asyncio.sleep(seconds / PICTURES)
    return len(seen)


async def releases(browser: "Browser", address: str, repeats: int) -> list[float]:
    """Milliseconds from letting go of Streamlit's slider to another image, once more than
    `repeats`: the first warms up.
    """
    page = await browser.new_page(viewport=VIEW)
    await page.goto(address)
    await page.locator("img").wait_for(timeout=WAIT)
    box = await page.get_by_test_id("stSlider").bounding_box()
    assert box is not None
    y, found = box["y"] + box["height"] / 2, []
    for number in range(repeats + 1):
        shown = await page.locator("img").evaluate("image => image.src")
        await page.mouse.move(box["x"] + 0.5 * box["width"], y)
        await page.mouse.down()
        await page.mouse.move(box["x"] + (0.8 if number % 2 else 0.2) * box["width"], y, steps=5)
        started = perf_counter()
        await page.mouse.up()
        await page.wait_for_function(
            "shown => document.querySelector('img').src !== shown", arg=shown
        )
        found.append(1_000 * (perf_counter() - started))
        await page.wait_for_load_state("networkidle")
    await page.close()
    return found[1:]


async def measure(quick: bool) -> tuple[Drags, list[float]]:
    """Train a run, serve it, drag; then serve the plain slider over the same run, and drag that."""
    repeats, seconds = (3, 1.5) if quick else (9, 4.0)
    with tempfile.TemporaryDirectory() as scratch:
        models = Path(scratch) / "models"
        data = mnist_like(Path(scratch))
        train(CONFIG, models, data)
        async with async_chromium() as browser:
            with served(models, data) as address:
                live = await drags(browser, address, repeats, seconds)
            with served(models, data, Path(__file__).with_name("plain_slider.py")) as address:
                plain = await releases(browser, address, 4 * repeats)
    return live, plain


@dataclass(frozen=True)
class Sized:
    """What was measured of a decoder for images of one size, each before and now.

    Attributes:
        decode: Milliseconds of decodes, one after the other.
        images: Images per second that were shown during drags.
        frames: Animation frames per second of the page meanwhile.
        in_worker: Whether a worker decodes now.
    """

    shape: ImageShape
    macs: int
    decode: tuple[Sequence[float], Sequence[float]]
    images: tuple[Sequence[float], Sequence[float]]
    frames: tuple[Sequence[float], Sequence[float]]
    in_worker: bool


async def measure_sizes(quick: bool) -> list[Sized]:
    """Decode and drag at every size, grey and in colour."""
    repeats, seconds = (2, 1.5) if quick else (5, 3.0)
    shapes = [ImageShape(channels, side, side) for side in CHANNELS for channels in (1, 3)]
    with tempfile.TemporaryDirectory() as scratch:
        address = write_page(Path(scratch) / "page.html").as_uri()
        async with async_chromium() as browser:
            return [await _sized(browser, address, shape, repeats, seconds) for shape in shapes]


async def _sized(
    browser: "Browser", address: str, shape: ImageShape, repeats: int, seconds: float
) -> Sized:
    """Before and now in turns, so that other work on the machine slows both."""
    channels = CHANNELS[shape.height]
    config = RunConfig(dataset="cifar10", channels=channels, hidden=(256,), latent_dim=16)
    decoder = made_up_decoder(config, shape)
    plain, now = [await _opened(browser, address, decoder, plain=each) for each in (True, False)]
    direct = await now.evaluate(DIRECT, {"decoder": decoder, "repeats": 30})
    drags: dict[Page, list[tuple[float, float]]] = {plain: [], now: []}
    for _ in range(repeats):
        for page, rates in drags.items():
            await page.bring_to_front()
            rates.append(await _rates(page, seconds))
    in_worker = await now.evaluate("window.live.decoder === null")
    for page in drags:
        await page.close()
    (images, frames), (images_now, frames_now) = (
        tuple(zip(*rates, strict=True)) for rates in drags.values()
    )
    return Sized(
        shape,
        blueprint_of(config, shape).decode_macs,
        (direct[0], direct[1]),
        (images, images_now),
        (frames, frames_now),
        in_worker,
    )


async def _opened(browser: "Browser", address: str, decoder: str, *, plain: bool) -> "Page":
    page = await browser.new_page(viewport=VIEW)
    await page.goto(address)
    view = {"decoder": decoder, "points": 5_000, "plain": plain}
    await page.evaluate("view => void (window.live = openLive(view))", view)
    await page.locator(".live[data-ready]").wait_for(timeout=WAIT)
    await page.evaluate(COUNTER)
    await page.evaluate(FRAMES)
    await _rates(page, 1.0)  # warms up
    return page


async def _rates(page: "Page", seconds: float) -> tuple[float, float]:
    """Images and animation frames per second of one drag."""
    box = await page.locator("canvas.pad").bounding_box()
    assert box is not None
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 4
    await page.mouse.move(x + radius, y)
    await page.mouse.down()
    state = "[performance.now(), window.pictures, window.animationFrames]"
    before = await page.evaluate(state)
    await _circle(page, x, y, radius, seconds)
    after = await page.evaluate(state)
    await page.mouse.up()
    time, images, frames = (end - start for start, end in zip(before, after, strict=True))
    return 1_000 * images / time, 1_000 * frames / time


def table_of_sizes(sizes: Sequence[Sized]) -> str:
    """Medians, before and now."""
    head = ("image", "MMAC", "ms to decode", "95th percentile", "images a second", "page's frames")
    lines = [("{:10} {:>6} {:>17} {:>17} {:>17} {:>17}").format(*head)]
    for each in sizes:
        columns = [
            *(_pair(each.decode, each_of) for each_of in (statistics.median, _percentile)),
            _pair(each.images, statistics.median),
            _pair(each.frames, statistics.median),
        ]
        cells = " ".join(f"{column:>17}" for column in columns)
        place = "worker" if each.in_worker else "page's thread"
        lines.append(f"{each.shape!s:10} {each.macs / 1e6:6.1f} {cells}   {place}")
    return "\n".join(lines)


def _percentile(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * len(values))]


def _pair(
    before_and_now: tuple[Sequence[float], Sequence[float]],
    summary: Callable[[Sequence[float]], float],
) -> str:
    before, now = map(summary, before_and_now)
    return f"{before:.3g} -> {now:.3g}"


def table(drags: Drags, plain: Sequence[float]) -> str:
    """Medians, with the least and greatest of the repeats, and goals where there are some."""
    live = drags.decode
    decodes = sorted(time for drag in live for time in drag.decodes)
    lines = [
        row("frames per second, 5,000 points, decoded", _fps(live), goal=GOAL),
        row("the same, processor slowed to half", _fps(drags.decode_slowed)),
        row("frames per second, 10,000 points, map shifted", _fps(drags.shift), goal=GOAL),
        row("the same, processor slowed to half", _fps(drags.shift_slowed)),
        row(
            "ms to decode an image (28x28, d = 16, 2.5 MMAC)",
            [statistics.median(drag.decodes) for drag in live],
        ),
        row(
            "different images of 6 looked at while the button was down",
            [drag.pictures for drag in live],
        ),
        row("messages to the server during a drag", [drag.messages_during for drag in live]),
        row("messages to the server on release", [drag.messages_after for drag in live]),
        row("st.slider, torch, st.image: ms from release to image", list(plain)),
    ]
    lines.append(f"{'ms to decode, 95th percentile':60} {decodes[int(0.95 * len(decodes))]:8.4g}")
    frame = 1_000 / statistics.median(drag.fps for drag in live)
    lines.append(
        f"{'one st.slider release, in live frames':60} {statistics.median(plain) / frame:8.4g}"
    )
    return "\n".join(lines)


def row(name: str, values: Sequence[float], *, goal: float | None = None) -> str:
    """A line of the table; `goal` is what the median is to reach."""
    median = statistics.median(values)
    line = f"{name:60} {median:8.4g}   ({min(values):.4g} to {max(values):.4g})"
    if goal is None:
        return line
    return f"{line}   >= {goal:g}: {'met' if median >= goal else 'MISSED'}"


def _fps(drags: Sequence[Drag]) -> list[float]:
    return [drag.fps for drag in drags]


def main() -> int:
    """Measure and print; 1 if it is slower, or less silent, than it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="about a minute and a half")
    parser.add_argument(
        "--min-fps", type=float, default=0.0, help="exit with 1 below so many decoded a second"
    )
    parser.add_argument("--sizes", action="store_true", help="only the decoders of several sizes")
    arguments = parser.parse_args()
    print(table_of_sizes(asyncio.run(measure_sizes(arguments.quick))), flush=True)
    if arguments.sizes:
        return 0
    drags, plain = asyncio.run(measure(arguments.quick))
    print(table(drags, plain))
    live = drags.decode
    fps = statistics.median(drag.fps for drag in live)
    spoke = any(drag.messages_during or drag.messages_after != 1 for drag in live)
    if fps < arguments.min_fps or spoke or any(drag.pictures < 2 for drag in live):
        print("FAILED: too slow, not silent during the drag, or nothing changed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
