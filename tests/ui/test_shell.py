"""What every page stands on: what is set up once per server."""

import socket
from pathlib import Path

import pytest

from autoencoder.ui.shared import shell

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
