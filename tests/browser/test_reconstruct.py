"""The Reconstruct page in a real browser: an image is picked, and one is drawn."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from autoencoder.runs import RunStore
from benchmarks.serving import Server
from tests.support.configs import TINY


@pytest.fixture
def opened(page: Page, server: Server, store: RunStore) -> Callable[..., Page]:
    """Opens the page of a run at an address."""

    def opening(**query: str) -> Page:
        page.goto(
            f"{server.address}/reconstruct?run={TINY.key}"
            + "".join(f"&{name}={value}" for name, value in query.items())
        )
        page.locator(".image-rows .images button").first.wait_for(timeout=60_000)
        return page

    return opening


def test_an_image_of_the_wall_is_picked(opened: Callable[..., Page]) -> None:
    """A click or the keys show an image large and put it into the address, which then restores
    it.
    """
    page = opened()
    tiles = page.locator(".image-rows .images button")
    tiles.nth(5).click()
    expect(page.get_by_label("Test image no.", exact=True)).to_have_value("5")
    tiles.nth(5).press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Test image no.", exact=True)).to_have_value("6")
    page.wait_for_url("**image=6*")
    page.reload()
    expect(page.locator(".image-rows [aria-pressed=true]")).to_have_attribute(
        "title", tiles.nth(6).get_attribute("title") or ""
    )


def test_a_drawing_is_made_and_taken_back(opened: Callable[..., Page]) -> None:
    """A stroke brings its reconstruction when it ends; undo brings back the empty sheet; another
    page keeps the drawing.
    """
    page = opened()
    paper = page.locator(".paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    expect(page.locator(".sketch .undo")).to_be_disabled()
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 200, steps=5)
    page.mouse.up()
    expect(page.get_by_text("What the network sees")).to_be_visible()
    page.get_by_role("link", name="Interpolate").click()
    page.locator(".interpolation").wait_for()
    page.get_by_role("link", name="Reconstruct").click()
    expect(page.get_by_text("What the network sees")).to_be_visible()
    expect(page.locator(".sketch .undo")).to_be_enabled()
    page.locator(".sketch .undo").click()
    expect(page.get_by_text("What the network sees")).to_have_count(0)
