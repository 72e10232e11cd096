"""The live views in a real browser: dragging, keys, links, themes, many runs, and what they leave
behind.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from autoencoder.analysis import paths
from autoencoder.analysis.distance_to_data import RealImages
from autoencoder.analysis.metrics import to_unit
from autoencoder.formatting import number
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from benchmarks.serving import Server
from tests.support.configs import DEEP, TINY
from tests.support.places import MODELS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOD = "digits-conv-d2-73c117ff"
NAMES = {TINY.key: "epochs 2, learning rate 0.1", DEEP.key: "mlp, variational"}  # parts of them
LEVELS = """canvas => {
  const { width, height } = canvas;
  const bytes = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  return Array.from({ length: width * height }, (_, i) => bytes[4 * i]);
}"""


@pytest.fixture(scope="module")
def served(
    trained: Path, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server over two small trained runs and a good one; no test here
    changes a run.
    """
    folder = tmp_path_factory.mktemp("served") / "models"
    shutil.copytree(trained, folder)
    shutil.copytree(MODELS / GOOD, folder / GOOD)
    server = Server(folder, data_folder)
    yield server
    server.stop()


@pytest.fixture
def messages(page: Page) -> list[float]:
    """When the page spoke to the server."""
    found: list[float] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda payload: found.append(time.monotonic())),
    )
    return found


def open_live(page: Page, server: Server, run: str, **query: str) -> None:
    """The decode page of a run, until its live view is ready and the page is at rest."""
    page.goto(
        f"{server.address}/decode?run={run}"
        + "".join(f"&{name}={value}" for name, value in query.items())
    )
    ready(page)


def ready(page: Page) -> None:
    """Until the live view shows an image."""
    page.locator(".live[data-ready]").wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")


def levels(canvas: Locator) -> list[int]:
    """The grey levels on a canvas."""
    return list(canvas.evaluate(LEVELS))


def changed(canvas: Locator, before: list[int]) -> list[int]:
    """The grey levels once they are others than `before`."""
    deadline = time.monotonic() + 20
    while (now := levels(canvas)) == before:
        assert time.monotonic() < deadline, "the image did not change"
    return now


def drag(
    page: Page,
    target: Locator,
    *,
    share: float = 0.2,
    while_down: Callable[[], object] = lambda: None,
) -> None:
    """Press in the middle, move by a `share` of the size to the lower right in ten steps, do
    `while_down`, let go.
    """
    box = target.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + share * box["width"], y + share * box["height"], steps=10)
    while_down()
    page.mouse.up()


def test_dragging_decodes_without_the_server(
    page: Page, served: Server, messages: list[float]
) -> None:
    """The image changes while the button is down, nothing is sent meanwhile, and one message
    follows when it is let go.
    """
    open_live(page, served, TINY.key)
    image, before = page.locator("canvas.decoded"), levels(page.locator("canvas.decoded"))
    sent = len(messages)
    during: list[int] = []

    def look() -> None:
        changed(image, before)
        during.append(len(messages) - sent)

    drag(page, page.locator("canvas.pad"), while_down=look)
    expect(page).to_have_url(re.compile(r"z="))
    page.wait_for_load_state("networkidle")

    assert during == [0]
    assert len(messages) - sent == 1


# The page's animation frames, run by the test: window.waiting holds the callbacks.
HELD_FRAMES = """() => {
  window.waiting = [];
  window.requestAnimationFrame = (callback) => window.waiting.push(callback);
  window.cancelAnimationFrame = () => {};
}"""
RUN_FRAME = "time => { for (const callback of window.waiting.splice(0)) callback(time); }"
# Counts what is painted point by point: circles on any canvas.
COUNTED_CIRCLES = """() => {
  window.circles = 0;
  const { arc } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.arc = function (...sizes) {
    window.circles++;
    return arc.apply(this, sizes);
  };
}"""


def test_dragging_leaves_the_points_alone(page: Page, served: Server) -> None:
    """A drag that decodes paints no point of the map, and a hidden class paints them anew."""
    open_live(page, served, TINY.key)
    image, before = page.locator("canvas.decoded"), levels(page.locator("canvas.decoded"))
    page.evaluate(COUNTED_CIRCLES)

    drag(page, page.locator("canvas.pad"), while_down=lambda: changed(image, before))

    assert page.evaluate("window.circles") == 0
    page.locator(".live .chips button").first.click()
    page.wait_for_function("window.circles > 0")


