"""`data add`, `list`, `show` and `remove`: what each prints, and with which exit status."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autoencoder.cli.main import FAILED, REFUSED, main
from autoencoder.data import added
from tests.support.image_files import classes, in_folder
from tests.support.in_this_process import decode_in_this_process

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Does a command on empty folders: its status, output and errors."""
    decode_in_this_process(monkeypatch)
    monkeypatch.setenv("AUTOENCODER_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOENCODER_DATA", str(tmp_path / "data"))

    def command(*argv: str) -> tuple[int, str, str]:
        status = main(argv)
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


@pytest.fixture
def trees(tmp_path: Path) -> str:
    """A folder of images, and a file that is none."""
    files = classes(["oak", "elm"]) | {"oak/notes.txt": b"words"}
    return str(in_folder(tmp_path / "trees", files))


def test_a_data_set_is_added_listed_shown_and_removed(run: Run, trees: str) -> None:
    """The last line of `data add` is its name; `show` has classes, counts and what was skipped."""
    options = ("--size", "8x16", "--colour", "grey", "--fit", "pad", "--test", "0.5", "--seed", "3")
    status, out, err = run(
        "data", "add", trees, "--name", "trees", "--title", "Our trees", *options
    )

    assert (status, out.splitlines()[-1]) == (0, "trees")
    assert "decoding the images" in err
    _, shown, _ = run("data", "show", "trees")
    assert shown.splitlines() == out.splitlines()[:-1]
    assert "Our trees, from trees" in shown
    assert "4 images to train on, 4 to test on, 8 x 16 grey" in shown
    assert "2 classes" in shown and "       2        2  elm" in shown
    assert "skipped 1: no PNG, JPEG, WEBP, BMP or GIF, by its name (oak/notes.txt)" in shown
    _, listed, _ = run("data", "list")
    assert listed.splitlines()[-1].split() == "trees 4 + 4 images of 8x16, 2 classes".split()

    assert run("data", "remove", "trees")[:2] == (0, "removed trees\n")
    assert run("data", "show", "trees")[0] == REFUSED
    assert "10 classes" in run("data", "show", "digits")[1]


def test_what_cannot_be_added_is_said_in_a_sentence(run: Run, trees: str, tmp_path: Path) -> None:
    """A wrong source fails; a wrong name, one that is taken and a built-in one are refused."""
    status, out, err = run("data", "add", str(tmp_path / "nowhere"), "--name", "trees")
    assert (status, out) == (FAILED, "")
    assert "autoencoder: trees failed: there is no folder or file" in err.splitlines()[-1]

    assert run("data", "add", trees, "--name", "mnist")[0] == REFUSED
    assert run("data", "add", trees, "--name", "trees")[0] == 0
    status, _, err = run("data", "add", trees, "--name", "trees")
    assert (status, len(err.splitlines())) == (REFUSED, 1)
    assert "there is a data set trees already" in err
    for name in ("digits", "leaves"):
        assert run("data", "remove", name)[0] == REFUSED


@pytest.mark.parametrize("wrong", [("--size", "2"), ("--test", "1.5"), ("--seed", "-1")])
def test_a_wrong_option_is_refused_before_anything_is_read(
    run: Run, trees: str, tmp_path: Path, wrong: tuple[str, str]
) -> None:
    """With the rule of the option."""
    status, _, err = run("data", "add", trees, "--name", "trees", *wrong)

    assert (status, f"autoencoder: {wrong[0][2:]} must be" in err) == (REFUSED, True)
    assert not (tmp_path / "data" / added.FOLDER).exists()
