"""What can be known of the container without building it; `make try-container` does the rest."""

import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.places import ROOT
from tests.support.waiting import wait_until

DOCKERFILE = (ROOT / "Dockerfile").read_text()
IGNORE = (ROOT / ".dockerignore").read_text()
FINAL = DOCKERFILE.rpartition("FROM ")[2]


def words(instruction: str, text: str = DOCKERFILE) -> list[list[str]]:
    """The words after every such instruction, without its flags."""
    lines = re.findall(rf"^{instruction} (.*)$", text, re.MULTILINE)
    return [[word for word in line.split() if not word.startswith("--")] for line in lines]


def settings(text: str = FINAL) -> dict[str, str]:
    """The environment variables that the image sets."""
    return dict(re.findall(r"\b([A-Z_]+)=(\S+)", text.partition("ENV ")[2].partition("\nUSER")[0]))


def sent(path: str) -> bool:
    """Whether a file of the project is sent to the build, by .dockerignore: the last rule wins."""
    answer = True
    for rule in (line for line in IGNORE.splitlines() if line and not line.startswith("#")):
        pattern = rule.removeprefix("!").removeprefix("**/")
        starts = [path.rsplit("/", cut)[0] for cut in range(path.count("/") + 1)]
        parts = path.split("/") if "**/" in rule else starts
        if any(fnmatch(part, pattern) for part in parts):
            answer = rule.startswith("!")
    return answer


def compose() -> dict[str, Any]:
    """compose.yaml."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return content


def test_what_the_image_copies_exists_and_is_sent_to_the_build() -> None:
    """Every source of a COPY is there, and .dockerignore lets it through."""
    copies = [line for line in words("COPY") if line[0] != "/venv"]
    sources = [source for *sources, _ in copies for source in sources]

    assert {"app.py", "pages", "autoencoder", "models", ".streamlit", "container"} <= {*sources}
    for source in sources:
        path = ROOT / source
        files = [path] if path.is_file() else [file for file in path.rglob("*.*")][:5]
        assert files and sent(source), source


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", ".venv/bin/python", "tests/test_api.py", "benchmarks/bench.py", "data/x"),
        *("node_modules/x.js", ".streamlit/secrets.toml", "models/.cache/x", "docs/scale.md"),
        *("autoencoder/__pycache__/api.pyc", ".env"),
    ],
)
def test_nothing_else_is_sent_to_the_build(path: str) -> None:
    """History, environments, tests, secrets and caches never get into the image."""
    assert not sent(path)


def test_the_image_has_one_user_and_it_is_not_root() -> None:
    """The user is a number, the same in the image and in compose.yaml, and owns both volumes."""
    assert words("USER") == [["1000:1000"]]
    assert "useradd --uid 1000" in FINAL
    assert "--owner=lab --group=lab /models /data" in FINAL
    assert compose()["services"]["dashboard"]["user"] == "1000:1000"


def test_ports_and_volumes_are_the_same_everywhere() -> None:
    """Dockerfile, compose.yaml and Caddyfile name one port, and volumes where runs and data are."""
    port = settings()["STREAMLIT_SERVER_PORT"]
    services = compose()["services"]
    dashboard, proxy = services["dashboard"], services["proxy"]
    mounted = dict(reversed(volume.split(":")) for volume in dashboard["volumes"])

    assert words("EXPOSE") == [[port]]
    assert dashboard["expose"] == [port]
    assert proxy["environment"]["DASHBOARD"] == f"dashboard:{port}"
    assert f"dashboard:{port}" in (ROOT / "container" / "Caddyfile").read_text()
    assert {settings()["AUTOENCODER_MODELS"], settings()["AUTOENCODER_DATA"]} == {*mounted}
    assert {*mounted.values()} <= {*compose()["volumes"]}


def test_the_dashboard_is_confined() -> None:
    """Read-only, without capabilities and new privileges; /tmp, its home, lies in memory."""
    dashboard = compose()["services"]["dashboard"]

    assert dashboard["read_only"] is True
    assert dashboard["cap_drop"] == ["ALL"]
    assert dashboard["security_opt"] == ["no-new-privileges:true"]
    assert dashboard["tmpfs"] == ["/tmp"] == [settings()["HOME"]]
    assert "ports" not in dashboard  # only the proxy can be reached


def test_signals_reach_the_first_process() -> None:
    """Entry point, command and health check are lists of words: no shell stands in between."""
    for instruction in ("ENTRYPOINT", "CMD", r"  CMD"):
        lines = re.findall(rf"^{instruction} (.*)$", FINAL, re.MULTILINE)
        assert len(lines) == 1 and lines[0].startswith('["'), instruction
    assert ROOT.joinpath("container/entrypoint.py").exists()
    assert ROOT.joinpath("container/healthy.py").exists()


def entrypoint(models: Path, *command: str) -> "subprocess.Popen[str]":
    """The container's first process, here, with that models folder."""
    return subprocess.Popen(
        [sys.executable, ROOT / "container" / "entrypoint.py", *command],
        env={"AUTOENCODER_MODELS": str(models), "PATH": "/usr/bin:/bin"},
        stderr=subprocess.PIPE,
        text=True,
    )


DETACHED = """
import fcntl, pathlib, signal, sys

folder = pathlib.Path(sys.argv[1])

def end(number, frame):
    try:
        fcntl.lockf((folder / ".queue.lock").open("a"), fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / "ended").write_text("the queue is free")
    except BlockingIOError:
        (folder / "ended").write_text("the queue is locked")
    sys.exit()

signal.signal(signal.SIGTERM, end)
(folder / "ready").touch()
while True:
    signal.pause()
"""


def test_a_stop_reaches_processes_in_sessions_of_their_own(tmp_path: Path) -> None:
    """SIGTERM to the first process reaches a detached one, which is waited for; the run that it
    trains is written down, and nobody can start what waits in the queue meanwhile.
    """
    script, key = tmp_path / "detached.py", "digits-mlp-d2-00000000"
    script.write_text(DETACHED)
    training = f"{sys.executable} {script} {tmp_path} train --run {key}"
    process = entrypoint(tmp_path, "sh", "-c", f"setsid {training} & sleep 60")
    wait_until((tmp_path / "ready").exists)
    process.terminate()
    _, log = process.communicate(timeout=30)

    assert (tmp_path / "ended").read_text() == "the queue is locked"
    assert process.returncode == 128 + 15
    assert (tmp_path / ".stopped-with-the-container").read_text() == key
    assert key in log
    assert not (tmp_path / "labs").exists()  # it was not empty


def test_an_empty_models_folder_gets_the_runs_that_come_with_it(tmp_path: Path) -> None:
    """They are copied before the command starts, whose exit status is handed on."""
    process = entrypoint(tmp_path / "new", "sh", "-c", "exit 7")
    process.communicate(timeout=30)
    shipped = {path.name for path in (ROOT / "models").glob("*") if path.is_dir()}

    assert process.returncode == 7
    assert shipped == {path.name for path in (tmp_path / "new").iterdir() if path.is_dir()} != set()
