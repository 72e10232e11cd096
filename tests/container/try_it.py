"""Builds the container and tries what docs/container.md promises: `make try-container`.

Needs root, some 25 GB in --folder and half an hour. No registry is asked: Debian's Python and Caddy
stand in for the images that the Dockerfile and compose.yaml name. Each step prints what came out;
the first that fails ends the trial with status 1. What was made is removed in the end.
"""

import argparse
import asyncio
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.viewers import viewer
from tests.container.machine import (
    CADDY_IMAGE,
    DEBIAN_PACKAGES,
    IMAGE,
    LIMITS,
    PYTHON_IMAGE,
    Machine,
    StepError,
    missing,
)
from tests.support.waiting import wait_until

DASHBOARD, PROXY = "latent-lab_dashboard_1", "latent-lab_proxy_1"
MODELS, DATA = "latent-lab_models", "latent-lab_data"
SITE = "https://localhost"
PAGES = (
    *("", "train", "reconstruct", "latent_space", "decode"),
    *("interpolate", "inspect", "compare", "labs"),
)
SHIPPED = "mnist-mlp-d2-8c46a03d"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
EPOCHS = 120  # of digits: long enough to be stopped in between
STOP_TIMEOUT = 30  # seconds, as stop_grace_period in compose.yaml


class Trial:
    """The steps, in the order in which `main` calls them. Each returns what came out, in words.

    Attributes:
        machine: Where images are built and containers run.
        keys: Runs that later steps look at, by what they are.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.keys: dict[str, str] = {}
        self._volumes: dict[str, Path] = {}

    def base_images(self) -> str:
        """Stand-ins, under the names of the real images."""
        self.machine.import_python()
        self.machine.import_caddy()
        sizes = [self.machine.size(name) for name in (PYTHON_IMAGE, CADDY_IMAGE)]
        return f"Debian 12 with Python as python:3.11-slim: {sizes[0]}; Caddy: {sizes[1]}"

    def build(self, torch_index: str) -> str:
        """The Dockerfile as it is, but for PyTorch's index."""
        output = self.machine.build(torch_index)
        slimmed = [line for line in output.split("\n") if line.startswith("slim: ")]
        return f"image {self.machine.size(IMAGE)}; environment {slimmed[-1]}"

    def contents(self) -> str:
        """No compilers, no pip in the environment, no git history, no tests."""
        words = "gcc cc g++ c++ clang make ld as cargo git curl wget"
        tools = self._once("sh", "-c", f"command -v {words} || true")
        _require(not tools, f"the image holds {tools}")
        for path in ("/app/.git", "/app/tests", "/app/benchmarks", "/venv/bin/pip"):
            _require(self._once("sh", "-c", f"ls -d {path} || true").startswith("ls:"), path)
        sizes = self._once("du", "-sm", "/venv", "/app", "/usr")
        return "no compiler; MB: " + ", ".join(sizes.replace("\t", " ").split("\n"))

    def up(self) -> str:
        """compose.yaml: the dashboard becomes healthy, the proxy answers."""
        started = time.monotonic()
        self.machine.compose("up", "--detach", "--no-build")
        self._wait_healthy()
        return f"healthy {time.monotonic() - started:.1f} s after `up`"

    def confinement(self) -> str:
        """Not root, no capabilities, no new privileges; only volumes and /tmp can be written."""
        status = self.machine.inside(DASHBOARD, "cat", "/proc/1/status")
        fields = dict(line.split(":", 1) for line in status.split("\n") if ":" in line)
        _require(fields["Uid"].split() == ["1000"] * 4, f"Uid {fields['Uid']}")
        for name in ("CapEff", "CapPrm", "CapBnd"):
            _require(int(fields[name], 16) == 0, f"{name} {fields[name]}")
        _require(fields["NoNewPrivs"].strip() == "1", "new privileges are allowed")
        script = "for d in / /app /venv /etc /models /data /tmp; do touch $d/x 2>/dev/null"
        writable = self.machine.inside(
            DASHBOARD, "sh", "-c", f"{script} && rm $d/x && echo $d; done; true"
        )
        _require(writable.split() == ["/models", "/data", "/tmp"], f"writable: {writable}")
        return f"uid 1000, no capabilities; writable: {', '.join(writable.split())}"

    def shipped_runs(self) -> str:
        """The new volume holds the runs that come with the image."""
        runs = self.machine.inside(DASHBOARD, "python", "-m", "autoencoder", "runs")
        count = sum(line.startswith("mnist-") for line in runs.split("\n"))
        _require(count == 5, runs)
        return f"{count} runs"

    def proxy(self) -> str:
        """TLS with Caddy's own certificate, its redirection, and the headers."""
        with urllib.request.urlopen(SITE, context=self._tls()) as answer:
            headers, text = answer.headers, answer.read().decode()
        _require("<title>Streamlit</title>" in text or "root" in text, text[:200])
        _require(headers["Content-Security-Policy"] == "frame-ancestors 'self'", str(headers))
        _require(headers["X-Frame-Options"] == "SAMEORIGIN", str(headers))
        with urllib.request.urlopen("http://localhost", context=self._tls()) as answer:
            _require(answer.url.startswith(SITE), answer.url)
        try:
            urllib.request.urlopen(SITE)
        except urllib.error.URLError as error:
            return f"TLS by Caddy's authority, headers, http:// sent to {SITE}; {error.reason}"[
                :150
            ]
        raise StepError("a certificate that nobody has signed was accepted")

    def pages(self) -> str:
        """Every page, by a websocket through TLS and the proxy."""
        answers = asyncio.run(self._visit_all())
        return ", ".join(f"{name or 'home'} {seconds * 1000:.0f} ms" for name, seconds in answers)

    def train_on_command_line(self) -> str:
        """In the running container; precomputation off, since a UMAP is a step of its own."""
        return self._train("short", DASHBOARD, "--epochs", "3", "--latent-dim", "4")

    def umap(self) -> str:
        """A job with numba, which wants to keep what it has compiled."""
        arguments = ("project", self.keys["short"], "--method", "umap", "--dimensions", "3")
        self.machine.inside(DASHBOARD, "python", "-m", "autoencoder", *arguments)
        kept = self.machine.inside(DASHBOARD, "sh", "-c", "ls -R /data/.cache/numba | wc -l")
        return f"UMAP done, {kept} lines of numba's cache in the volume"

    def train_on_page(self) -> str:
        """Two trainings by the Train page's button: one runs, one waits in the queue."""
        self.keys["stopped"] = asyncio.run(self._press_train(5))
        self.keys["waiting"] = asyncio.run(self._press_train(6))
        wait_until(lambda: self._epochs(self.keys["stopped"]) > 10, 120)
        states = [self._state(self.keys[name])["state"] for name in ("stopped", "waiting")]
        _require(states == ["running", "queued"], str(states))
        return f"{self.keys['stopped']} runs, {self.keys['waiting']} waits"

    def stop(self) -> str:
        """SIGTERM: a checkpoint within the grace; what waits keeps waiting."""
        seconds = self._stop()
        state, waiting = (self._state(self.keys[name])["state"] for name in ("stopped", "waiting"))
        _require((state, waiting) == ("stopped", "queued"), f"{state}, {waiting}")
        done = self._epochs(self.keys["stopped"])
        _require(0 < done < EPOCHS, f"{done} epochs")
        checkpoint = sorted(path.name for path in self._run("stopped").glob("checkpoint*"))
        _require(bool(checkpoint), "no checkpoint")
        code = self.machine.podman("inspect", "--format={{.State.ExitCode}}", DASHBOARD)
        log = self.machine.podman("logs", DASHBOARD).split("\n")
        said = [line for line in log if line.startswith("container: ")]
        return (
            f"{seconds:.1f} s, status {code}; stopped after {done} of {EPOCHS} epochs with"
            f" {', '.join(checkpoint)}, the other one still waits; log: {said[-1:]}"
        )

    def start_again(self) -> str:
        """Both go on to their ends by themselves, without a visitor."""
        started = time.monotonic()
        self.machine.podman("start", DASHBOARD)
        for name in ("stopped", "waiting"):
            key = self.keys[name]
            wait_until(
                lambda key=key: self._state(key)["state"] not in ("queued", "running", "stopped"),
                600,
            )
            _require(self._state(key)["state"] == "finished", str(self._state(key)))
        self._wait_healthy()
        return f"both finished after {time.monotonic() - started:.0f} s"

    def compare_weights(self) -> str:
        """The same training without a stop, in a container of its own: equal bit for bit?"""
        state = self._state(self.keys["stopped"])
        config = json.loads((self._run("stopped") / "config.json").read_text())
        for name in ("state.json", "history.jsonl"):
            _require((self._run("stopped") / name).exists(), name)
        folder = "/tmp/again"
        script = (
            "from pathlib import Path; import shutil, sys; from autoencoder.config.settings import"
            " Settings; from autoencoder.jobs import Queue; from autoencoder.runs import RunStore;"
            f" config = RunStore(Path('/models')).get({self.keys['stopped']!r}).config;"
            f" RunStore(Path({folder!r})).claim(config, 'queued', 1)"
        )
        self.machine.inside(DASHBOARD, "python", "-c", script)
        self.machine.inside(
            *(DASHBOARD, "python", "-m", "autoencoder", "train", "--run", self.keys["stopped"]),
            *("--models", folder, "--no-precompute", "--threads", str(state["threads"])),
            *("--precision", str(state["precision"])),
        )
        path = f"{folder}/{self.keys['stopped']}/state.json"
        again = json.loads(self.machine.inside(DASHBOARD, "cat", path))
        _require(again["weights_sha256"] == state["weights_sha256"], "other weights")
        return f"weights {state['weights_sha256'][:12]} both times ({len(config)} fields of config)"

    def several_processes(self) -> str:
        """torchrun's processes in the read-only container; stopped and gone on with, too."""
        key = self.keys["pair"] = self._claim_pair()
        wait_until(lambda: self._epochs(key) > 1, 180)
        seconds = self._stop()
        done, state = self._epochs(key), self._state(key)["state"]
        _require(state == "stopped", state)
        self.machine.podman("start", DASHBOARD)
        self._wait_healthy()
        asyncio.run(self._press(key, "resume"))
        wait_until(lambda: self._state(key)["state"] == "finished", 600)
        return f"stopped in {seconds:.1f} s after {done} epochs, Continue went on to the end"

    def kill(self) -> str:
        """SIGKILL, as when the grace is too short: interrupted, and "Continue" goes on."""
        key = asyncio.run(self._press_train(7))
        wait_until(lambda: self._epochs(key) > 5, 120)
        self.machine.podman("kill", "--signal=KILL", DASHBOARD)
        done = self._epochs(key)
        self.machine.podman("start", DASHBOARD)
        self._wait_healthy()
        asyncio.run(self._press(key, "resume"))
        wait_until(lambda: self._state(key)["state"] == "finished", 600)
        return f"killed after {done} epochs, finished after Continue"

    def deleted_runs(self) -> str:
        """A shipped run that was deleted stays deleted after a restart."""
        self.machine.inside(DASHBOARD, "rm", "-r", f"/models/{SHIPPED}")
        self._stop()
        self.machine.podman("start", DASHBOARD)
        self._wait_healthy()
        _require(not (self._volume(MODELS) / SHIPPED).exists(), "it is back")
        return "it is not back"

    def backup(self) -> str:
        """The commands of docs/container.md: a volume into an archive, and back into a new one."""
        archive = self.machine.folder / "models.tar.gz"
        once, tar = f"podman run --rm {' '.join(LIMITS)}", f"--entrypoint tar {IMAGE}"
        out = f"{once} --volume {MODELS}:/models:ro {tar} -cz -C /models . > {archive}"
        back = f"{once} --interactive --volume restored:/models {tar} -xz -C /models < {archive}"
        self._stop()
        for command in (out, back):
            self.machine.run("sh", "-c", command)
        self.machine.podman("start", DASHBOARD)
        before = sorted(path.name for path in self._volume(MODELS).iterdir())
        after = sorted(path.name for path in self._volume("restored").iterdir())
        _require(before == after, f"{before} but {after}")
        return f"{len(after)} entries, {archive.stat().st_size / 1e6:.0f} MB"

    def space(self) -> str:
        """As a Hugging Face Space runs it: alone, writable, without volumes or a proxy."""
        name = "space"
        self.machine.podman(
            "run", "--detach", f"--name={name}", *LIMITS, "--publish=7860:8501", IMAGE
        )
        wait_until(lambda: _answers("http://localhost:7860/_stcore/health"), 120)
        asyncio.run(_visit("http://localhost:7860", ["", "decode"]))
        self.machine.podman("stop", f"--time={STOP_TIMEOUT}", name)
        code = self.machine.podman("inspect", "--format={{.State.ExitCode}}", name)
        return f"two pages on port 7860; stopped, status {code}"

    def _once(self, *command: str) -> str:
        """What a command prints in a container of its own."""
        entry = [f"--entrypoint={command[0]}", IMAGE, *command[1:]]
        return self.machine.podman("run", "--rm", *LIMITS, *entry)

    def _train(self, name: str, container: str, *options: str) -> str:
        command = ("python", "-m", "autoencoder", "train", "--dataset", "digits", "--no-precompute")
        output = self.machine.inside(container, *command, *options)
        self.keys[name] = output.split("\n")[-1].strip()
        _require(self._state(self.keys[name])["state"] == "finished", output)
        return f"{self.keys[name]} finished"

    def _claim_pair(self) -> str:
        """Start a training on two processes in the background; its key."""
        options = ("--dataset", "digits", "--epochs", "60", "--seed", "9", "--processes", "2")
        self.machine.podman(
            *("exec", "--detach", DASHBOARD, "python", "-m", "autoencoder", "train", *options)
        )
        before = set(self.keys.values())

        def fresh() -> list[str]:
            folders = self._volume(MODELS).glob("digits-*/config.json")
            return [
                path.parent.name
                for path in folders
                if path.parent.name not in before and json.loads(path.read_text()).get("seed") == 9
            ]

        wait_until(fresh, 120)
        return fresh()[0]

    def _wait_healthy(self) -> None:
        def healthy() -> bool:
            return "unhealthy" not in self.machine.podman(
                "healthcheck", "run", DASHBOARD, check=False
            )

        wait_until(lambda: self._is_running() and healthy() and self._proxy_answers(), 180)

    def _is_running(self) -> bool:
        status = self.machine.podman("inspect", "--format={{.State.Running}}", DASHBOARD)
        return status == "true"

    def _proxy_answers(self) -> bool:
        try:
            return _answers(f"{SITE}/_stcore/health", self._tls())
        except OSError:  # it has no certificate yet
            return False

    def _stop(self) -> float:
        """Seconds that it took."""
        started = time.monotonic()
        self.machine.podman("stop", f"--time={STOP_TIMEOUT}", DASHBOARD)
        return time.monotonic() - started

    def _volume(self, name: str) -> Path:
        """Where a volume lies on this machine."""
        if name not in self._volumes:
            where = self.machine.podman("volume", "inspect", "--format={{.Mountpoint}}", name)
            self._volumes[name] = Path(where)
        return self._volumes[name]

    def _run(self, name: str) -> Path:
        return self._volume(MODELS) / self.keys[name]

    def _state(self, key: str) -> dict[str, object]:
        return json.loads((self._volume(MODELS) / key / "state.json").read_text())

    def _epochs(self, key: str) -> int:
        """How many epochs of a run are done."""
        path = self._volume(MODELS) / key / "history.jsonl"
        return len(path.read_text().splitlines()) if path.exists() else 0

    def _tls(self) -> ssl.SSLContext:
        """Trusts nobody but the authority that Caddy made for itself."""
        authority = "caddy/pki/authorities/local/root.crt"
        return ssl.create_default_context(
            cafile=self._volume("latent-lab_certificates") / authority
        )

    async def _visit_all(self) -> list[tuple[str, float]]:
        return await _visit(SITE, PAGES, self._tls())

    async def _press_train(self, seed: int) -> str:
        """Train like the short run, but longer and with another seed, by the page's button."""
        async with viewer(SITE, self._tls()) as visitor:
            await visitor.visit("train", f"like={self.keys['short']}")
            await visitor.type("train_epochs", EPOCHS)
            await visitor.type("train_seed", seed)
            await visitor.press("train")
            return visitor.query.partition("run=")[2].partition("&")[0]

    async def _press(self, key: str, button: str) -> None:
        async with viewer(SITE, self._tls()) as visitor:
            await visitor.visit("train", f"run={key}")
            await visitor.press(button)


