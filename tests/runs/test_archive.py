"""Archives of runs: what is packed comes back, and what a stranger has packed does no harm."""

import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from autoencoder.errors import ArchiveError, RunBusyError
from autoencoder.runs import Run, RunStore
from autoencoder.runs.archive import files_of, read_archive, write_archive
from tests.support.places import MODELS

KEYS = ("digits-conv-d2-73c117ff", "digits-linear-d2-e6abdccc")
KEY = KEYS[0]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of two runs."""
    path = tmp_path / "runs.zip"
    write_archive([Run.read(MODELS / key) for key in KEYS], path)
    return path


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder that does not exist yet."""
    return tmp_path / "models"


def packed(path: Path, *files: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip file of those files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


def entry_of(name: str, mode: int) -> zipfile.ZipInfo:
    """An entry of that kind of file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = mode << 16
    return entry


def test_runs_come_back_as_they_were(archive: Path, models: Path) -> None:
    """Every file of a run's result is there again, byte for byte."""
    done = read_archive(archive, models)

    assert (done.added, done.present) == (KEYS, ())
    for key in KEYS:
        run = RunStore(models).get(key)
        names = files_of(Run.read(MODELS / key))
        assert "weights.safetensors" in names
        assert files_of(run) == names
        for name in names:
            assert (run.folder / name).read_bytes() == (MODELS / key / name).read_bytes()


def test_the_same_key_twice_is_one_run(archive: Path, models: Path) -> None:
    """A run that is there stays as it is, and is named; the other one is added."""
    shutil.copytree(MODELS / KEY, models / KEY)
    (models / KEY / "label.json").write_text('{"title": "Mine"}')
    done = read_archive(archive, models)

    assert (done.added, done.present) == (KEYS[1:], (KEY,))
    assert RunStore(models).label(KEY).title == "Mine"


def test_a_run_in_training_is_not_packed(models: Path, tmp_path: Path) -> None:
    """Its files would belong to different moments."""
    shutil.copytree(MODELS / KEY, models / KEY)
    state = json.loads((models / KEY / "state.json").read_text())
    (models / KEY / "state.json").write_text(json.dumps(state | {"state": "queued"}))

    with pytest.raises(RunBusyError, match="still in training"):
        write_archive([Run.read(models / KEY)], tmp_path / "runs.zip")


@pytest.mark.parametrize("state", ["queued", "running"])
def test_what_ran_elsewhere_is_stopped_here(state: str, models: Path, tmp_path: Path) -> None:
    """A run that says it waits or runs does neither after it has been imported."""
    files = [
        (name, (MODELS / KEY / name).read_bytes()) for name in files_of(Run.read(MODELS / KEY))
    ]
    changed = [
        (f"{KEY}/{name}", content.replace(b'"finished"', f'"{state}"'.encode(), 1))
        if name == "state.json"
        else (f"{KEY}/{name}", content)
        for name, content in files
    ]
    read_archive(packed(tmp_path / "a.zip", *changed), models)

    assert RunStore(models).get(KEY).state == "stopped"


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "a way out": lambda path: packed(path, ("../evil.json", b"{}")),
    "a way out of the run": lambda path: packed(path, (f"{KEY}/../../evil.json", b"{}")),
    "an absolute path": lambda path: packed(path, ("/tmp/evil.json", b"{}")),
    "a program": lambda path: packed(path, (f"{KEY}/evil.py", b"print()")),
    "a hidden file": lambda path: packed(path, (f"{KEY}/.config.json", b"{}")),
    "a deep folder": lambda path: packed(path, (f"{KEY}/a/b.json", b"{}")),
    "no folder": lambda path: packed(path, ("config.json", b"{}")),
    "a link": lambda path: packed(
        path, (entry_of(f"{KEY}/config.json", stat.S_IFLNK | 0o777), b"/etc/passwd")
    ),
    "a pipe": lambda path: packed(path, (entry_of(f"{KEY}/config.json", stat.S_IFIFO), b"")),
    "an unreadable config": lambda path: packed(path, (f"{KEY}/config.json", b"{")),
    "a run without its config": lambda path: packed(path, (f"{KEY}/metrics.json", b"{}")),
    "nothing": lambda path: packed(path),
    "no zip file": lambda path: path.write_bytes(b"PK" * 1_000) and path,
    "an empty file": lambda path: path.write_bytes(b"") or path,
    "too many bytes": lambda path: packed(path, (f"{KEY}/evaluation.npz", bytes(5_000_000))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_comes_of_a_hostile_archive(kind: str, models: Path, tmp_path: Path) -> None:
    """It is refused in one sentence; nothing is left in the models folder, or outside it."""
    path = HOSTILE[kind](tmp_path / "hostile.zip")
    before = sorted(tmp_path.iterdir())

    with pytest.raises(ArchiveError) as refusal:
        read_archive(path, models, most=4_000_000)
    assert "\n" not in str(refusal.value)
    assert not models.exists() or list(models.iterdir()) == []
    assert [each for each in sorted(tmp_path.iterdir()) if each != models] == before


def test_a_damaged_run_keeps_the_others_out(archive: Path, models: Path, tmp_path: Path) -> None:
    """An archive is imported as a whole or not at all: one of whose runs is damaged, or that was
    cut off, is not.
    """
    with zipfile.ZipFile(archive) as source:
        files = [(name, source.read(name)) for name in source.namelist()]
    name, content = next(each for each in files if each[0].endswith("pca.npz"))
    files = [each for each in files if each[0] != name] + [(name, content[:-50])]
    with pytest.raises(ArchiveError, match="damaged"):
        read_archive(packed(tmp_path / "damaged.zip", *files), models)

    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-1_000])
    with pytest.raises(ArchiveError, match="no whole archive"):
        read_archive(cut, models)
    assert list(models.iterdir()) == []


def test_more_bytes_than_the_archive_says_are_not_unpacked(models: Path, tmp_path: Path) -> None:
    """An entry that unpacks to more than its size is broken off."""
    path = packed(tmp_path / "a.zip", (f"{KEY}/metrics.json", b" " * 3_000_000))
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):  # where the size stands
        start = content.index(mark) + place
        content[start : start + 4] = (1_000).to_bytes(4, "little")
    path.write_bytes(content)

    with pytest.raises(ArchiveError):
        read_archive(path, models)
    assert list(models.iterdir()) == []


def test_an_archive_of_too_many_files_is_not_opened(
    archive: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its table of contents would fill the memory."""
    monkeypatch.setattr("autoencoder.runs.archive.MOST_FILES", 5)

    with pytest.raises(ArchiveError, match="more than 5"):
        read_archive(archive, models)


def test_what_belongs_to_a_machine_stays_behind(models: Path) -> None:
    """Locks, logs, hidden files, links and the states of other tasks are not packed."""
    shutil.copytree(MODELS / KEY, models / KEY)
    before = files_of(Run.read(models / KEY))
    for name in ("lock", "log.txt", ".scratch.json", "mixture.state.json", "mixture.log.txt"):
        (models / KEY / name).write_text("{}")
    (models / KEY / "other.json").symlink_to("/etc/passwd")

    assert files_of(Run.read(models / KEY)) == before
