"""Chromium, a visitor in it, and what the visitor comes to see."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.serving import CHROMIUM, Server, chromium
from tests.support.places import MODELS

PATIENCE = 60_000  # milliseconds, on a busy machine
expect.set_options(timeout=PATIENCE)


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
    context.set_default_timeout(PATIENCE)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert not errors
    assert page.locator('[data-testid="stException"]').count() == 0
    context.close()


@pytest.fixture(scope="module")
def served(
    request: pytest.FixtureRequest, data_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for all tests of a file, over the run of the project that the file calls GOOD; no
    test changes what another one looks at.
    """
    folder = tmp_path_factory.mktemp("served") / "models"
    shutil.copytree(MODELS / request.module.GOOD, folder / request.module.GOOD)
    server = Server(folder, data_folder)
    yield server
    server.stop()
