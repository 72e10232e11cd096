"""A visitor with a real browser: the main job from the first click on, and deep links to a fresh
server.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autoencoder.runs import RunStore
from benchmarks.serving import Server
from tests.support.configs import TINY
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE_BAR = 60  # CSS pixels of the menu, which covers what is under it


def start_training(page: Page, server: Server, epochs: int) -> str:
    """From the front page: digits, the default network, a bottleneck of 2.

    Returns the run's key.
    """
    page.goto(server.address)
    page.get_by_role("button", name="Train a new run").click()
    page.get_by_role("combobox", name="Data set").click()
    page.get_by_role("option", name="Digits (8x8)").click()
    field = page.get_by_role("spinbutton", name="Epochs")
    expect(field).to_have_value("60")  # those of digits
    field.fill(str(epochs))
    field.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_url(re.compile(r"run=digits-conv-d2-"))
    return page.url.split("run=")[1]


def shown_error(page: Page) -> float:
    """The test error that the live view shows."""
    return float(str(page.locator(".training-view .caption").text_content()).rpartition(" ")[2])


def test_from_the_front_page_to_a_coloured_map(page: Page, server: Server) -> None:
    """A visitor trains on digits, sees the loss fall, opens the map, and finds every test image
    there in colour.
    """
    start_training(page, server, epochs=40)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 40"))).to_be_visible()
    expect(page.locator(".training-view .caption")).to_have_text(
        re.compile(r"epoch \d+ of 40 · test 0\.\d+")
    )
    early = shown_error(page)
    expect(page.get_by_text("Finished after")).to_be_visible()
    expect(page.locator(".training-view .caption")).to_have_text(re.compile("epoch 40 of 40"))
    assert shown_error(page) < early

    page.get_by_role("link", name="See the latent space").click()
    expect(page.get_by_role("heading", name="Latent space")).to_be_visible()
    page.locator(".linked-maps[data-ready]").wait_for()
    expect(page.get_by_text(re.compile("All 360 test images"))).to_be_visible()
    page.locator("[data-testid=stButtonGroup]").get_by_text("Plotly").click()
    page.wait_for_function("() => document.querySelector('.js-plotly-plot')?.data.length >= 10")
    points = (
        "() => document.querySelector('.js-plotly-plot')._fullData.reduce((sum, trace) => sum +"
        " trace._length, 0)"
    )
    assert page.evaluate(points) == 360
    colours = page.evaluate(
        "() => document.querySelector('.js-plotly-plot')._fullData.map(trace => [trace.name,"
        " trace.marker.color])"
    )
    assert len({name for name, _ in colours}) == len({colour for _, colour in colours}) == 10
    assert len({tuple(pair) for pair in colours}) == 10


def test_a_training_that_starts_is_in_view(page: Page, server: Server) -> None:
    """On a projector, with all options unfolded: the button is far below the live view, to which
    the page then scrolls; nothing covers it.
    """
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{server.address}/train")
    page.get_by_text("More", exact=True).click()
    field = page.get_by_role("spinbutton", name="Epochs", exact=True)
    field.fill("500")
    field.press("Enter")
    page.get_by_role("button", name="Train", exact=True).click()

    view = page.locator(".training-view")
    expect(view.locator(".caption")).to_have_text(re.compile(r"epoch [1-9]\d* of 500"))
    expect(view).to_be_in_viewport(ratio=1)
    scrubber, panes = (
        view.locator(".scrubber").bounding_box(),
        view.locator(".panes").bounding_box(),
    )
    assert scrubber is not None and panes is not None
    assert panes["y"] >= PAGE_BAR
    assert scrubber["y"] >= panes["y"] + panes["height"]
    page.get_by_role("button", name="Stop after this batch").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()


def test_a_training_survives_its_tab_and_its_server(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """The tab is closed, the server killed and started again: the run goes on, the page finds it,
    and Stop stops it.
    """
    key = start_training(page, server, epochs=5_000)
    store = RunStore(tmp_path / "models")
    wait_until(lambda: len(store.get(key).history) >= 1)
    page.goto("about:blank")
    server.stop()
    before = len(store.get(key).history)
    wait_until(lambda: len(store.get(key).history) > before)

    server.start()
    page.goto(f"{server.address}/train")
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 5000"))).to_be_visible()
    page.get_by_role("button", name="Stop after this batch").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible()
    assert store.get(key).state == "stopped"
    assert store.get(key).has_checkpoint


def test_a_deep_link_opens_on_a_fresh_server(page: Page, store: RunStore, server: Server) -> None:
    """The very first visit goes straight to a run's map: frame, title and points are there, and the
    address is kept.
    """
    page.goto(f"{server.address}/latent_space?run={TINY.key}")

    expect(page.get_by_role("heading", name="Latent space")).to_be_visible()
    expect(page.get_by_role("link", name="Interpolate")).to_be_visible()
    page.locator(".linked-maps[data-ready]").wait_for()
    expect(page.get_by_text(re.compile("All 360 test images"))).to_be_visible()
    assert f"run={TINY.key}" in page.url
    assert page.title().startswith("Latent space")


def test_the_run_stays_chosen_from_page_to_page(
    page: Page, store: RunStore, server: Server
) -> None:
    """Following the menu keeps the run, in the chip and in the address; so does reloading."""
    page.goto(f"{server.address}/latent_space?run={TINY.key}")
    expect(page.get_by_role("heading", name="Latent space")).to_be_visible()
    page.get_by_role("link", name="Decode").click()
    expect(page.get_by_role("heading", name="Decode")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/decode.*run={TINY.key}"))
    page.reload()
    expect(page.get_by_role("button", name=re.compile("Digits, conv, d = 2"))).to_be_visible()
