"""Decoding on the page's thread and in a worker, in a page of its own without a server."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.export import decoder_bytes
from autoencoder.networks.numpy_inference import NumpyAutoencoder
from benchmarks.live_view import random_weights, write_page
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHAPE = ImageShape(3, 12, 20)
CONFIG = RunConfig(dataset="digits", channels=(9, 14), hidden=(30,), latent_dim=3)
ALWAYS = 1e9  # milliseconds that no decode takes
NEVER = -1  # and that every decode takes
ON_PAGE = {"page": ALWAYS, "dragOnPage": ALWAYS, "dragInWorker": ALWAYS}
IN_WORKER = {**ON_PAGE, "page": NEVER}
AT_REST = {"page": NEVER, "dragOnPage": NEVER, "dragInWorker": NEVER}
SCRIPTS = "script-src 'unsafe-inline'"
NO_WORKERS = f"{SCRIPTS} 'wasm-unsafe-eval'; worker-src 'none'"
NO_WEBASSEMBLY = f"{SCRIPTS}; worker-src blob:"
TOO_SLOW = re.compile("Decoding is slow in this browser")
# Counts what is decoded on the page's thread.
COUNTED = """() => {
  window.decodesOnPage = 0;
  const { decode } = Decoder.prototype;
  Decoder.prototype.decode = function (latent) {
    window.decodesOnPage++;
    return decode.call(this, latent);
  };
}"""
# Latents as follow() decodes them, one after the other: [pixels], and whether it was in a worker.
DECODE = """async ({ decoder, limits, latents }) => {
  const live = new LiveDecoder(bytesOf(decoder), limits);
  const images = [];
  for (const latent of latents)
    await new Promise((shown) => live.follow(live, latent, (pixels) => {
      images.push(Array.from(pixels));
      shown();
    }));
  return { images, inWorker: live.decoder === null };
}"""
SHOWN = "document.querySelector('.live').latest.frames"  # how many images


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Callable[..., Page]:
    """Opens the page, as a file, under a Content-Security-Policy if one is given."""

    def open_page(policy: str = "") -> Page:
        page.goto(write_page(tmp_path / "page.html", policy).as_uri())
        return page

    return open_page


def encoded() -> str:
    """The decoder, as the page is given it."""
    content = decoder_bytes(CONFIG, random_weights(CONFIG, SHAPE), SHAPE)
    return base64.b64encode(content).decode()


def show(page: Page, limits: dict[str, float]) -> None:
    """Show the live view with a decoder, until it has an image."""
    view = {"decoder": encoded(), "limits": limits, "points": 50}
    page.evaluate("view => void (window.live = openLive(view))", view)
    page.locator(".live[data-ready]").wait_for()


def press(page: Page) -> tuple[float, float]:
    """Press the mouse in the middle of the map, and return where."""
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def awaited(page: Page, program: str, **values: Any) -> Any:
    """What the promise that a program gives is fulfilled with; the test fails if it never is."""
    page.evaluate(f"values => void ({program})(values).then((it) => (window.it = it))", values)
    wait_until(lambda: page.evaluate("window.it !== undefined"))
    return page.evaluate("window.it")


@pytest.mark.parametrize(
    ("limits", "policy", "in_worker"),
    [
        (ON_PAGE, "", False),
        (IN_WORKER, "", True),
        (IN_WORKER, NO_WORKERS, False),
        (IN_WORKER, NO_WEBASSEMBLY, True),
    ],
    ids=["page", "worker", "no workers", "no WebAssembly"],
)
def test_every_place_decodes_the_same_images(
    opened: Callable[..., Page], limits: dict[str, float], policy: str, in_worker: bool
) -> None:
    """On the page's thread, in a worker, where a policy forbids workers and where it forbids
    WebAssembly, the images are Python's to 1e-4.
    """
    latents = np.array([[0, 0, 0], [0.7, -1.9, 2.4], [-3, 4, 0.01]], np.float32)
    network = NumpyAutoencoder(CONFIG, random_weights(CONFIG, SHAPE), SHAPE)
    expected = network.decode(latents).transpose(0, 2, 3, 1).reshape(3, -1)

    page = opened(policy)
    found = awaited(page, DECODE, decoder=encoded(), limits=limits, latents=latents.tolist())

    assert found["inWorker"] == in_worker
    np.testing.assert_allclose(found["images"], expected, atol=1e-4)
    assert expected.std() > 0.1  # and there is something to see


def test_the_newest_latent_wins(opened: Callable[..., Page]) -> None:
    """Of fifty latents at once, a worker decodes the one that was free, and the newest."""
    program = """({ decoder, limits }) => new Promise((ended) => {
      const live = new LiveDecoder(bytesOf(decoder), limits);
      const shown = [];
      for (let i = 0; i < 50; i++)
        live.follow(live, [i, 0, 0], () => {
          shown.push(i);
          if (i === 49) ended(shown);
        });
    })"""

    shown = awaited(opened(), program, decoder=encoded(), limits=IN_WORKER)

    assert shown == [0, 49]


def test_askers_do_not_displace_each_other(opened: Callable[..., Page]) -> None:
    """What one asker asks leaves the waiting latent of another alone."""
    program = """({ decoder, limits }) => new Promise((ended) => {
      const live = new LiveDecoder(bytesOf(decoder), limits);
      const shown = [];
      const ask = (asker, name) => live.ask(asker, [0, 0, 0], () => {
        shown.push(name);
        if (shown.length === 3) ended(shown);
      });
      const [film, image] = [{}, {}];
      ask(film, "film 1");
      ask(image, "image 1");
      ask(film, "film 2");
      ask(image, "image 2");
    })"""

    shown = awaited(opened(), program, decoder=encoded(), limits=IN_WORKER)

    assert shown == ["film 1", "image 2", "film 2"]


def test_a_decoder_that_was_closed_can_be_asked_again(opened: Callable[..., Page]) -> None:
    """Closing ends the worker and forgets what was asked; the next question starts another."""
    page = opened()
    program = """({ decoder, limits }) => new Promise((ended) => {
      const live = new LiveDecoder(bytesOf(decoder), limits);
      const shown = [];
      live.ask(live, [0, 0, 0], () => shown.push("before"));
      live.close();
      live.ask(live, [0, 0, 0], () => ended([...shown, "after"]));
    })"""

    shown = awaited(page, program, decoder=encoded(), limits=IN_WORKER)

    assert shown == ["after"]
    wait_until(lambda: len(page.workers) == 1)


def test_a_worker_leaves_the_page_free(opened: Callable[..., Page]) -> None:
    """While a drag's images come from a worker, nothing is decoded on the page's thread, the
    images beside the sliders included.
    """
    page = opened()
    show(page, IN_WORKER)
    page.evaluate(COUNTED)
    film = page.locator(".live canvas.frames").first
    before, shown = film.evaluate("canvas => canvas.toDataURL()"), page.evaluate(SHOWN)

    x, y = press(page)
    page.mouse.move(x + 60, y + 30, steps=10)
    page.wait_for_function(f"shown => {SHOWN} > shown", arg=shown)
    page.mouse.up()
    wait_until(lambda: film.evaluate("canvas => canvas.toDataURL()") != before)

    assert page.evaluate("window.decodesOnPage") == 0
    expect(page.locator(".note")).not_to_have_text(TOO_SLOW)


def test_a_small_decoder_answers_in_the_same_frame(opened: Callable[..., Page]) -> None:
    """The image of a latent is there when the animation frame that asked for it ends."""
    page = opened()
    show(page, ON_PAGE)
    images = page.evaluate(
        """() => new Promise((ended) => {
      const view = document.querySelector(".live");
      const image = () => view.querySelector(".decoded").toDataURL();
      const before = image();
      document.querySelector("[data-start=mean]").click();
      requestAnimationFrame(() => ended([before, image()]));
    })"""
    )

    assert images[0] != images[1]


def test_a_slow_decoder_waits_for_a_pause_and_says_so(opened: Callable[..., Page]) -> None:
    """Where decoding cannot follow, nothing is decoded while a drag goes on, the page says so, and
    the image comes once the drag rests.
    """
    page = opened()
    page.clock.install(time=0)
    show(page, AT_REST)
    page.clock.pause_at(3_600)  # from here on, time goes by as the test says
    wait_until(lambda: not page.evaluate("window.live.isBusy"))
    shown = page.evaluate(SHOWN)

    x, y = press(page)
    for step in range(1, 20):
        page.mouse.move(x + 5 * step, y)
        page.clock.run_for(100)
    expect(page.locator(".note")).to_have_text(TOO_SLOW)
    during = page.evaluate(SHOWN)
    page.clock.run_for(1_000)
    wait_until(lambda: page.evaluate(SHOWN) == shown + 1)
    page.mouse.up()

    assert during == shown


def test_a_fast_decoder_says_nothing(opened: Callable[..., Page]) -> None:
    """The sentence about slow decoding is not there while the image follows."""
    page = opened()
    show(page, ON_PAGE)

    expect(page.locator(".note")).to_be_hidden()
