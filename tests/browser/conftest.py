"""Chromium, and a visitor in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.serving import CHROMIUM, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium: apt-get install chromium")
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor; an exception box or an error of our scripts fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()
