"""The front page's live map in a real browser: it moves by itself until a visitor takes it over."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.serving import Server
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOD = "digits-conv-d2-73c117ff"
PIXELS = "canvas => canvas.toDataURL()"
MANY = 12  # frames, some of which would be seen if anything moved


def open_home(page: Page, server: Server) -> None:
    """The front page, until its map is drawn and the page is at rest."""
    page.goto(server.address)
    page.locator(".live[data-ready]").wait_for(timeout=60_000)
    page.wait_for_load_state("networkidle")


def decoded(page: Page) -> str:
    """The decoded image as text."""
    return str(page.locator("canvas.decoded").evaluate(PIXELS))


def frames(page: Page) -> int:
    """How many images were decoded."""
    return int(page.locator(".live").evaluate("root => root.latest.frames"))


def is_moving(page: Page) -> bool:
    """Whether the point moves by itself."""
    return page.locator(".live").get_attribute("data-tour") == "moving"


def pass_frames(page: Page) -> None:
    """Let the browser draw MANY frames and more, during which a tour would have moved."""
    page.evaluate(
        "count => new Promise(done => { const next = () => count-- ? requestAnimationFrame(next)"
        " : done(); next(); })",
        3 * MANY,
    )


def test_the_map_moves_by_itself_without_the_server(page: Page, served: Server) -> None:
    """The decoded image changes again and again, and nothing is sent for it."""
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(text)))
    open_home(page, served)
    before, count = frames(page), len(sent)
    images = {decoded(page)}
    wait_until(lambda: images.add(decoded(page)) or len(images) > 3)
    wait_until(lambda: frames(page) > before + MANY)

    assert sent[count:] == []


@pytest.mark.parametrize(
    "touch",
    [
        lambda page: page.locator("canvas.pad").click(),
        lambda page: page.locator("canvas.pad").focus(),
    ],
    ids=["click", "keyboard focus"],
)
def test_the_map_is_the_visitors_after_the_first_touch(
    page: Page, served: Server, touch: Callable[[Page], object]
) -> None:
    """It stands still for good, also when the visitor has gone to another page and come back."""
    open_home(page, served)
    wait_until(lambda: is_moving(page))
    touch(page)
    wait_until(lambda: not is_moving(page))
    pass_frames(page)
    image = decoded(page)
    pass_frames(page)
    assert decoded(page) == image

    page.get_by_role("link", name="Labs").first.click()
    page.get_by_role("heading", name="Labs").wait_for()
    page.get_by_role("link", name="Runs").first.click()
    page.locator(".live[data-ready]").wait_for(timeout=60_000)
    pass_frames(page)
    assert not is_moving(page)


def test_the_map_rests_where_nobody_sees_it(page: Page, served: Server) -> None:
    """Nothing is decoded while the map is out of the window, and it goes on when it is back."""
    open_home(page, served)
    wait_until(lambda: is_moving(page))
    page.locator(".live").evaluate("root => { root.style.marginTop = '5000px'; }")
    wait_until(lambda: not is_moving(page))
    pass_frames(page)
    before = frames(page)
    pass_frames(page)
    assert frames(page) == before

    page.locator(".live").evaluate("root => { root.style.marginTop = ''; }")
    wait_until(lambda: frames(page) > before + MANY)


def test_reduced_motion_is_a_still_picture(browser: Browser, served: Server) -> None:
    """Who has asked for reduced motion sees one decoded image, which stays."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    open_home(page, served)
    pass_frames(page)
    image = decoded(page)
    pass_frames(page)

    assert decoded(page) == image and not is_moving(page)
    context.close()
