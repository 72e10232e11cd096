"""A run taken away from a page, and brought back on another server's front page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autoencoder.runs import RunStore
from benchmarks.serving import Server
from tests.support.places import MODELS

KEY = "digits-conv-d2-73c117ff"
LONG = 60_000  # milliseconds


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers: one with a run, and one without any."""
    shutil.copytree(MODELS / KEY, tmp_path / "here" / KEY)
    both = tuple(Server(tmp_path / name, tmp_path / "data") for name in ("here", "there"))
    yield both
    for server in both:
        server.stop()


def test_a_run_goes_from_one_server_to_another(
    servers: tuple[Server, Server], page: Page, tmp_path: Path
) -> None:
    """Each file is named with its size before it is made; then it can be downloaded, and an
    archive imported elsewhere, where the run then is.
    """
    here, there = servers
    page.goto(f"{here.address}/decode?run={KEY}")
    page.get_by_role("button", name="Take away").click(timeout=LONG)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The whole run · about")).to_be_visible(timeout=LONG)
    dialog.locator(".st-key-take_away_make_zip button").click()
    with page.expect_download(timeout=LONG) as download:
        dialog.locator(".st-key-take_away_zip button").click(timeout=LONG)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == f"{KEY}.zip"

    page.goto(there.address)
    page.get_by_role("button", name="Import runs").click(timeout=LONG)
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(page.get_by_text("1 added")).to_be_visible(timeout=LONG)
    assert RunStore(tmp_path / "there").get(KEY).state == "finished"


def test_a_figure_goes_as_a_file(
    servers: tuple[Server, Server], page: Page, tmp_path: Path
) -> None:
    """The button on a figure gives a page that draws it without a network, says of what it is, and
    saves it as PNG and SVG.
    """
    page.goto(f"{servers[0].address}/reconstruct?run={KEY}")
    with page.expect_download(timeout=LONG) as download:
        page.locator(".st-key-save-errors_classes").get_by_role("button").click(timeout=LONG)
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    page.context.set_offline(True)
    page.goto(file.as_uri())
    expect(page.locator("#figure .bars .point")).to_have_count(20, timeout=LONG)  # and PCA's
    about = f"{KEY} · all 360 test images · training seed 0"
    assert page.get_by_text(about, exact=True).is_visible()

    starts = {"PNG": b"\x89PNG", "SVG": b"<svg"}
    for kind, start in starts.items():
        with page.expect_download(timeout=LONG) as picture:
            page.get_by_role("button", name=f"Save as {kind}").click()
        assert Path(picture.value.path()).read_bytes().startswith(start)
