"""Results derived from a run, kept beside the runs."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import KeptResult, Run, RunStore, Task, results

RESULT = {
    "curve": np.arange(6, dtype=np.float32).reshape(2, 3),
    "least": None,
    "error": 0.1 + 0.2,
    "undefined": float("nan"),
    "parts": [np.array([True, False]), "PCA", 3],
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A finished run with a weights file."""
    store = RunStore(tmp_path)
    store.claim(RunConfig(dataset="digits"), "finished")
    saved = store.runs()[0]
    (saved.folder / "weights.safetensors").write_bytes(b"")
    (saved.folder / "evaluation.npz").write_bytes(b"images")
    return name_weights(saved, "a" * 64)


def name_weights(run: Run, digest: str) -> Run:
    """As if weights with that sha256 had been saved."""
    Task(run.folder).update(weights_sha256=digest)
    return Run.read(run.folder)


def entries(run: Run) -> list[Path]:
    """The files of all results of all runs."""
    return sorted((run.folder.parent / results.FOLDER).glob("*/*"))


def test_a_result_comes_back_as_it_was(run: Run) -> None:
    """Numbers, NaN, None, texts and arrays come back in the same lists and dicts, bit for bit."""
    KeptResult(run, "survey", 1).write(RESULT)
    kept = KeptResult(run, "survey", 1).read()

    assert list(kept) == list(RESULT)
    assert kept["curve"].dtype == np.float32
    np.testing.assert_array_equal(kept["curve"], RESULT["curve"])
    assert kept["error"] == RESULT["error"] and kept["least"] is None
    assert np.isnan(kept["undefined"])
    np.testing.assert_array_equal(kept["parts"][0], [True, False])
    assert kept["parts"][1:] == ["PCA", 3]


def test_a_result_belongs_to_all_that_it_depends_on(run: Run) -> None:
    """Another function, version, parameter, weights file or set of test images has no result yet;
    the first one keeps its own.
    """
    KeptResult(run, "curve", 1, ("gaussian", 0)).write(1.0)
    images = run.folder / "evaluation.npz"
    status = images.stat()

    assert KeptResult(run, "curve", 1, ("gaussian", 0)).read() == 1.0
    assert KeptResult(run, "survey", 1, ("gaussian", 0)).read() is None
    assert KeptResult(run, "curve", 2, ("gaussian", 0)).read() is None
    assert KeptResult(run, "curve", 1, ("gaussian", 1)).read() is None
    assert KeptResult(name_weights(run, "b" * 64), "curve", 1, ("gaussian", 0)).read() is None
    again = name_weights(run, "a" * 64)
    assert KeptResult(again, "curve", 1, ("gaussian", 0)).read() == 1.0
    os.utime(images, ns=(0, status.st_mtime_ns + 1))
    assert KeptResult(again, "curve", 1, ("gaussian", 0)).read() is None


def test_weights_that_change_meanwhile_get_no_result_of_the_old_ones(run: Run) -> None:
    """What was computed while the weights were replaced is not kept for the new ones."""
    place = KeptResult(run, "curve", 1)
    assert place.read() is None
    newer = name_weights(run, "b" * 64)
    place.write(1.0)

    assert KeptResult(newer, "curve", 1).read() is None


@pytest.mark.parametrize(
    "damage", [b"", b"PK\x03\x04", b"half", b"truncated"], ids=["empty", "zip", "text", "half"]
)
def test_a_damaged_entry_counts_as_missing(run: Run, damage: bytes) -> None:
    """Whatever is wrong with an entry: there is no result, and the next one takes its place."""
    place = KeptResult(run, "curve", 1)
    place.write(RESULT)
    (entry,) = entries(run)
    content = entry.read_bytes()
    entry.write_bytes(content[: len(content) // 2] if damage == b"truncated" else damage)

    assert place.read() is None
    place.write(2.0)
    assert place.read() == 2.0


def test_an_entry_of_another_kind_counts_as_missing(run: Run) -> None:
    """An npz file without what we write, or with an array that is not there, is no result."""
    place = KeptResult(run, "curve", 1)
    place.write(1.0)
    (entry,) = entries(run)
    for tree in (b'{"array": 7}', b'{"x": 1}', b"[" * 100_000, b"no JSON"):
        with entry.open("wb") as handle:
            np.savez(handle, tree=np.frombuffer(tree, np.uint8))
        assert place.read() is None
    with entry.open("wb") as handle:
        np.savez(handle, other=np.zeros(3))
    assert place.read() is None


def test_nothing_is_pickled(run: Run) -> None:
    """What is no number, text, array of numbers, list or dict of those is refused."""
    for value in (
        np.array([object()]),
        {1: 2.0},
        (1.0, 2.0),
        object(),
        None,
        [np.array(["a"], dtype=object)],
    ):
        with pytest.raises(TypeError):
            KeptResult(run, "curve", 1).write(value)

    assert entries(run) == []


def test_the_oldest_entries_go_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the number nor the bytes of all entries grow beyond their bounds; a scratch file that
    was left behind goes too.
    """
    monkeypatch.setattr(results, "MOST_ENTRIES", 3)
    for seed in range(5):
        KeptResult(run, "curve", 1, (seed,)).write(float(seed))
        for age, path in enumerate(sorted(entries(run), key=lambda path: path.stat().st_mtime_ns)):
            os.utime(path, ns=(0, 10**9 * (age + 1)))
    there = [KeptResult(run, "curve", 1, (seed,)).read() for seed in range(5)]
    assert there == [None, None, 2.0, 3.0, 4.0]

    scratch = entries(run)[0].with_name(".x.npz.1.abcdef")
    scratch.write_bytes(b"left behind")
    os.utime(scratch, ns=(0, 0))
    monkeypatch.setattr(results, "MOST_BYTES", 1)
    KeptResult(run, "curve", 1, (9,)).write(9.0)
    assert entries(run) == []


def test_what_is_too_large_is_not_kept(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result above the bound for one entry is computed each time."""
    monkeypatch.setattr(results, "MAX_ENTRY", 1_000)
    KeptResult(run, "curve", 1).write(np.zeros(1_000))

    assert entries(run) == []


def test_a_run_that_is_trained_keeps_nothing(run: Run) -> None:
    """Its weights change: what is derived from them is of no use a moment later."""
    KeptResult(replace(run, state="running"), "curve", 1).write(1.0)
    KeptResult(name_weights(run, ""), "curve", 1).write(1.0)

    assert entries(run) == []


def test_a_folder_that_cannot_be_written_does_no_harm(run: Run) -> None:
    """Where a file stands in the way, nothing is kept and nothing is raised."""
    (run.folder.parent / results.FOLDER).write_bytes(b"in the way")
    place = KeptResult(run, "curve", 1)
    place.write(1.0)

    assert place.read() is None and not place.exists


def test_a_link_is_not_followed(run: Run, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache folder that is a link to another place is left alone."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (run.folder.parent / results.FOLDER).symlink_to(elsewhere)
    KeptResult(run, "curve", 1).write(1.0)

    assert list(elsewhere.iterdir()) == []


def test_a_deleted_run_takes_its_results_along(run: Run) -> None:
    """Nothing that was derived from it stays."""
    place = KeptResult(run, "curve", 1)
    place.write(1.0)
    assert place.exists
    RunStore(run.folder.parent).delete(run.key)

    assert entries(run) == []
