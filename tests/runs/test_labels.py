"""Titles, notes and pins of runs; the series that runs belong to; the bytes that they take."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder.errors import RunError, UnknownRunError
from autoencoder.jobs import Queue
from autoencoder.runs import DamagedRun, Membership, RunLabel, RunStore, Task
from autoencoder.runs.disk_use import disk_use, last_change
from autoencoder.runs.labels import MOST_NOTE, MOST_TITLE, read_label
from autoencoder.runs.series import join_series, read_series
from tests.support.configs import TINY
from tests.support.runs import held

LAB = Membership("lab", "E3-digits-quick", "2 numbers")


@pytest.fixture
def folder(queue: Queue) -> Path:
    """A run that has been claimed and not been trained."""
    queue.store.claim(TINY, "stopped")
    return queue.store.folder / TINY.key


# ---- Labels ----


def test_a_label_is_kept_with_its_run(queue: Queue, folder: Path) -> None:
    """Title, note and pin come back as they were given, and the run's key is what it was."""
    queue.store.relabel(TINY.key, title="Best so far", note="Two\nlines", pinned=True)

    assert queue.store.label(TINY.key) == RunLabel("Best so far", "Two\nlines", True)
    assert queue.store.get(TINY.key).config == TINY
    assert json.loads((folder / "label.json").read_text())["title"] == "Best so far"


def test_what_is_not_given_stays(queue: Queue, folder: Path) -> None:
    """A pin leaves title and note alone; an empty title takes the title away."""
    queue.store.relabel(TINY.key, title="One", note="Two")
    queue.store.relabel(TINY.key, pinned=True)
    assert queue.store.label(TINY.key) == RunLabel("One", "Two", True)

    assert queue.store.relabel(TINY.key, title="") == RunLabel("", "Two", True)


def test_a_live_run_can_be_labelled(queue: Queue, folder: Path) -> None:
    """While another process trains a run, it gets a title, and goes on."""
    with held(Task(folder)):
        Task(folder).update(state="running")
        queue.store.relabel(TINY.key, title="Under way")

        assert queue.store.get(TINY.key).state == "running"
    assert queue.store.label(TINY.key).title == "Under way"


def test_what_cannot_be_printed_is_left_out(queue: Queue, folder: Path) -> None:
    """Line breaks in a title, colours of a terminal and halves of letters do not get to the
    disk.
    """
    label = queue.store.relabel(TINY.key, title=" a\nb\x1b[31m \ud800", note="\n1\x00\n\n2\u202e\n")

    assert label == queue.store.label(TINY.key) == RunLabel("a b[31m", "1\n\n2")


@pytest.mark.parametrize("name", ["title", "note"])
def test_what_is_too_long_is_refused_in_words(queue: Queue, folder: Path, name: str) -> None:
    """As many letters as the rule allows are kept; one more is refused, and the label stays."""
    most = {"title": MOST_TITLE, "note": MOST_NOTE}[name]
    queue.store.relabel(TINY.key, **{name: "é" * most})
    with pytest.raises(RunError, match=f"at most {most} letters; got {most + 1}"):
        queue.store.relabel(TINY.key, **{name: "é" * (most + 1)})

    assert getattr(queue.store.label(TINY.key), name) == "é" * most


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"title": 3}',
        '{"title": "x", "pinned": 1}',
        json.dumps({"title": "x" * (MOST_TITLE + 1)}),
        json.dumps({"note": "x" * (MOST_NOTE + 1)}),
        "[" * 100_000,
        "\x00",
    ],
    ids=["empty", "list", "number", "pinned 1", "long title", "long note", "deep", "nul"],
)
def test_a_damaged_label_counts_as_none(store: RunStore, text: str) -> None:
    """Whatever stands in label.json, the run can be read, and a new label can be written."""
    (store.folder / TINY.key / "label.json").write_text(text)

    assert store.label(TINY.key) == RunLabel()
    assert store.get(TINY.key).metrics["mse"]
    assert store.relabel(TINY.key, title="New").title == "New"


def test_a_label_that_is_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """A link to a file elsewhere counts as no label, and is replaced when one is written."""
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text('{"title": "Elsewhere"}')
    (folder / "label.json").symlink_to(elsewhere)
    assert read_label(folder) == RunLabel()

    RunStore(folder.parent).relabel(TINY.key, title="Here")
    assert elsewhere.read_text() == '{"title": "Elsewhere"}'
    assert read_label(folder).title == "Here"


