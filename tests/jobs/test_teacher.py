"""A teacher: the run among whose latents another one finds the neighbours of its images."""

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoencoder import api
from autoencoder.cli.main import REFUSED, main
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data.dataset import Dataset
from autoencoder.errors import ConfigError
from autoencoder.jobs import Queue, sweeps
from autoencoder.jobs.neighbour_graph import STEP, graph_file
from autoencoder.jobs.teacher import encoder_of, may_teach
from autoencoder.jobs.training import train_run
from autoencoder.runs import RunStore, Task
from tests.support.configs import DEEP, TINY
from tests.support.queues import claimed, here, stop_at
from tests.support.runs import change

PUPIL = replace(TINY, objective="neighbours", neighbours=5, neighbour_space=DEEP.key)


@pytest.fixture
def teaching(store: RunStore, data_folder: Path, tmp_path: Path) -> Queue:
    """A queue over the trained runs, with a data folder of its own that keeps no graph."""
    shutil.copytree(data_folder, tmp_path / "data", ignore=shutil.ignore_patterns("neighbours"))
    return Queue(Settings(models=store.folder, data=tmp_path / "data"))


def test_neighbours_are_those_of_the_teachers_latents(teaching: Queue, digits: Dataset) -> None:
    """A training with a teacher keeps near what is near in the teacher's latent space, and ends as
    any other.
    """
    claimed(teaching, PUPIL)
    run = here(teaching, PUPIL)
    images = digits.test.images
    points = encoder_of(teaching.store.get(DEEP.key))(images).astype(np.float64)
    distances = np.square(points[:, None] - points).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    with np.load(graph_file(PUPIL, "test", teaching.settings.data)) as arrays:
        graph = arrays["neighbours"]

    assert run.state == "finished", run.record.error
    assert np.array_equal(graph, distances.argsort(axis=1, kind="stable")[:, :5])


def test_a_training_goes_on_without_its_teacher(teaching: Queue) -> None:
    """Its graph is kept, so that a stopped run whose teacher was deleted comes to the same end, bit
    for bit; without the graph it says what is missing.
    """
    claimed(teaching, PUPIL)
    whole = here(teaching, PUPIL).record.weights_sha256
    teaching.delete(PUPIL.key)
    claimed(teaching, PUPIL)
    assert here(teaching, PUPIL, on_progress=stop_at(1)).state == "stopped"
    teaching.delete(DEEP.key)
    shutil.move(teaching.settings.data / "neighbours", teaching.settings.data / "elsewhere")
    failed = here(teaching, PUPIL)

    assert failed.state == "failed" and failed.has_checkpoint
    assert failed.record.error.endswith(
        f"the neighbours are not in the data folder yet; there is no run '{DEEP.key}'"
    )
    shutil.move(teaching.settings.data / "elsewhere", teaching.settings.data / "neighbours")
    assert here(teaching, PUPIL).record.weights_sha256 == whole


def other_data(queue: Queue) -> RunConfig:
    """A config whose teacher is one of another data set."""
    return RunConfig(dataset="mnist", objective="neighbours", neighbour_space=DEEP.key)


def unfinished(queue: Queue) -> RunConfig:
    """A config whose teacher was stopped."""
    Task(queue.store.folder / DEEP.key).update(state="stopped")
    return PUPIL


def damaged(queue: Queue) -> RunConfig:
    """A config whose teacher has other weights than those it saved."""
    path = queue.store.folder / DEEP.key / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\1")
    return PUPIL


REFUSALS = [
    (lambda queue: replace(PUPIL, neighbour_space="digits-mlp-d3"), "there is no run"),
    (other_data, f"{DEEP.key} was trained on Digits"),
    (unfinished, f"{DEEP.key} is stopped"),
    (damaged, "is damaged: it has weights that changed"),
]


@pytest.mark.parametrize(
    ("prepare", "problem"), REFUSALS, ids=["none", "other data", "unfinished", "damaged"]
)
def test_a_teacher_that_cannot_teach_is_refused_before_anything_is_made(
    teaching: Queue,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prepare: object,
    problem: str,
) -> None:
    """One sentence from the queue, a sweep, Python and the command line, and no folder of a run."""
    config = prepare(teaching)  # type: ignore[operator]
    places = ["--models", str(teaching.settings.models), "--data", str(teaching.settings.data)]
    before = teaching.store.keys()
    for ask in (
        lambda: teaching.submit(config),
        lambda: sweeps.submit(teaching, sweeps.plan(config, [2, 3])),
        lambda: api.train(config, str(teaching.settings.models), str(teaching.settings.data)),
    ):
        with pytest.raises(
            ConfigError, match=r"^neighbour_space must name a finished run"
        ) as error:
            ask()
        assert problem in str(error.value)
    for command in (["train"], ["sweep", "--latent-dims", "2,3"]):
        assert main([*command, *places, *config.flags()]) == REFUSED
        [line] = capsys.readouterr().err.splitlines()[-1:]
        assert line.startswith("autoencoder: neighbour_space must name") and problem in line
    assert teaching.store.keys() == before


def test_a_teacher_of_other_images_is_refused_by_the_training(teaching: Queue) -> None:
    """Of the same name, but with another fingerprint: the training fails in words before it has
    measured anything.
    """
    change(teaching.store.folder / DEEP.key / "dataset.json", fingerprint="0" * 16)
    teaching.store.claim(PUPIL, "stopped")
    words: list[str] = []
    run = train_run(teaching, PUPIL.key, notify=lambda text, share: words.append(text))

    assert run.state == "failed"
    assert f"the images of {DEEP.key} have the fingerprint {'0' * 16} instead of" in (
        run.record.error
    )
    assert words[-1] == "reading the data"


def test_a_teacher_must_not_know_less(store: RunStore) -> None:
    """Offered are finished runs of the same data set whose bottleneck is not smaller."""
    run = store.get(DEEP.key)

    assert may_teach(run, dataset="digits", latent_dim=5)
    assert not may_teach(run, dataset="digits", latent_dim=6)
    assert not may_teach(run, dataset="mnist", latent_dim=2)
    assert not may_teach(replace(run, state="stopped"), dataset="digits", latent_dim=2)


def test_a_stop_ends_the_search_for_neighbours(
    queue: Queue, tmp_path: Path, data_folder: Path
) -> None:
    """Asked to stop while neighbours are looked for, the training is stopped, keeps no graph, and
    can be tried again.
    """
    shutil.copytree(data_folder, tmp_path / "data", ignore=shutil.ignore_patterns("neighbours"))
    config = replace(PUPIL, neighbour_space="", neighbours=6)
    queue = Queue(replace(queue.settings, data=tmp_path / "data"))
    claimed(queue, config)

    def stop(words: str, fraction: float | None = None) -> None:
        if words == STEP:
            signal.raise_signal(signal.SIGTERM)

    run = here(queue, config, notify=stop)

    assert run.state == "stopped" and not run.has_checkpoint
    assert not list(tmp_path.glob("data/neighbours/*"))
    assert here(queue, config).state == "finished"
