"""The latent map in a real browser: what is selected on one map is selected on the other, shown,
and kept.
"""

import math
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.serving import Server
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GOOD = "digits-conv-d8-a63e8754"


@pytest.fixture
def maps(page: Page, served: Server) -> Locator:
    """The latent map of a good run, latents beside pixels, ready."""
    page.goto(f"{served.address}/latent_space?run={GOOD}&beside=true")
    expect(page.locator("canvas.map")).to_have_count(2)
    ready = page.locator(".linked-maps[data-ready]")
    ready.wait_for()
    return ready


def lasso(page: Page, canvas: Locator) -> None:
    """A circle over the middle third of a map."""
    page.get_by_role("button", name="Lasso").click()
    box = canvas.bounding_box()
    assert box is not None
    x, y, radius = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"] / 6
    page.mouse.move(x + radius, y)
    page.mouse.down()
    for step in range(1, 26):
        page.mouse.move(x + radius * math.cos(step / 4), y + radius * math.sin(step / 4))
    page.mouse.up()


def test_a_lasso_leads_to_a_gallery(page: Page, maps: Locator) -> None:
    """What a lasso on one map holds is counted, fades what is not on the other map, too, and
    appears as images.
    """
    other = page.locator('canvas.map[data-space="pixels"]')
    before = other.evaluate("canvas => canvas.toDataURL()")

    lasso(page, page.locator('canvas.map[data-space="latents"]'))

    expect(maps).to_have_attribute("data-selected", re.compile("[1-9]"))
    count = int(str(maps.get_attribute("data-selected")))
    assert 1 < count < 360
    expect(page.get_by_text(f"{count} selected").last).to_be_visible()
    expect(page.locator(".wall").first).to_be_visible()
    wait_until(lambda: other.evaluate("canvas => canvas.toDataURL()") != before)


def test_the_selection_outlives_another_projection(page: Page, maps: Locator) -> None:
    """A selection stays when the colour changes; Escape clears it."""
    lasso(page, page.locator('canvas.map[data-space="latents"]'))
    expect(maps).to_have_attribute("data-selected", re.compile("[1-9]"))
    count = maps.get_attribute("data-selected")
    page.get_by_role("combobox", name="Colour").click()
    page.get_by_role("option", name="Reconstruction error").click()
    expect(page).to_have_url(re.compile("colour="))
    expect(page.locator(".linked-maps[data-ready]")).to_have_attribute("data-selected", str(count))

    page.locator('canvas.map[data-space="latents"]').focus()
    page.keyboard.press("Escape")

    expect(page.locator(".linked-maps[data-ready]")).to_have_attribute("data-selected", "0")


# Counts points that are painted: circles on canvases that are not in the page.
COUNTED_POINTS = """() => {
  window.points = 0;
  const { arc } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.arc = function (...sizes) {
    if (!this.canvas.isConnected) window.points++;
    return arc.apply(this, sizes);
  };
}"""


def test_a_shift_moves_what_is_painted(page: Page, maps: Locator) -> None:
    """A map that is shifted a little shows its points elsewhere and paints none of them; shifted
    by half its side, it paints those that come into view.
    """
    canvas = page.locator('canvas.map[data-space="latents"]')
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 6, y)
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.evaluate(COUNTED_POINTS)

    page.mouse.move(x + box["width"] / 10, y, steps=4)
    changed = "before => document.activeElement.shadowRoot.activeElement.toDataURL() !== before"
    page.wait_for_function(changed, arg=before)

    assert page.evaluate("window.points") == 0
    page.mouse.move(x + box["width"] / 2, y, steps=4)
    page.wait_for_function("window.points > 0")
    page.mouse.up()


def test_looking_at_points_paints_none(page: Page, maps: Locator) -> None:
    """The keys lead from point to point without painting any, and the ring goes with them."""
    canvas = page.locator('canvas.map[data-space="latents"]')
    canvas.focus()
    page.keyboard.press("ArrowRight")
    ring = page.locator('canvas.map[data-space="latents"] + div canvas').first
    before = ring.bounding_box()
    page.evaluate(COUNTED_POINTS)

    page.keyboard.press("ArrowRight")
    expect(maps.locator(".magnifier")).to_be_visible()

    wait_until(lambda: ring.bounding_box() != before)
    assert page.evaluate("window.points") == 0


def test_a_map_is_watched_while_it_forms(page: Page, served: Server) -> None:
    """Choosing the view starts the job; the map is painted anew from step to step until the last
    epoch, and the scrubber goes back to the first.
    """
    page.goto(f"{served.address}/latent_space?run={GOOD}&method=UMAP&look=Watch+it+form")
    film = page.locator(".steps-view")
    film.wait_for()
    map_, slider = film.locator(".map canvas"), film.get_by_role("slider")
    expect(film).to_have_attribute("data-epoch", re.compile("^[1-9][0-9]?$"))
    early = map_.evaluate("canvas => canvas.toDataURL()")
    expect(film).to_have_attribute("data-epoch", "500")
    late = map_.evaluate("canvas => canvas.toDataURL()")
    assert early != late
    expect(film.locator(".caption")).to_have_text(re.compile(r"Epoch 500 of 500 · loss \d"))

    slider.press("Home")
    expect(film).to_have_attribute("data-epoch", "0")
    wait_until(lambda: map_.evaluate("canvas => canvas.toDataURL()") != late)
    slider.press("ArrowRight")
    expect(film).to_have_attribute("data-epoch", re.compile("^[1-9]$"))