def test_a_damaged_run_can_be_labelled(queue: Queue, folder: Path) -> None:
    """A run whose config cannot be read keeps its title."""
    queue.store.relabel(TINY.key, title="Mine")
    (folder / "config.json").write_text("{")

    assert isinstance(queue.store.entries()[0], DamagedRun)
    assert queue.store.relabel(TINY.key, pinned=True) == RunLabel("Mine", "", True)


@pytest.mark.parametrize("key", ["../elsewhere", "digits-conv-d2-00000000", ""])
def test_only_a_run_there_is_can_be_labelled(queue: Queue, folder: Path, key: str) -> None:
    """A key that no run has is refused, and nothing is written."""
    with pytest.raises(UnknownRunError):
        queue.store.relabel(key, title="x")
    assert [path.name for path in queue.store.folder.parent.rglob("label.json")] == []


def test_of_two_writers_the_last_one_wins(queue: Queue, folder: Path) -> None:
    """Many that write at once leave the whole label of one of them, and no other file."""
    labels = [RunLabel(f"{i}" * 40, f"{i}" * 400) for i in range(8)]
    threads = [
        threading.Thread(
            target=queue.store.relabel, args=(TINY.key,), kwargs=vars(label) | {"pinned": False}
        )
        for label in labels
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert queue.store.label(TINY.key) in labels
    assert sorted(path.name for path in folder.iterdir()) == [
        "config.json",
        "label.json",
        "state.json",
    ]


# ---- Series ----


def test_a_run_of_two_labs_has_two_series(queue: Queue, folder: Path) -> None:
    """Each is noted once, however often it is said, with the role it was first used in."""
    other = Membership("lab", "E4-digits", "plain", created=False)
    for each in (LAB, other, replace(LAB, role="again", created=False)):
        queue.store.join(TINY.key, each)

    assert read_series(folder) == [LAB, other]


def test_a_run_of_no_series_has_no_file(folder: Path) -> None:
    """A run that nobody but a person asked for belongs to nothing."""
    assert read_series(folder) == []
    assert not (folder / "series.json").exists()


@pytest.mark.parametrize("text", ["", "{}", "3", '[{"kind": "lab"}]', "[3]", "[" * 100_000])
def test_damaged_series_count_as_none(folder: Path, text: str) -> None:
    """Whatever stands in series.json, the run can be read, and can join a series."""
    (folder / "series.json").write_text(text)
    assert read_series(folder) == []
    assert RunStore(folder.parent).get(TINY.key).config == TINY

    join_series(folder, LAB)
    assert read_series(folder) == [LAB]


def test_a_series_of_a_later_version_does_not_hide_the_others(folder: Path) -> None:
    """An entry of a kind that is not known is left out, and the others are read."""
    lab = {"kind": "lab", "name": LAB.name, "role": LAB.role, "surprise": 1}
    (folder / "series.json").write_text(json.dumps([{"kind": "zoo", "name": "x"}, lab]))

    assert read_series(folder) == [LAB]


# ---- Disk use ----


def test_disk_use_counts_every_file(folder: Path, tmp_path: Path) -> None:
    """Files of the folder and of the folders in it; what a link leads to is not the run's."""
    before = disk_use(folder)
    (folder / "snapshots").mkdir()
    (folder / "snapshots" / "0001.npz").write_bytes(b"x" * 1_000)
    (tmp_path / "large").write_bytes(b"x" * 100_000)
    (folder / "link").symlink_to(tmp_path / "large")

    assert 1_000 <= disk_use(folder) - before < 2_000
    assert disk_use(tmp_path / "nothing here") == 0


@pytest.mark.parametrize("name", ["mixture.npz", "snapshots/0002.npz", "config.json"])
def test_a_change_of_files_is_noticed(folder: Path, name: str) -> None:
    """A new file in the folder, or among the snapshots, or another config gives another time of
    change.
    """
    (folder / "snapshots").mkdir()
    before = last_change(folder)
    (folder / name).write_bytes(b"x")

    assert last_change(folder) != before
