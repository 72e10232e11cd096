"""Pythae's own environment: the dashboard does not need it, and its versions are its own."""

import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.meter import ROOT

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
PYTHAE = CACHE / "latent-lab" / "pythae"


def python_of(environment: Path) -> Path:
    """The interpreter of a virtual environment."""
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install_pythae() -> None:
    """Into its own environment, unless it is there: a few gigabytes."""
    if not python_of(PYTHAE).exists():
        venv.create(PYTHAE, with_pip=True)
        requirements = str(ROOT / "benchmarks" / "requirements.txt")
        command = [str(python_of(PYTHAE)), "-m", "pip", "install", "-q", "-r", requirements]
        subprocess.run(command, check=True)
