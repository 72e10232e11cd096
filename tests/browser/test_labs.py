"""A lab's report in a browser: its figures are drawn as they come into view."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, expect

from autoencoder import figures
from autoencoder.labs import report as reports
from autoencoder.labs.pictures import figure
from autoencoder.labs.report import Part
from benchmarks.serving import Server
from tests.support.reports import REPORT

DRAWN = ".js-plotly-plot .main-svg:first-of-type"
PLACE = ".in-view"


def test_scrolling_draws_every_figure(page: Page, server: Server, tmp_path: Path) -> None:
    """Figures below the window wait until the visitor scrolls to them; then all of a row come, and
    the page is as long as it was.
    """
    drawn = figures.latent_scatter(np.zeros((3, 2)), np.zeros(3, int), ["0"])
    maps = [figure(f"map{n}", f"Map {n}", "Points.", drawn) for n in range(8)]
    rows = [maps[first : first + 2] for first in range(0, len(maps), 2)]
    part = Part("A section", 15 * list(REPORT.claims), rows)
    report = replace(REPORT, parts=[part], quick=False)
    reports.write(tmp_path / "models", "E1-digits", report)
    page.goto(f"{server.address}/labs?lab=E1")
    expect(page.locator(DRAWN)).to_have_count(2, timeout=60_000)
    expect(page.locator(PLACE)).to_have_count(6)
    main = page.get_by_test_id("stMain")
    height = main.evaluate("element => element.scrollHeight")

    for number in (2, 4, 6):
        page.get_by_text(f"Map {number}", exact=True).scroll_into_view_if_needed()
        expect(page.locator(DRAWN).nth(number + 1)).to_be_attached(timeout=60_000)
    expect(page.locator(PLACE)).to_have_count(0)
    assert abs(main.evaluate("element => element.scrollHeight") - height) < 100
