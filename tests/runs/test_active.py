"""The index of the tasks that wait or run."""

from pathlib import Path

import pytest

from autoencoder.runs import RunStore, Task, TaskState
from autoencoder.runs.active import FOLDER, ActiveTasks
from tests.support.configs import TINY


@pytest.mark.parametrize("state", ["queued", "running", "finished", "stopped", "failed"])
def test_a_task_that_waits_or_runs_is_in_the_index(tmp_path: Path, state: str) -> None:
    """Whoever writes such a state adds the task; other states add nothing."""
    (tmp_path / "a-run").mkdir()
    Task(tmp_path / "a-run", "mixture").write(TaskState(state))

    active = [("a-run", "mixture")] if state in ("queued", "running") else []
    assert list(ActiveTasks(tmp_path)) == active


def test_a_claimed_run_is_in_the_index_if_it_waits(tmp_path: Path) -> None:
    """A run that is claimed to wait is there under its own name."""
    assert RunStore(tmp_path).claim(TINY, "queued", 1)

    assert list(RunStore(tmp_path).active) == [(TINY.key, "train")]


def test_an_entry_is_removed_once(tmp_path: Path) -> None:
    """Removing what is not there does no harm, and an index that nobody wrote is empty."""
    index = ActiveTasks(tmp_path)
    assert list(index) == [] and not index.is_complete
    index.add("a-run", "train")
    index.remove("a-run", "train")
    index.remove("a-run", "train")

    assert list(index) == []


def test_the_index_is_complete_when_that_was_said(tmp_path: Path) -> None:
    """That is no entry; other files in the folder are none either."""
    index = ActiveTasks(tmp_path)
    index.add("a-run", "train")
    assert not index.is_complete
    index.set_complete()
    (tmp_path / FOLDER / "anything").touch()

    assert index.is_complete and list(index) == [("a-run", "train")]
