"""Building and running containers without a daemon and without a registry: buildah, podman, and
stand-ins for the images that the Dockerfile and compose.yaml start from.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.places import ROOT

PYTHON_IMAGE = "docker.io/library/python:3.11-slim"
CADDY_IMAGE = "docker.io/library/caddy:2"
IMAGE = "localhost/latent-lab"
TOOLS = ("buildah", "podman", "podman-compose", "debootstrap", "runc", "caddy")
DEBIAN_PACKAGES = (
    *TOOLS,
    *("netavark", "aardvark-dns", "iptables"),
)
# A process without CAP_SYS_RESOURCE may only lower limits; podman would raise them.
LIMITS = ("--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:4096")
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "{folder}/run"
"""
ENGINE = """
[engine]
runtime = "runc"
"""


class StepError(Exception):
    """A step did not do what it should; says which command failed, and how."""


class Machine:
    """buildah and podman with all that they store in one folder.

    Args:
        folder: Made if it is not there; removed by `clean_up`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        storage, engine = folder / "storage.conf", folder / "containers.conf"
        storage.write_text(STORAGE.format(folder=folder))
        engine.write_text(ENGINE)
        self.environment = {
            **os.environ,
            "CONTAINERS_STORAGE_CONF": str(storage),
            "CONTAINERS_CONF": str(engine),
            "TMPDIR": str(folder),
        }

    def run(self, *command: str, timeout: float = 600, check: bool = True) -> str:
        """What a command prints, outputs and errors together. Raises StepError."""
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
        )
        if check and ended.returncode:
            end = ended.stdout.strip()[-1500:]
            raise StepError(f"{' '.join(command)[:300]}: status {ended.returncode}\n{end}")
        lines = ended.stdout.strip().split("\n")
        # Without systemd podman says each time that it cannot time health checks.
        return "\n".join(line for line in lines if not line.startswith('time="')).strip()

    def podman(self, *arguments: str, timeout: float = 600, check: bool = True) -> str:
        """What podman prints. Raises StepError."""
        return self.run("podman", *arguments, timeout=timeout, check=check)

    def inside(self, container: str, *command: str, timeout: float = 600) -> str:
        """What a command prints in a running container. Raises StepError."""
        return self.podman("exec", container, *command, timeout=timeout)

    def compose(self, *arguments: str, timeout: float = 600) -> str:
        """podman-compose on the project's compose.yaml. Raises StepError."""
        options = ("--project-name=latent-lab", f"--podman-run-args={' '.join(LIMITS)}")
        return self.run("podman-compose", *options, *arguments, timeout=timeout)

    def size(self, image: str) -> str:
        """An image's size, unpacked."""
        return self.podman("images", "--noheading", "--format={{.Size}}", image).split("\n")[-1]

    def import_python(self) -> None:
        """Debian 12 with its Python 3.11, under the name of the Dockerfile's base."""
        base = self.folder / "base"
        packages = "python3,python3-pip,python3-venv,ca-certificates"
        if not (base / "usr/bin/python3.11").exists():
            mirror = "http://deb.debian.org/debian"
            self.run(
                *("debootstrap", "--variant=minbase", f"--include={packages}"),
                *("bookworm", str(base), mirror),
                timeout=1800,
            )
        (base / "usr/lib/python3.11/EXTERNALLY-MANAGED").unlink(missing_ok=True)
        for name in ("python", "python3"):
            (base / "usr/local/bin" / name).unlink(missing_ok=True)
            (base / "usr/local/bin" / name).symlink_to("/usr/bin/python3.11")
        for rubbish in ("var/cache/apt", "var/lib/apt/lists"):
            shutil.rmtree(base / rubbish, ignore_errors=True)
        archive = self.folder / "base.tar"
        self.run("tar", "-C", str(base), "-cf", str(archive), ".")
        self.podman("import", "--change=CMD python", str(archive), PYTHON_IMAGE)
        archive.unlink()

    def import_caddy(self) -> None:
        """Debian's Caddy on the same Debian, under the name of the image in compose.yaml."""
        command = [
            *("/usr/bin/caddy", "run"),
            *("--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"),
        ]
        container = self.run("buildah", "from", "--pull-never", PYTHON_IMAGE)
        folders = ["/etc/caddy", "/data", "/config"]
        self.run("buildah", "run", "--isolation=chroot", container, "mkdir", "-p", *folders)
        self.run("buildah", "copy", container, shutil.which("caddy") or "", "/usr/bin/caddy")
        variables = ("--env=XDG_DATA_HOME=/data", "--env=XDG_CONFIG_HOME=/config")
        self.run("buildah", "config", *variables, f"--cmd={json.dumps(command)}", container)
        self.run("buildah", "commit", "--rm", container, CADDY_IMAGE)

    def build(self, torch_index: str, *, target: str = "", tag: str = IMAGE) -> str:
        """Build the Dockerfile as it is; returns what was printed. Raises StepError."""
        options = [f"--build-arg=TORCH_INDEX={torch_index}", f"--tag={tag}"]
        options += [f"--target={target}"] if target else []
        return self.run(
            *("buildah", "build", "--isolation=chroot", "--format=docker", "--network=host"),
            # This machine's certificates: it may reach package indexes through a proxy of its own.
            "--volume=/etc/ssl/certs:/etc/ssl/certs:ro",
            *(*options, "."),
            timeout=7200,
        )

    def clean_up(self) -> None:
        """Remove every container, image and volume, and the folder."""
        self.podman("rm", "--all", "--force", "--time=0", check=False)
        self.podman("pod", "rm", "--all", "--force", check=False)
        self.podman("volume", "rm", "--all", "--force", check=False)
        self.podman("network", "rm", "latent-lab_default", check=False)
        self.podman("rmi", "--all", "--force", check=False)
        self.run("buildah", "rm", "--all", check=False)
        self.run("umount", str(self.folder / "storage/overlay"), check=False)
        shutil.rmtree(self.folder)


def missing(tools: Sequence[str] = TOOLS) -> list[str]:
    """The programs among these that this machine lacks."""
    return [tool for tool in tools if shutil.which(tool) is None]
