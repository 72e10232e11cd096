"""The command line where nothing can be written: one sentence and an exit status, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autoencoder.cli.main import COMMANDS, FAILED, REFUSED
from autoencoder.jobs.failures import DISK_FULL
from autoencoder.runs import Run, RunStore
from autoencoder.runs.archive import write_archive
from tests.support.configs import DEEP, TINY
from tests.support.places import MODELS, ROOT

# Runs commands in one process that can write nothing: files may not grow, or folders are read-only
# (without its capabilities the superuser, too, obeys their modes).
CHILD = """
import contextlib, ctypes, io, json, os, resource, sys
from autoencoder.cli.main import main
if sys.argv[1] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
else:
    version_3 = (ctypes.c_uint32 * 2)(0x20080522, 0)
    ctypes.CDLL(None).capset(version_3, (ctypes.c_uint32 * 6)())
for argv in json.loads(sys.argv[2]):
    words = io.StringIO()
    with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
        try:
            status = main(argv)
        except BaseException as error:
            status = repr(error)
    print(json.dumps([status, words.getvalue()]))
"""
MODELS_HERE, ARCHIVE = "MODELS", "ARCHIVE"  # put into the commands by `answers`
SMALL = ["--dataset", "digits", "--epochs", "1"]
NEW = [*SMALL, "--train-size", "40", "--batch-size", "20", "--seed", "9"]
WRITING = {
    "train": ["train", *NEW],
    "sweep": ["sweep", "--latent-dims", "2,3", *NEW],
    "calibrate": ["calibrate", *NEW],
    "project": ["project", TINY.key, "--method", "tsne", "--points", "60"],
    "mixture": ["mixture", TINY.key],
    "evaluate": ["evaluate", TINY.key],
    "evaluate --full": ["evaluate", DEEP.key, "--full"],
    "lab": ["lab", "E1", "--quick", *SMALL],
    "job": ["job", TINY.key, "mixture"],
    "label": ["label", TINY.key, "--title", "new"],
    "data add": ["data", "add", "docs", "--name", "faces"],
    "export": ["export", TINY.key, "--to", "tables", "--out", f"{MODELS_HERE}/tables"],
    "import": ["import", ARCHIVE],
}
READING = {
    "runs": ["runs"],
    "label": ["label", TINY.key],
    "train": ["train", "--run", TINY.key],
    "data list": ["data", "list"],
    "data show": ["data", "show", "digits"],
}


def _replaced(word: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def answers(
    how: str, store: RunStore, data: Path, archive: Path
) -> dict[str, tuple[int | str, str]]:
    """Exit status and last words of each command."""
    places = ["--models", str(store.folder), "--data", str(data)]
    here = {MODELS_HERE: str(store.folder), ARCHIVE: str(archive)}
    commands = [
        [*(_replaced(word, here) for word in argv), *places]
        for argv in (*WRITING.values(), *READING.values())
    ]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, how, json.dumps(commands)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    results = [json.loads(line) for line in child.stdout.splitlines()]
    names = [f"{name} writes" for name in WRITING] + [f"{name} reads" for name in READING]
    return {name: (answer[0], answer[1]) for name, answer in zip(names, results, strict=True)}


def test_every_command_has_a_case() -> None:
    """None is forgotten here."""
    cases = {name for words in (*WRITING, *READING) for name in (words, words.split(" --")[0])}

    assert cases >= set(COMMANDS) - {"data remove"}  # which only renames and deletes


@pytest.mark.slow
@pytest.mark.parametrize(("how", "status"), [("full", FAILED), ("read-only", REFUSED)])
def test_no_command_ends_in_a_traceback_where_nothing_can_be_written(
    how: str, status: int, store: RunStore, data_folder: Path, tmp_path: Path
) -> None:
    """What has to write fails with the one sentence of a full disk, or is refused by a folder that
    is read-only; what only reads works.
    """
    archive = tmp_path / "runs.zip"
    write_archive([Run.read(MODELS / "digits-linear-d2-e6abdccc")], archive)
    folders = [store.folder, *(path for path in store.folder.rglob("*") if path.is_dir())]
    if how == "read-only":
        for folder in folders:
            folder.chmod(0o555)
    try:
        results = answers(how, store, data_folder, archive)
    finally:
        for folder in folders:
            folder.chmod(0o755)

    for name, (ended, words) in results.items():
        assert "Traceback" not in words, name
        if name.endswith("reads"):
            assert ended == 0, (name, words)
        else:
            sentence = DISK_FULL if how == "full" else "cannot write"
            assert ended == status and sentence in words.splitlines()[-1], (name, ended, words)