def test_the_ring_is_under_the_pointer(page: Page, served: Server) -> None:
    """While the point is dragged, the middle of its ring is within a pixel of the pointer."""
    open_live(page, served, TINY.key)
    image, before = page.locator("canvas.decoded"), levels(page.locator("canvas.decoded"))
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    middles: list[tuple[float, float]] = []

    def look() -> None:
        changed(image, before)
        ring = page.locator("canvas.pad + div canvas").first.bounding_box()
        assert ring is not None
        middles.append((ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2))

    drag(page, page.locator("canvas.pad"), while_down=look)

    assert middles[0] == pytest.approx(
        (box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"]), abs=1
    )


def test_late_frames_leave_the_filmstrips_for_later(page: Page, served: Server) -> None:
    """While a drag's frames are late only the decoded image follows, and once it is let go the
    filmstrips do, too.
    """
    open_live(page, served, DEEP.key)
    image, film = page.locator("canvas.decoded"), page.locator(".live canvas.frames").first
    box = page.locator("canvas.pad").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.evaluate(HELD_FRAMES)
    page.mouse.move(x, y)
    page.mouse.down()

    def go(step: int) -> tuple[list[int], list[int]]:
        page.mouse.move(x + 15 * step, y)
        page.evaluate(RUN_FRAME, 10_000 + 100 * step)
        return levels(image), levels(film)

    go(1)  # the first has no one before it
    images, films = zip(*(go(step) for step in range(2, 6)), strict=True)
    page.mouse.up()
    for frame in range(100):
        page.evaluate(RUN_FRAME, 11_000 + 16 * frame)

    assert len({tuple(each) for each in images}) == 4
    assert len({tuple(each) for each in films}) == 1
    assert levels(film) != films[-1]


def test_a_drag_takes_one_callback_per_frame(page: Page, served: Server) -> None:
    """However many moves come between two frames, one animation callback waits for the next."""
    open_live(page, served, DEEP.key)
    page.evaluate(HELD_FRAMES)
    waiting: list[int] = []

    drag(
        page,
        page.locator("canvas.pad"),
        while_down=lambda: waiting.append(page.evaluate("window.waiting.length")),
    )

    assert waiting == [1]


def test_the_front_page_can_be_touched(page: Page, served: Server) -> None:
    """The first thing on the front page is a map that decodes what is dragged over it."""
    page.goto(served.address)
    ready(page)
    image, before = page.locator("canvas.decoded"), levels(page.locator("canvas.decoded"))

    drag(page, page.locator("canvas.pad"), while_down=lambda: changed(image, before))

    expect(page.get_by_role("link", name="Decode with this run")).to_be_visible()


def test_the_browser_decodes_as_torch_does(page: Page, served: Server, trained: Path) -> None:
    """A latent in the address is shown as the pixels that torch decodes it to, to one grey
    level.
    """
    open_live(page, served, DEEP.key, z="0.5,-1,0.25,2,0")
    run = RunStore(trained).get(DEEP.key)
    network = inference.rebuild(run.config, run.weights())
    expected = 255 * inference.decode(network, np.array([[0.5, -1, 0.25, 2, 0]]))[0, 0]

    shown = np.array(levels(page.locator("canvas.decoded"))).reshape(8, 8)

    assert np.abs(shown - expected).max() <= 1


def test_a_link_reproduces_the_picture(page: Page, browser: Browser, served: Server) -> None:
    """Whoever opens the address after a drag sees the same image, and so does a reload."""
    open_live(page, served, TINY.key)
    drag(page, page.locator("canvas.pad"))
    expect(page).to_have_url(re.compile(r"z="))
    mine = np.array(levels(page.locator("canvas.decoded")))

    other = browser.new_page()
    other.goto(page.url)
    ready(other)
    page.reload()
    ready(page)

    for each in (other, page):
        assert (
            np.abs(np.array(levels(each.locator("canvas.decoded"))) - mine).max() <= 2
        )  # the address rounds
    other.close()


def test_a_slider_moves_image_and_filmstrips(page: Page, served: Server) -> None:
    """While a slider is dragged the image follows, and so do the films of the other dimensions."""
    open_live(page, served, DEEP.key)
    image = page.locator("canvas.decoded")
    slider = page.locator(".live").get_by_role("slider", name="z1", exact=True)
    film = page.locator('[data-dimension="2"] canvas.frames')
    before, film_before = levels(image), levels(film)

    def look() -> None:
        changed(image, before)
        changed(film, film_before)

    drag(page, slider, while_down=look)


def test_the_keyboard_is_enough(page: Page, served: Server, messages: list[float]) -> None:
    """The pad is reached by Tab, arrow keys move its point and decode, and one message follows when
    the key is let go.
    """
    open_live(page, served, TINY.key)
    image, before = page.locator("canvas.decoded"), levels(page.locator("canvas.decoded"))
    focused = (
        "() => { let e = document.activeElement; while (e?.shadowRoot) e ="
        " e.shadowRoot.activeElement; return e?.className }"
    )
    for _ in range(60):
        page.keyboard.press("Tab")
        if "pad" in str(page.evaluate(focused)):
            break
    else:
        pytest.fail("Tab never came to the pad")
    sent = len(messages)

    for _ in range(30):  # as a key that is held repeats itself
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    changed(image, before)
    expect(page).to_have_url(re.compile(r"z="))
    page.wait_for_load_state("networkidle")

    assert len(messages) - sent == 1


def test_a_change_of_theme_keeps_place_and_image(page: Page, served: Server) -> None:
    """Dark after light: still one live view with the same image, which still answers to a drag."""
    open_live(page, served, TINY.key)
    image = page.locator("canvas.decoded")
    drag(page, page.locator("canvas.pad"))
    expect(page).to_have_url(re.compile(r"z="))
    before = levels(image)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'"
    )

    expect(page.locator(".live")).to_have_count(1)
    assert levels(image) == before
    drag(page, page.locator("canvas.pad"), share=-0.3, while_down=lambda: changed(image, before))


