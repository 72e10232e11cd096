"""Values that a browser forges, sent by a real one: the page goes on."""

import json
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.serving import Server
from tests.faults.forged_messages import RUN
from tests.support.places import MODELS
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FORGED = [{"code": 0}, {"latent": ["a", "b"]}, {"latent": [None]}, {"latent": 1e999}, 7, "<img>"]


class Forger:
    """Between a page and its server: it replaces what live components say, while it has values.

    Attributes:
        values: What it will say instead, in order.
        answers: How many scripts have ended at the server.
    """

    def __init__(self, page: Page) -> None:
        self.values = list(FORGED)
        self.answers = 0
        page.route_web_socket("**/_stcore/stream", self._connect)

    def _connect(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: server.send(self._forged(message)))
        server.on_message(lambda message: route.send(self._counted(message)))

    def _counted(self, message: str | bytes) -> str | bytes:
        if isinstance(message, bytes):
            kind = ForwardMsg.FromString(message).WhichOneof("type")
            self.answers += kind == "script_finished"
        return message

    def _forged(self, message: str | bytes) -> str | bytes:
        if isinstance(message, str):
            return message
        sent = BackMsg.FromString(message)
        for widget in sent.rerun_script.widget_states.widgets:
            if self.values and widget.WhichOneof("value") == "json_trigger_value":
                said = json.loads(widget.json_trigger_value)
                forged = [{**each, "value": self.values.pop(0)} for each in said]
                widget.json_trigger_value = json.dumps(forged)
        return sent.SerializeToString()


def test_a_forged_latent_leaves_the_page_as_it_was(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """The visitor moves the latent, and something else arrives at the server: no box of an
    exception, and what is sent unforged after it counts.
    """
    shutil.copytree(MODELS / RUN, tmp_path / "models" / RUN)
    forger = Forger(page)
    page.goto(f"{server.address}/decode?run={RUN}")
    page.locator(".live[data-ready]").wait_for()
    pad = page.locator(".live canvas").first
    for place in range(len(FORGED)):
        before = forger.answers
        pad.click(position={"x": 60 + 30 * place, "y": 120})
        wait_until(lambda before=before: page.evaluate("1") and forger.answers > before)
        expect(page.get_by_test_id("stException")).to_have_count(0)
    assert not forger.values
    assert "z=" not in page.url

    pad.click(position={"x": 80, "y": 150})
    page.wait_for_url("**z=*")
    page.reload()
    page.locator(".live[data-ready]").wait_for()
    expect(page.get_by_test_id("stException")).to_have_count(0)
