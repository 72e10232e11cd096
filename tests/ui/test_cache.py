"""The cache of what is read or computed from a run."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.runs import Run, RunStore, Task
from autoencoder.ui.shared.cache import cached_per_run


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run with a weights file, and nothing in any cache."""
    st.cache_data.clear()
    st.cache_resource.clear()
    store = RunStore(tmp_path)
    store.claim(RunConfig(dataset="digits"), "finished")
    saved = store.runs()[0]
    (saved.folder / "weights.safetensors").write_bytes(b"")
    yield saved
    st.cache_data.clear()
    st.cache_resource.clear()


def change_weights(run: Run) -> None:
    """As if the run had been trained on."""
    weights = run.folder / "weights.safetensors"
    os.utime(weights, ns=(0, weights.stat().st_mtime_ns + 1))


@pytest.mark.parametrize("copies", [False, True])
def test_a_result_is_computed_once_per_version(run: Run, copies: bool) -> None:
    """It is computed on the first call, and again only when the weights have changed."""
    calls = []

    @cached_per_run(max_entries=8, copies=copies)
    def measured(run: Run) -> int:
        calls.append(run.version)
        return len(calls)

    assert [measured(run), measured(run)] == [1, 1]
    change_weights(run)
    assert [measured(run), measured(run)] == [2, 2]


def test_other_arguments_count_unless_they_begin_with_an_underscore(run: Run) -> None:
    """Each value of an argument has its own result; one with an underscore is passed on only."""

    @cached_per_run(max_entries=8)
    def measured(run: Run, level: int, _scale: float) -> float:
        return level * _scale

    assert measured(run, 2, 1.0) == 2.0
    assert measured(run, 3, 1.0) == 3.0
    assert measured(run, 2, 5.0) == 2.0


def test_two_runs_do_not_share_results(run: Run) -> None:
    """Each run has its own, although their weights were saved at the same instant."""
    RunStore(run.folder.parent).claim(RunConfig(dataset="digits", seed=1), "finished")
    other = next(each for each in RunStore(run.folder.parent).runs() if each.key != run.key)
    (other.folder / "weights.safetensors").write_bytes(b"")
    for each in (run, other):
        os.utime(each.folder / "weights.safetensors", ns=(0, 10**9))

    @cached_per_run(max_entries=8)
    def key_of(run: Run) -> str:
        return run.key

    assert run.version == other.version
    assert [key_of(run), key_of(other)] == [run.key, other.key]


def test_two_functions_do_not_share_results(run: Run) -> None:
    """Functions are told apart although one decorator wraps them all."""

    @cached_per_run(max_entries=8)
    def first(run: Run) -> str:
        return "first"

    @cached_per_run(max_entries=8)
    def second(run: Run) -> str:
        return "second"

    assert (first(run), second(run)) == ("first", "second")


def test_the_oldest_result_goes_first(run: Run) -> None:
    """No more results are kept than `max_entries`."""
    calls = []

    @cached_per_run(max_entries=2)
    def measured(run: Run, level: int) -> int:
        calls.append(level)
        return level

    for level in (1, 2, 3, 3, 1):
        measured(run, level)

    assert calls == [1, 2, 3, 1]


def test_results_are_shared_unless_copies_are_asked_for(run: Run) -> None:
    """A large array is one object for all visitors; a copy may be changed without harm."""

    @cached_per_run(max_entries=8)
    def shared(run: Run) -> np.ndarray:
        return np.zeros(3)

    @cached_per_run(max_entries=8, copies=True)
    def copied(run: Run) -> np.ndarray:
        return np.zeros(3)

    copied(run)[0] = 1

    assert shared(run) is shared(run)
    assert copied(run)[0] == 0


def test_an_error_is_not_kept(run: Run) -> None:
    """What failed once is tried again."""
    calls = []

    @cached_per_run(max_entries=8)
    def measured(run: Run) -> int:
        calls.append(run.key)
        if len(calls) == 1:
            raise ValueError("the disk was away")
        return 7

    with pytest.raises(ValueError, match="the disk was away"):
        measured(run)
    assert measured(run) == 7


def forget_everything() -> None:
    """As if the server had been started again."""
    st.cache_data.clear()
    st.cache_resource.clear()


def test_a_result_on_disk_survives_a_restart(run: Run) -> None:
    """It is computed once per version of the computation and per argument that counts, however
    often the server starts; other weights have results of their own.
    """
    calls = []
    Task(run.folder).update(weights_sha256="a" * 64)

    def measuring(version: int) -> None:
        @cached_per_run(max_entries=8, on_disk=version)
        def measured(
            run: Run, level: float, kind: str = "gaussian", _words: str = ""
        ) -> list[float]:
            calls.append((version, level, kind))
            return [level]

        forget_everything()
        assert measured(run, 0.5) == measured(run, 0.5, "gaussian", "again") == [0.5]
        assert measured(run, 0.7, kind="masking") == [0.7]

    measuring(version=1)
    measuring(version=1)
    assert calls == [(1, 0.5, "gaussian"), (1, 0.7, "masking")]
    measuring(version=2)
    assert len(calls) == 4
    Task(run.folder).update(weights_sha256="b" * 64)
    measuring(version=2)
    assert len(calls) == 6


def test_none_is_not_kept_on_disk(run: Run) -> None:
    """Where there is no result, the next start of the server looks again."""
    calls = []
    Task(run.folder).update(weights_sha256="a" * 64)

    @cached_per_run(max_entries=8, on_disk=1)
    def measured(run: Run) -> float | None:
        calls.append(run.key)
        return None if len(calls) == 1 else 7.0

    assert measured(run) is None
    forget_everything()
    assert measured(run) == 7.0