def test_coming_back_to_the_page_finds_the_latent(page: Page, served: Server) -> None:
    """Another page and back again: the latent that was left is there."""
    open_live(page, served, TINY.key)
    drag(page, page.locator("canvas.pad"))
    expect(page).to_have_url(re.compile(r"z="))
    left = np.array(levels(page.locator("canvas.decoded")))
    page.get_by_role("link", name="Reconstruct").click()
    expect(page.get_by_role("heading", name="Reconstruct")).to_be_visible()
    page.get_by_role("link", name="Decode").click()
    ready(page)

    assert np.abs(np.array(levels(page.locator("canvas.decoded"))) - left).max() <= 2


def test_two_tabs_do_not_disturb_each_other(page: Page, served: Server) -> None:
    """A drag in a second tab of the same browser leaves the first tab's image as it was."""
    open_live(page, served, TINY.key)
    before = levels(page.locator("canvas.decoded"))
    second = page.context.new_page()
    open_live(second, served, TINY.key)
    drag(second, second.locator("canvas.pad"))
    expect(second).to_have_url(re.compile(r"z="))

    assert levels(page.locator("canvas.decoded")) == before
    assert levels(second.locator("canvas.decoded")) != before


def test_fifty_runs_leave_nothing_behind(page: Page, served: Server) -> None:
    """Changing the run fifty times leaves as many live views, nodes and listeners as five times
    did, and no more memory.
    """
    open_live(page, served, TINY.key)
    titles = {TINY.key: DEEP.key, DEEP.key: TINY.key}
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    shown, early = TINY.key, {}
    for count in range(1, 51):
        shown = titles[shown]
        choose(page, shown)
        if count == 10:
            early = measured(session)
    late = measured(session)

    assert late["Nodes"] <= 1.1 * early["Nodes"]
    assert late["JSEventListeners"] <= 1.1 * early["JSEventListeners"]
    assert late["JSHeapUsedSize"] <= 1.1 * early["JSHeapUsedSize"]


def choose(page: Page, key: str) -> None:
    """Pick a run in the title row, and wait for its live view."""
    page.get_by_role("button", name=re.compile("Digits,")).first.click()
    page.get_by_role("combobox", name="The run that this page shows").click()
    page.get_by_role("option", name=NAMES[key]).click()
    expect(page).to_have_url(re.compile(f"run={key}"))
    page.keyboard.press("Escape")
    page.locator(f'.live[data-ready^="{key}"]').wait_for(timeout=60_000)
    expect(page.locator(".live")).to_have_count(1)  # the other run's goes when the page is done


def measured(session) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """What the page holds after a garbage collection."""
    session.send("HeapProfiler.collectGarbage")
    return {
        metric["name"]: metric["value"]
        for metric in session.send("Performance.getMetrics")["metrics"]
    }


