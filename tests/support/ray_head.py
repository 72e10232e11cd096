"""A real Ray on this machine: one head node, started, killed and started again by its process ids.

It is installed in an environment of its own (`make test-engines`), speaks to nobody without a token
that is made for it, and leaves no process and no file behind.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.support.places import ROOT
from tests.support.waiting import wait_until

RAY = ROOT / ".venv-ray" / "bin" / "ray"
MEMORY = 16 << 30  # bytes that Ray believes it may give to jobs: the tests' are small
OBJECTS = 80 << 20  # bytes of shared memory; the least that Ray takes


class RayHead:
    """A head node with `cpus` places for jobs; `address` stays the same when it is started again.

    Attributes:
        address: Of its Jobs API.
        token: Without which it answers nobody.
        patience: Seconds after which a job that waits for a place is given up.
    """

    def __init__(self, cpus: int = 2, patience: int = 25) -> None:
        self.cpus, self.patience, self.token = cpus, patience, secrets.token_hex(16)
        gcs, dashboard, client, agent = _free_ports(4)
        self._ports = {
            "--port": gcs,
            "--dashboard-port": dashboard,
            "--ray-client-server-port": client,
            "--dashboard-agent-listen-port": agent,
        }
        self.address = f"http://127.0.0.1:{dashboard}"
        self._folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))  # sockets have short paths
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {**self._ports, "--temp-dir": self._folder, "--object-store-memory": OBJECTS}
        options |= {"--num-cpus": self.cpus, "--memory": MEMORY}
        # Its own choice of ports for workers may be one of the ports above.
        options |= {"--min-worker-port": 0, "--max-worker-port": 0}
        flags = [str(each) for option in options.items() for each in option]
        addresses = ["--node-ip-address", "127.0.0.1", "--dashboard-host", "127.0.0.1"]
        with (self._folder / "head.log").open("ab") as log:
            self._process = subprocess.Popen(
                [RAY, "start", "--head", "--block", "--disable-usage-stats", *addresses, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=self._folder,
                start_new_session=True,
            )
        wait_until(self._is_ready, timeout=90)

    def _environment(self) -> dict[str, str]:
        ours = ("RAY_", "AUTOENCODER_", "PYTHONPATH", "COV_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}
        return {**kept, **token, "RAY_JOB_START_TIMEOUT_SECONDS": str(self.patience)}

    def _is_ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, self.log()
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.address}/api/jobs/", headers=headers)
        with suppress(OSError), urllib.request.urlopen(request, timeout=2) as response:
            return bool(response.status == 200)
        return False

    def log(self) -> str:
        """The end of what the head node wrote."""
        return (self._folder / "head.log").read_text()[-3000:]

    def kill(self) -> None:
        """End every process of it, at once and without a word."""
        if self._process is None:
            return
        pids = self.processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        wait_until(lambda: not any(_is_alive(pid) for pid in pids))

    def processes(self) -> list[int]:
        """All that the head node has started, itself included: what is of its session or was given
        its token. Some of Ray's processes hide their environment, and jobs have sessions of their
        own.
        """
        mark = f"RAY_AUTH_TOKEN={self.token}".encode()
        pids = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                variables = (folder / "environ").read_bytes().split(b"\0")
                is_of_session = self._process and _session(folder) == self._process.pid
                if is_of_session or mark in variables:
                    pids.append(int(folder.name))
        return pids

    def end(self) -> None:
        """Kill it and what it started, and remove its files."""
        self.kill()
        wait_until(lambda: not self._leftovers())
        shutil.rmtree(self._folder, ignore_errors=True)

    def _leftovers(self) -> list[int]:
        """What was started while it was killed; killed, too."""
        pids = self.processes()
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return pids


def _fields(process: Path) -> list[str]:
    """State, parent, group, session and so on, of a folder in /proc."""
    return (process / "stat").read_text().rpartition(")")[2].split()


def _session(process: Path) -> int:
    return int(_fields(process)[3])


def _is_alive(pid: int) -> bool:
    try:
        return _fields(Path(f"/proc/{pid}"))[0] != "Z"
    except OSError:
        return False


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