async def _visit(
    address: str, pages: "list[str] | tuple[str, ...]", tls: ssl.SSLContext | None = None
) -> list[tuple[str, float]]:
    """Page -> seconds. Raises PageError."""
    async with viewer(address, tls) as visitor:
        return [(page, (await visitor.visit(page)).seconds) for page in pages]


def _answers(address: str, tls: ssl.SSLContext | None = None) -> bool:
    try:
        with urllib.request.urlopen(address, context=tls, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def _require(condition: bool, problem: str) -> None:
    """Raises StepError."""
    if not condition:
        raise StepError(problem)


def _step(title: str, work: Callable[[], str]) -> None:
    """Do one step and print what came out, with its seconds."""
    print(f"-- {title}", flush=True)
    started = time.monotonic()
    outcome = work()
    print(f"   ok {time.monotonic() - started:6.1f} s  {outcome}", flush=True)


def main() -> int:
    """Everything, in order; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/latent-lab-container"))
    parser.add_argument(
        "--torch",
        choices=["pypi", "cpu"],
        default="pypi",
        help="where PyTorch comes from: PyPI, 5 GB with CUDA (default), or PyTorch's own index",
    )
    parser.add_argument("--keep", action="store_true", help="keep images and volumes")
    parser.add_argument("--skip-build", action="store_true", help="use the image of a kept trial")
    arguments = parser.parse_args()
    if os.geteuid() or missing():
        print(f"needs root and: apt-get install {' '.join(DEBIAN_PACKAGES)}", file=sys.stderr)
        return 2
    trial = Trial(Machine(arguments.folder))
    index = CPU_INDEX if arguments.torch == "cpu" else ""
    try:
        if not arguments.skip_build:
            _step("base images", trial.base_images)
            _step(f"build, PyTorch from {arguments.torch}", lambda: trial.build(index))
        for work in (
            *(trial.contents, trial.up, trial.confinement, trial.shipped_runs, trial.proxy),
            *(trial.pages, trial.train_on_command_line, trial.umap, trial.train_on_page),
            *(trial.stop, trial.start_again, trial.compare_weights, trial.several_processes),
            *(trial.kill, trial.deleted_runs, trial.backup, trial.space),
        ):
            _step((work.__doc__ or "").strip(), work)
    except Exception as error:
        print(f"   FAILED  {type(error).__name__}: {error}", flush=True)
        return 1
    finally:
        if not arguments.keep:
            _step("clean up", lambda: trial.machine.clean_up() or "everything is removed")
    print("== all steps are ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
