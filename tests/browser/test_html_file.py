"""The HTML file of a run, opened as a file in a browser that has no network."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from autoencoder.export.html import write_html
from autoencoder.runs import Run
from tests.support.places import MODELS, ROOT
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHIPPED = ROOT / "models" / "mnist-mlp-neighbours-d2-c7689cb4"
DEEP = MODELS / "digits-conv-d8-a63e8754"
LOCAL = ("file:", "blob:", "data:")
PICTURE = "canvas => canvas.toDataURL()"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the file of the shipped map of MNIST."""
    return file_of(SHIPPED, tmp_path_factory.mktemp("file"))


def file_of(folder: Path, place: Path) -> str:
    """Write the file of a run; its address."""
    write_html(Run.read(folder), place / "run.html")
    return (place / "run.html").as_uri()


@contextmanager
def visitor(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A visitor without a network who has opened the file. Afterwards: nothing was asked for, and
    nothing was written to the console.
    """
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, **options})
    context.set_offline(True)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url))
    page.goto(address)
    page.locator("html[data-ready=all]").wait_for(timeout=60_000)
    yield page
    assert [each for each in complaints if not each.startswith(LOCAL)] == []
    context.close()


def changes(page: Page, place: str, does: Callable[[], object]) -> None:
    """After does(), the canvas at a place shows something else."""
    canvas = page.locator(place).first
    before = canvas.evaluate(PICTURE)
    does()
    wait_until(lambda: canvas.evaluate(PICTURE) != before)


def drag(page: Page, by: tuple[int, int]) -> None:
    """From the middle of the pad, with the mouse."""
    box = page.locator(".live .pad").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0], y + by[1], steps=4)
    page.mouse.up()


def test_the_file_works_without_a_network(browser: Browser, shipped: str) -> None:
    """From a file, offline: the pad decodes under mouse and keys, classes are hidden, a slider
    decodes, images are chosen for an interpolation, reconstructions are sorted and found on the
    map, the film of the training goes back to its start, and colours turn dark.
    """
    with visitor(browser, shipped, color_scheme="light") as page:
        decoded, pad = ".live .decoded", page.locator(".live .pad")
        ring = page.locator(".live .frame > div > canvas").first.bounding_box()  # on image no. 0
        assert ring is not None
        page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
        expect(page.locator(".live .magnifier")).to_be_visible()
        expect(page.locator(".live .magnifier span")).to_have_text("no. 0, class 7")
        changes(page, decoded, lambda: drag(page, (120, -90)))
        changes(page, decoded, lambda: pad.press("ArrowLeft"))
        changes(page, decoded, lambda: page.locator(".live .slider input").first.press("End"))

        chip = page.locator(".live .chips button").first
        changes(page, ".live .pad", chip.click)
        expect(chip).to_have_attribute("aria-pressed", "false")

        view, play = page.locator(".interpolation"), page.locator(".interpolation .play")
        expect(play).to_have_attribute("aria-label", "Play")  # out of sight, it waits
        view.evaluate("view => view.scrollIntoView()")
        expect(play).to_have_attribute("aria-label", "Pause")
        view.locator(".grid button").nth(7).click()
        expect(view.locator(".slots b").first).to_have_text("A")
        expect(view.locator(".slots .take span").first).to_contain_text("no. 7")
        expect(page.locator(".interpolation[data-ready]")).to_be_visible()
        changes(
            page, ".interpolation .latent", lambda: view.locator("[data-frame='6']").nth(1).click()
        )

        errors = page.locator(".reconstructions")
        errors.get_by_role("button", name="Largest error").click()
        worst = [float(each) for each in errors.locator(".pairs span").all_text_contents()]
        assert worst == sorted(worst, reverse=True) and worst[0] > 0.05
        changes(page, decoded, errors.locator(".pairs button").first.click)

        film = page.locator(".training-view")
        changes(page, ".training-view .map canvas", lambda: film.locator("input").press("Home"))
        expect(film.locator(".caption")).to_contain_text("poch 1 of 40")

        page.get_by_role("button", name="Dark colours").click()
        expect(page.locator("body")).to_have_css("background-color", "rgb(19, 20, 25)")


def touch_drag(session: CDPSession, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger, from one place of the window to another."""
    for kind, places in (
        ("touchStart", [start]),
        ("touchMove", [((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)]),
        ("touchMove", [end]),
        ("touchEnd", []),
    ):
        points = [{"x": x, "y": y} for x, y in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_phone_shows_it_all(browser: Browser, shipped: str) -> None:
    """On a phone nothing is wider than the window, and a finger on the pad decodes and does not
    scroll the page.
    """
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with visitor(browser, shipped, color_scheme="dark", **phone) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        expect(page.locator("body")).to_have_css("background-color", "rgb(19, 20, 25)")
        page.evaluate("scrollTo({ top: 150, behavior: 'instant' })")
        box = page.locator(".live .pad").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        session = page.context.new_cdp_session(page)
        end = (middle[0] + 40, middle[1] - 120)
        changes(page, ".live .decoded", lambda: touch_drag(session, middle, end))
        assert page.evaluate("scrollY") == 150

        chip = page.locator(".live .chips button").nth(2)
        changes(page, ".live .pad", chip.click)  # Chromium swallows some taps after a drag


def test_many_dimensions_have_many_sliders(browser: Browser, tmp_path: Path) -> None:
    """A run of eight latent values has PCA's map and a slider for each value, which decodes; for
    those who want no motion nothing moves by itself.
    """
    address = file_of(DEEP, tmp_path)
    with visitor(browser, address, reduced_motion="reduce") as page:
        expect(page.locator("#map .about")).to_contain_text("PCA of the latents")
        expect(page.locator(".live .axes")).to_have_text("across PC 1 · up PC 2")
        expect(page.locator(".live .slider")).to_have_count(8)
        slider = page.locator(".live .slider input").last
        changes(page, ".live .decoded", lambda: slider.press("Home"))
        page.locator("#interpolation").scroll_into_view_if_needed()
        expect(page.locator(".interpolation .play")).to_have_attribute("aria-label", "Play")


def test_a_browser_that_is_too_old_says_so(browser: Browser, tmp_path: Path) -> None:
    """Where a browser lacks what the file needs, there is a sentence instead of an empty page."""
    context = browser.new_context()
    context.add_init_script("delete globalThis.DecompressionStream")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file_of(DEEP, tmp_path))

    expect(page.get_by_role("alert")).to_contain_text("cannot show the file")
    assert errors == []
    context.close()
