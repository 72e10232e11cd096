"""Files of a run to take away, made by a job and by the command line."""

import shutil
import zipfile
from pathlib import Path

import pytest

from autoencoder.cli.main import main
from autoencoder.config.exports import EXPORTS, ExportFormat
from autoencoder.config.settings import Settings
from autoencoder.errors import ExportError
from autoencoder.export import formats
from autoencoder.export.formats import EXPORTERS, export
from autoencoder.jobs import Queue, exporting
from autoencoder.jobs.exporting import file_of, task_of
from autoencoder.jobs.runner import run_job
from autoencoder.runs import Run
from tests.support.places import MODELS

KEY, OTHER = "digits-conv-d2-73c117ff", "digits-linear-d2-e6abdccc"


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    """A queue over two finished runs."""
    for key in (KEY, OTHER):
        shutil.copytree(MODELS / key, tmp_path / "models" / key)
    return Queue(Settings(models=tmp_path / "models", data=tmp_path / "data"))


def make(queue: Queue, name: str) -> Path:
    """Make the file here and now."""
    task = task_of(queue.settings.models, KEY, name)
    record = run_job(queue, task)
    assert record.state == "finished", record.error
    return file_of(queue.store.get(KEY), name)


def test_every_format_can_be_made() -> None:
    """Those that the form names, and those that are made, are the same."""
    assert set(EXPORTS) == set(EXPORTERS)


def test_a_job_makes_a_file_once(queue: Queue) -> None:
    """The same run gives the same file; when the run changes, it is made anew."""
    path = make(queue, "tables")
    before = path.stat().st_mtime_ns
    assert make(queue, "tables").stat().st_mtime_ns == before
    with zipfile.ZipFile(path) as archive:
        assert {name.partition("/")[2] for name in archive.namelist()} >= {"images.csv"}

    (queue.settings.models / KEY / "label.json").write_text('{"title": "Mine"}')
    assert make(queue, "tables") != path


def test_the_oldest_files_are_dropped(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder holds so many files and no more."""
    monkeypatch.setattr(exporting, "FILES", 2)
    first, second, third = (
        (queue.store.relabel(KEY, title=title), make(queue, "zip"))[1] for title in "abc"
    )

    assert not first.exists()
    assert second.is_file() and third.is_file()


def test_how_large_a_file_will_be_is_known_before(queue: Queue) -> None:
    """Within a factor of two."""
    run = queue.store.get(KEY)
    for name in EXPORTS:
        size = make(queue, name).stat().st_size
        assert size / 2 < EXPORTERS[name].size(run) < 2 * size


def test_a_package_that_is_missing_is_named(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With how to get it, before anything is written."""
    needy = ExportFormat(title="Odd", help="", ending=".odd", packages=("no_such_package",))
    monkeypatch.setitem(EXPORTS, "odd", needy)
    monkeypatch.setitem(formats.EXPORTERS, "odd", EXPORTERS["zip"])

    with pytest.raises(ExportError, match=r"needs no_such_package.*requirements-exports"):
        export("odd", queue.store.get(KEY), tmp_path / "run.odd")


def test_a_failed_export_leaves_nothing(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither a file nor a part of one."""

    def fail(run: Run, path: Path, notify: object) -> None:
        (path / "part.csv").write_text("1")
        raise OSError(28, "No space left on device")

    exporter = formats.Exporter(fail, lambda run: 1)
    monkeypatch.setitem(formats.EXPORTERS, "tables", exporter)
    out = tmp_path / "out"
    out.mkdir()
    for name in ("tables", "tables.zip"):
        with pytest.raises(OSError, match="No space"):
            export("tables", queue.store.get(KEY), out / name)
    assert list(out.iterdir()) == []


def test_the_command_line_takes_away_and_brings_back(
    queue: Queue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder by its name, a packed one by .zip, several runs as one archive; and back."""
    models = ["--models", str(queue.settings.models)]
    tables, packed, both = (str(tmp_path / name) for name in ("t", "t.zip", "both.zip"))
    assert main(["export", KEY, "--to", "tables", "--out", tables, *models]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == tables
    assert (tmp_path / "t" / "images.csv").is_file()
    assert main(["export", KEY, "--to", "tables", "--out", packed, *models]) == 0
    assert zipfile.is_zipfile(packed)
    assert main(["export", KEY, OTHER, "--to", "zip", "--out", both, *models]) == 0
    capsys.readouterr()

    assert main(["import", both, "--models", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [f"{KEY} added", f"{OTHER} added"]
    assert main(["import", both, "--models", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"{KEY} is here already",
        f"{OTHER} is here already",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["export", KEY, OTHER, "--to", "tables"], "is made of one run at a time; got 2"),
        (["export", "no-such-run", "--to", "zip"], "no-such-run"),
        (["export", KEY, "--to", "zip", "--out", "/no/such/folder/a.zip"], "there is no folder"),
        (["import", "/no/such/file.zip"], "there is no file /no/such/file.zip"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(
    queue: Queue, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and the exit status of a refusal."""
    assert main([*arguments, "--models", str(queue.settings.models)]) == 2
    assert sentence in capsys.readouterr().err