@pytest.fixture
def downloads(tmp_path: Path) -> Iterator[Path]:
    """A place for what is downloaded."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    yield folder


def test_the_gif_shows_what_the_page_shows(page: Page, served: Server, downloads: Path) -> None:
    """Frame by frame, the GIF that is downloaded holds the images of the latent path on the page,
    and a browser plays it.
    """
    from PIL import Image, ImageSequence

    page.goto(f"{served.address}/interpolate?run={GOOD}&images=1,7&frames=6&path=linear")
    strip = page.locator('[data-way="latent"] canvas')
    expect(strip).to_have_count(6)
    page.locator(".interpolation[data-ready]").wait_for(timeout=60_000)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Latent GIF").click()
    path = downloads / "path.gif"
    waiting.value.save_as(path)

    with Image.open(path) as film:
        small = [
            frame.convert("L").resize((8, 8), Image.Resampling.NEAREST)
            for frame in ImageSequence.Iterator(film)
        ]
    frames = [np.array(frame).astype(int) for frame in small]
    for index in range(6):
        shown = np.array(levels(strip.nth(index))).reshape(8, 8)
        assert np.abs(shown - frames[index]).max() <= 2
    page.goto(path.as_uri())
    assert page.evaluate(
        "() => document.images[0].complete && document.images[0].naturalWidth > 100"
    )


def test_the_address_names_the_pair(page: Page, served: Server) -> None:
    """Picking images puts them into the address."""
    page.goto(f"{served.address}/interpolate?run={TINY.key}")
    page.locator(".interpolation[data-ready]").wait_for(timeout=60_000)
    page.get_by_role("button", name="Next pair").click()
    expect(page).to_have_url(re.compile(r"images="))

    images = parse_qs(urlparse(page.url).query)["images"][0].split(",")
    assert len(images) == 2


def pair_of(page: Page) -> list[int]:
    """The images in the address."""
    return [int(text) for text in parse_qs(urlparse(page.url).query)["images"][0].split(",")]


def test_the_numbers_under_a_blend_are_pythons(page: Page, served: Server) -> None:
    """Each frame of the pixel blend shows its distance to the nearest test image other than both
    ends, as Python measures it.
    """
    images = RunStore(MODELS).get(GOOD).evaluation().images
    ends = images[[1, 7]]
    frames = paths.path(to_unit(ends).reshape(2, -1), 6, kind="linear").reshape(6, *ends.shape[1:])
    expected = RealImages(images).distances(frames, without=ends)
    page.goto(f"{served.address}/interpolate?run={GOOD}&images=1,7&frames=6")
    page.locator(".interpolation[data-ready]").wait_for(timeout=60_000)

    for frame, distance in enumerate(expected):
        cell = page.locator(f'[data-way="pixels"] [data-frame="{frame}"]')
        expect(cell).to_have_attribute("aria-label", re.compile(f"MSE {number(distance)} to"))


def test_a_random_pair_is_drawn_by_keyboard_and_kept(page: Page, served: Server) -> None:
    """A press on the button draws a pair of the chosen classes into the address, a second one
    another pair, and a reload keeps it.
    """
    labels = RunStore(MODELS).get(GOOD).evaluation().labels
    page.goto(f"{served.address}/interpolate?run={GOOD}&images=1,7")
    page.locator(".interpolation[data-ready]").wait_for(timeout=60_000)
    page.get_by_label("Class of a random image A").focus()
    page.keyboard.press("3")
    page.keyboard.press("Tab")
    page.keyboard.press("8")
    pairs = [[1, 7]]
    for _ in range(2):
        page.get_by_role("button", name="Random pair").press("Enter")
        shown = re.compile(f"images=(?!{'%2C'.join(map(str, pairs[-1]))}(&|$))")
        expect(page).to_have_url(shown)
        pairs.append(pair_of(page))
    page.reload()
    page.locator(".interpolation[data-ready]").wait_for(timeout=60_000)

    assert [labels[pair].tolist() for pair in pairs[1:]] == [[3, 8], [3, 8]]
    assert pair_of(page) == pairs[-1]
    for letter, index in zip("AB", pairs[-1], strict=True):
        slot = page.get_by_role("button", name=f"Image {letter}: no. {index}, class ")
        expect(slot).to_be_visible()
