"""An exported run in a real TensorBoard."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from autoencoder.export.formats import export
from autoencoder.runs import Run
from tests.support.places import MODELS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEY = "digits-conv-d8-a63e8754"
DATA = "/data/plugin/projector/"


@pytest.fixture
def tensorboard(tmp_path: Path) -> Iterator[str]:
    """The address of a TensorBoard over the export of a run."""
    export("tensorboard", Run.read(MODELS / KEY), tmp_path / "run")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--logdir", str(tmp_path / "run"), "--port", str(port), "--host", "127.0.0.1"]
    command = [sys.executable, "-m", "tensorboard.main", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: process.poll() is not None or answers(port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def answers(port: int) -> bool:
    """Whether the projector lists its runs."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{DATA}runs", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def test_the_projector_shows_every_test_image(page: Page, tensorboard: str) -> None:
    """It says how many points of how many dimensions there are, and of which run; every file that
    it asks for is there, the sprite among them.
    """
    replies: list[Response] = []
    page.on("response", lambda reply: replies.append(reply))
    with page.expect_response(_is("metadata")), page.expect_response(_is("sprite_image")):
        page.goto(f"{tensorboard}/#projector")

    projector = page.frame_locator("iframe").frame_locator("iframe")
    expect(projector.locator(".numDataPoints")).to_have_text("360", timeout=60_000)
    expect(projector.get_by_text("Dimension:")).to_contain_text("8")
    expect(projector.get_by_role("button", name="1 tensor found")).to_have_value(KEY)
    assert all(reply.status == 200 for reply in replies if DATA in reply.url)
    asked = {urlsplit(reply.url).path for reply in replies}
    assert {DATA + name for name in ("runs", "info", "tensor", "metadata", "sprite_image")} <= asked


def _is(name: str) -> Callable[[Response], bool]:
    """Whether a reply is one of the projector's data."""
    return lambda reply: urlsplit(reply.url).path == DATA + name
