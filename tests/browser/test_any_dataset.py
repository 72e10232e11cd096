"""Pages with live parts on runs of added data sets, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from benchmarks.serving import Server
from tests.support.added_datasets import train_on_all

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LIVE = {  # page -> what is there once its live part is drawn
    "latent_space": ".linked-maps[data-ready]",
    "decode": ".live[data-ready]",
    "interpolate": ".interpolation[data-ready]",
    "reconstruct": ".image-rows button[aria-pressed]",
}
SHOWN = ("unlabelled", "strange", "large")  # the others differ from these in Python only


@pytest.fixture(scope="module")
def keys(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server over runs of such data sets, and their keys."""
    folder = tmp_path_factory.mktemp("any")
    runs = train_on_all(folder)
    server = Server(folder / "models", folder / "data")
    yield server, runs
    server.stop()


def test_live_parts_are_drawn_for_any_data_set(
    page: Page, keys: tuple[Server, dict[str, str]]
) -> None:
    """Unlabelled, with many classes or with large images: every live part is drawn, no page is
    wider than the window, and nothing fails.
    """
    server, runs = keys
    for name in SHOWN:
        for address, ready in LIVE.items():
            page.goto(f"{server.address}/{address}?run={runs[name]}")
            page.locator(ready).first.wait_for(timeout=60_000)

            assert page.locator('[data-testid="stException"]').count() == 0, (name, address)
            main = page.locator('[data-testid="stMain"]')
            assert main.evaluate("each => each.scrollWidth <= each.clientWidth"), (name, address)
            chips = page.locator(".chips").first
            if address != "reconstruct" and chips.count():
                assert chips.evaluate("each => each.clientHeight") <= 120, (name, address)
