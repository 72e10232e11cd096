"""Formats whose packages are not installed."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from autoencoder.config.exports import EXPORTS
from autoencoder.errors import ExportError
from autoencoder.export import formats
from autoencoder.runs import Run
from tests.support.places import MODELS, ROOT


def without(*missing: str) -> object:
    """`find_spec` on a machine without these packages."""
    return lambda name: None if name in missing else find_spec(name)


@pytest.mark.parametrize("name", [name for name, spec in EXPORTS.items() if spec.packages])
def test_a_missing_package_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing, and how to get it, is said before anything is written."""
    packages = EXPORTS[name].packages
    monkeypatch.setattr(formats, "find_spec", without(*packages))
    run = Run.read(next(MODELS.iterdir()))

    with pytest.raises(ExportError) as refusal:
        formats.export(name, run, tmp_path / "run")

    assert str(refusal.value) == (
        f"{EXPORTS[name].title} needs {' and '.join(packages)}, which this machine has not:"
        " pip install -r requirements-exports.txt"
    )
    assert not [*tmp_path.iterdir()]


def test_one_of_two_packages_is_named_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is there is not asked for."""
    monkeypatch.setattr(formats, "find_spec", without("onnxscript"))

    assert formats.missing_packages("onnx") == ["onnxscript"]
    assert formats.missing_packages("tables") == []


def test_the_requirements_name_every_package() -> None:
    """What a format needs is in the file that the message names, and is installed for tests."""
    lines = (ROOT / "requirements-exports.txt").read_text().splitlines()
    listed = {line.partition(">")[0] for line in lines if not line.startswith("#")}
    needed = {package for spec in EXPORTS.values() for package in spec.packages}

    assert needed == listed
    assert not [package for package in needed if find_spec(package) is None]
