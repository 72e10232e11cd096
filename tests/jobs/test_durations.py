"""How long jobs took before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.jobs import CLUSTERING, MIXTURE, Queue
from autoencoder.jobs.durations import took_before
from autoencoder.jobs.runner import run_job
from autoencoder.runs import Run, RunStore, Task, TaskState
from tests.support.configs import TINY
from tests.support.queues import end_all

DIGITS = RunConfig(dataset="digits", train_size=500)
UMAP = ProjectionSettings("umap", points=1_000)


@pytest.fixture
def queue(store: RunStore, data_folder: Path) -> Iterator[Queue]:
    """A queue over a copy of the trained runs."""
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


def claimed(store: RunStore, config: RunConfig) -> Run:
    """A run that says it is finished."""
    store.claim(config, "finished")
    return store.get(config.key)


def finished(run: Run, name: str, took: float) -> Task:
    """As if a task had taken that many seconds."""
    task = Task(run.folder, name)
    task.write(TaskState("finished", took=took))
    return task


@pytest.fixture
def empty(tmp_path: Path) -> RunStore:
    """A store without runs."""
    return RunStore(tmp_path / "made")


@pytest.mark.slow
def test_a_job_writes_down_how_long_it_took(queue: Queue) -> None:
    """A clustering that was really measured took some time; one whose result was there teaches
    nothing.
    """
    task = queue.task(TINY.key, CLUSTERING)
    assert run_job(queue, task).took > 0

    run = queue.store.get(TINY.key)
    assert took_before(queue.store, run, CLUSTERING) == task.read().took
    task.update(state="queued", took=0.0)
    run_job(queue, task)
    assert (task.read().state, task.read().took) == ("finished", 0.0)


def test_it_is_the_median_over_all_runs(empty: RunStore) -> None:
    """Of three runs the one in the middle; jobs that failed, or did not say, do not count."""
    runs = [claimed(empty, replace(DIGITS, seed=seed)) for seed in range(5)]
    assert took_before(empty, runs[0], CLUSTERING) is None
    for run, took in zip(runs, (5.0, 90.0, 7.0, 0.0), strict=False):
        finished(run, CLUSTERING, took)
    finished(runs[4], CLUSTERING, 1.0).update(state="failed")

    assert took_before(empty, runs[4], CLUSTERING) == 7.0
    assert took_before(empty, runs[4], MIXTURE) is None


def test_only_about_as_many_points_count(empty: RunStore) -> None:
    """What 10,000 test images took says nothing of 360, and a mixture goes by the training
    images.
    """
    small, large = claimed(empty, DIGITS), claimed(empty, RunConfig(dataset="mnist"))
    more = claimed(empty, replace(DIGITS, train_size=900))
    most = claimed(empty, replace(DIGITS, train_size=1_001))
    for run in (large, most):
        finished(run, CLUSTERING, 60.0)
        finished(run, MIXTURE, 60.0)
    finished(more, MIXTURE, 4.0)

    assert took_before(empty, small, CLUSTERING) == 60.0  # of `most`, which has as many test images
    finished(more, CLUSTERING, 2.0)
    assert took_before(empty, small, CLUSTERING) == 31.0
    assert took_before(empty, large, CLUSTERING) == 60.0
    assert took_before(empty, small, MIXTURE) == 4.0


def test_projections_go_by_method_space_and_points(empty: RunStore) -> None:
    """t-SNE takes longer than UMAP, 10,000 points longer than 1,000, and images longer than
    latents.
    """
    run = claimed(empty, RunConfig(dataset="mnist"))
    finished(run, replace(UMAP, seed=1).name, 3.0)
    finished(run, replace(UMAP, points=10_000).name, 30.0)
    finished(run, replace(UMAP, space="pixels").name, 300.0)
    finished(run, ProjectionSettings("tsne", points=1_000).name, 3_000.0)

    assert took_before(empty, run, UMAP.name) == 3.0
    assert took_before(empty, run, replace(UMAP, points=8_000).name) == 30.0
    assert took_before(empty, run, replace(UMAP, dimensions=3).name) is None


def test_damaged_state_files_are_passed_over(empty: RunStore) -> None:
    """A state file or a run that cannot be read does not count."""
    runs = [claimed(empty, replace(DIGITS, seed=seed)) for seed in range(3)]
    for run in runs:
        finished(run, CLUSTERING, 5.0)
    (runs[1].folder / "clustering.state.json").write_text("{")
    (runs[2].folder / "config.json").write_text("{")
    finished(runs[2], CLUSTERING, 50.0)

    assert took_before(empty, runs[0], CLUSTERING) == 5.0
