"""What every page stands on: what is set up once per server."""

import socket
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.jobs import Queue
from autoencoder.ui.shared import shell
from tests.support.pages import visit
from tests.support.places import ROOT

OPEN = Path("/proc/self/fd")


@pytest.mark.skipif(not OPEN.is_dir(), reason="reads /proc")
def test_connections_accepted_later_send_at_once() -> None:
    """A server's socket that was opened without naming TCP hands TCP_NODELAY on, and nothing is
    closed or left open by it.
    """
    with socket.socket() as listening, Path("/dev/null").open() as file:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        before = set(OPEN.iterdir())
        shell.send_at_once.clear()
        shell.send_at_once()
        assert set(OPEN.iterdir()) == before
        with socket.create_connection(listening.getsockname()) as visitor:
            accepted, _ = listening.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                accepted.sendall(b"hello")
                assert visitor.recv(5) == b"hello"
        assert file.read() == ""


def test_no_page_waits_while_others_change_the_queue(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page moves the queue on if it can do so at once, and else leaves that to the others."""
    patience: list[float] = []
    monkeypatch.setattr(Queue, "tick", lambda queue, *, timeout: patience.append(timeout))
    for page in (ROOT / "pages").glob("*.py"):
        shell.tick.clear()
        visit(app, page.name)
        assert not app.exception

    assert patience and set(patience) == {0}
