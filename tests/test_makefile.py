"""What the Makefile would run; nothing is installed."""

import os
import subprocess

import pytest

from tests.support.places import ROOT

CPU_INDEX = "--index-url https://download.pytorch.org/whl/cpu"


def commands(*arguments: str) -> list[str]:
    """The lines that make would run if nothing were installed yet."""
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    ended = subprocess.run(
        ["make", "--dry-run", "--always-make", *arguments],
        cwd=ROOT,
        env=environment,
        text=True,
        capture_output=True,
        check=True,
    )
    return ended.stdout.splitlines()


def installs(*arguments: str) -> list[str]:
    """What pip would be asked for."""
    lines = [line for line in commands(*arguments) if "pip install" in line]
    return [line.split("--disable-pip-version-check ")[1] for line in lines]


def test_run_installs_what_the_dashboard_needs() -> None:
    """`make run` takes everything from the usual index, loudly, and then serves."""
    assert installs("run") == ["-r requirements.txt"]
    assert commands("run")[-1] == ".venv/bin/streamlit run app.py --server.port 8501"


def test_run_can_take_torch_for_processors() -> None:
    """With TORCH=cpu, torch and torchvision come first and from PyTorch's index of CPU builds."""
    first = f"torch torchvision {CPU_INDEX}"

    assert installs("run", "TORCH=cpu") == [first, "-r requirements.txt"]


def test_an_engine_has_an_environment_of_its_own() -> None:
    """`make test-engines` installs the engine beside what the tests need, not into it."""
    lines = commands("test-engines")
    engines = [line for line in lines if "requirements-engines.txt" in line]

    assert lines[-1] == ".venv/bin/python -m pytest -m engines tests/engines"
    assert engines and all(line.startswith(".venv-ray/") for line in engines)


@pytest.mark.parametrize("name", ["training", "pages"])
def test_a_benchmark_has_what_it_needs(name: str) -> None:
    """`make benchmark NAME=...` installs what the tests need, too, and runs that program."""
    lines = commands("benchmark", f"NAME={name}", "ARGUMENTS=--quick")

    assert lines[-1] == f".venv/bin/python -m benchmarks.{name} --quick"
    assert "--quiet -r requirements-dev.txt" in installs("benchmark", f"NAME={name}")
