"""The dashboard talks to nobody but its own server, whatever its models folder says."""

import shutil
from pathlib import Path
from urllib.parse import urlencode, urlparse

import pytest
from playwright.sync_api import Page, expect

from benchmarks.serving import Server
from tests.faults.hostile_texts import (
    ALL,
    DEEP,
    ELSEWHERE,
    FAILED,
    FLAT,
    TEXTS,
    hostile_models,
)
from tests.support.places import MODELS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OWN = ("data", "blob", "about")  # schemes that lead nowhere
READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
FAVICONS = """
window.favicons = [];
new MutationObserver(() => {
  for (const link of document.querySelectorAll("link[rel~=icon]"))
    if (window.favicons.at(-1) !== link.href) window.favicons.push(link.href);
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
PAGES = (
    *("", "train", "reconstruct", "latent_space", "decode", "interpolate", "inspect", "compare"),
    "labs",
)
VISITS: list[tuple[str, dict[str, str]]] = [
    ("", {"open": f"sweep:{TEXTS[0]}", "search": ""}),
    *(("train", {"run": key}) for key in (FLAT, FAILED.key, ALL)),
    ("reconstruct", {"run": FLAT, "with": DEEP[-8:], "image": ALL}),
    ("latent_space", {"run": DEEP, "method": "UMAP"}),
    ("decode", {"run": FLAT, "z": ALL}),
    ("decode", {"run": FLAT, "view": "Samples"}),
    ("interpolate", {"run": FLAT, "with": f"{DEEP[-8:]},{ALL}", "path": ALL}),
    ("inspect", {"run": FLAT, "view": "Denoising", "with": DEEP[-8:]}),
    ("compare", {"runs": f"{FLAT[-8:]},{DEEP[-8:]},{ALL}"}),
    ("labs", {"lab": "E1"}),
]


class Visitor:
    """A browser that notes what leaves the server's address, and which links lead away from it."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page, self.own = page, urlparse(server.address).netloc
        self.address = server.address
        self.elsewhere: list[str] = []
        page.add_init_script(FAVICONS)
        page.route(lambda address: self._is_elsewhere(address), lambda route: route.abort())
        page.on("request", lambda request: self._note("fetched", request.url))
        page.on("websocket", lambda socket: self._note("connected to", socket.url))

    def visit(self, place: str, query: dict[str, str]) -> None:
        """Open a page, wait until it is drawn, and look at its links and its icons."""
        self.page.goto(f"{self.address}/{place}?{urlencode(query)}")
        self.page.locator(READY).wait_for()
        expect(
            self.page.get_by_test_id("stMain")
            .get_by_text("What am I looking at?")
            .or_(self.page.get_by_test_id("stAlert"))
            .first
        ).to_be_attached(timeout=60_000)
        self.page.locator(READY).wait_for()
        waiting = self.page.locator(".in-view")  # figures
        while left := waiting.count():
            waiting.evaluate_all("all => all[0]?.scrollIntoView()")
            expect(waiting).not_to_have_count(left, timeout=30_000)
        self.page.locator(READY).wait_for()
        for address in self.page.evaluate("window.favicons"):
            self._note(f"/{place} has the icon", address)
        links = self.page.eval_on_selector_all("a[href]", "all => all.map(each => each.href)")
        for address in [each for each in links if ELSEWHERE in urlparse(each).netloc + each[:7]]:
            self.elsewhere.append(f"/{place} links to {address}")
        for address in links:
            if address.startswith("mailto:"):
                self.elsewhere.append(f"/{place} links to {address}")

    def _note(self, what: str, address: str) -> None:
        if self._is_elsewhere(address):
            self.elsewhere.append(f"{what} {address[:200]}")

    def _is_elsewhere(self, address: str) -> bool:
        parts = urlparse(address)
        return parts.scheme not in OWN and parts.netloc != self.own


@pytest.fixture
def visitor(page: Page, server: Server) -> Visitor:
    """A browser at a fresh server."""
    return Visitor(page, server)


def test_every_page_talks_to_its_own_server_only(visitor: Visitor, tmp_path: Path) -> None:
    """No request leaves the server's address, and no icon comes from elsewhere."""
    shutil.copytree(MODELS / FLAT, tmp_path / "models" / FLAT)
    for place in PAGES:
        visitor.visit(place, {})

    assert "\n".join(sorted(set(visitor.elsewhere))) == ""


def test_no_text_of_a_folder_reaches_elsewhere(visitor: Visitor, tmp_path: Path) -> None:
    """Whatever titles, notes, errors, reports, kept figures and addresses say: no request leaves
    the server's address, and no text becomes a link.
    """
    hostile_models(tmp_path / "models")
    for place, query in VISITS:
        visitor.visit(place, query)

    assert "\n".join(sorted(set(visitor.elsewhere))) == ""
