"""Adding a data set as a job: one of a name at a time, to its end, stopped, or failed in words."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoencoder.config.adding import AddOptions
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import added
from autoencoder.errors import ConfigError, DatasetError
from autoencoder.jobs import Queue, adding
from autoencoder.jobs.adding import UPLOADS, Request, add_here, submit, task_of
from autoencoder.runs import Task, TaskState
from autoencoder.runs.state import ACTIVE
from tests.support.image_files import classes, in_folder, zipped
from tests.support.in_this_process import decode_in_this_process
from tests.support.queues import end_all
from tests.support.waiting import wait_until

TREES = classes(["oak", "elm"])
OPTIONS = AddOptions(size=(8,))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A place of its own for data, too."""
    return Settings(models=tmp_path / "models", data=tmp_path / "data")


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """A queue without runs."""
    queue = Queue(settings)
    yield queue
    end_all(queue)


def request_for(tmp_path: Path, name: str = "trees") -> Request:
    """To add a few trees."""
    return Request(name, str(in_folder(tmp_path / "trees", TREES)), "Our trees", OPTIONS)


def test_a_data_set_is_added_by_a_process_of_its_own(queue: Queue, tmp_path: Path) -> None:
    """Submitted, it runs in the background with progress, and is there for everybody."""
    task = submit(queue, request_for(tmp_path))
    wait_until(lambda: task.read().state not in ACTIVE)

    record = task.read()
    assert (record.state, record.share, record.error) == ("finished", 1.0, "")
    assert record.note == "6 images to train on, 2 to test on"
    info = added.added(queue.settings.data)["trees"]
    assert (info.title, info.train, info.class_names) == ("Our trees", 6, ("elm", "oak"))


def test_of_two_who_add_a_name_at_once_one_is_told(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wins; the other hears that somebody else is at it, and later that the name is taken."""
    decode_in_this_process(monkeypatch)
    request, entered, may_go_on = request_for(tmp_path), threading.Event(), threading.Event()
    write = adding._write_request

    def write_slowly(task: Task, request: Request) -> None:
        write(task, request)
        entered.set()
        assert may_go_on.wait(60)

    monkeypatch.setattr(adding, "_write_request", write_slowly)
    ended: list[TaskState] = []
    first = threading.Thread(target=lambda: ended.append(add_here(queue, request)))
    first.start()
    assert entered.wait(60)
    for ask in (submit, add_here):
        with pytest.raises(DatasetError, match="somebody else is adding a data set trees now"):
            ask(Queue(queue.settings), request)
    may_go_on.set()
    first.join()

    assert [record.state for record in ended] == ["finished"]
    with pytest.raises(DatasetError, match="there is a data set trees already"):
        submit(queue, request)


def test_one_that_waits_keeps_its_name(queue: Queue, tmp_path: Path) -> None:
    """While a request waits or runs, another of the name is refused, and does not replace it."""
    request = request_for(tmp_path)
    task = task_of(queue.settings.models, "trees")
    task.folder.mkdir(parents=True)
    adding._write_request(task, request)
    task.write(TaskState("queued"))

    with pytest.raises(DatasetError, match="somebody else is adding"):
        submit(queue, replace(request, source="/elsewhere"))
    assert adding.request_of(task) == request


def test_a_stopped_one_leaves_nothing_and_goes_on(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by its flag: no data set, and the state says so; asked for again it is added."""
    decode_in_this_process(monkeypatch)
    request = request_for(tmp_path)
    task = task_of(queue.settings.models, "trees")

    def stop_at(words: str, fraction: float | None = None) -> None:
        if words.startswith("decoding"):
            task.stop_file.touch()
            wait_until(lambda: stopping[0].requested)

    stopping = []
    work = adding.add

    def watched(job: adding.RunningJob) -> object:
        stopping.append(job)
        return work(job)

    monkeypatch.setattr("autoencoder.data.adding.decoders.BATCH_IMAGES", 2)
    monkeypatch.setattr(
        "autoencoder.jobs.registry.JOBS",
        {"adding": replace(adding.JOB, work=watched)},
    )
    assert add_here(queue, request, stop_at).state == "stopped"
    assert not added.added(queue.settings.data)
    assert add_here(queue, request).state == "finished"
    assert list(added.added(queue.settings.data)) == ["trees"]


def test_what_cannot_be_added_fails_in_a_sentence(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task has failed, with the reason that a page shows; a wrong name is refused at once."""
    decode_in_this_process(monkeypatch)
    request = replace(request_for(tmp_path), source=str(tmp_path / "nowhere"))
    record = add_here(queue, request)

    assert record.state == "failed"
    assert record.error.startswith("there is no folder or file")
    with pytest.raises(ConfigError, match="the name of a data set must"):
        submit(queue, replace(request, name="No Name"))
    assert not (tmp_path / "models" / "adding" / "add-No Name.request.json").exists()


def test_an_upload_is_removed_when_it_is_not_needed_any_more(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was added; one that failed may be tried again with other options, and what is not
    an upload stays.
    """
    decode_in_this_process(monkeypatch)
    uploads = queue.settings.data / UPLOADS
    uploads.mkdir(parents=True)
    good, bad = zipped(uploads / "good.zip", TREES), zipped(uploads / "bad.zip", {})
    request = request_for(tmp_path)

    assert add_here(queue, replace(request, name="one", source=str(good))).state == "finished"
    assert add_here(queue, replace(request, name="two", source=str(bad))).state == "failed"
    assert list(uploads.iterdir()) == [bad]
    assert add_here(queue, request).state == "finished"
    assert len(list((tmp_path / "trees").rglob("*.png"))) == 8


def test_a_data_set_that_is_trained_on_is_not_removed(
    queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that waits or runs keeps its images; one that was stopped does not."""
    decode_in_this_process(monkeypatch)
    np.savez(
        tmp_path / "images.npz",
        images=np.zeros((20, 8, 8), np.uint8) + np.arange(8, dtype=np.uint8),
    )
    request = Request("rows", str(tmp_path / "images.npz"), options=AddOptions(test=0.5))
    refusal = add_here(queue, request).error
    assert refusal.startswith("there must be at least 1 image(s) to test on; 0 are left")
    assert refusal.endswith("(skipped: 10: a test image that is a training image, too)")
    images = np.arange(20 * 64, dtype=np.uint16).astype(np.uint8).reshape(20, 8, 8)
    images[:, 0, 0] = np.arange(20)
    np.savez(tmp_path / "images.npz", images=images)
    assert add_here(queue, request).state == "finished"
    config = RunConfig(
        **added.dataset_options("rows", queue.settings.data), train_size=4, batch_size=2
    )
    queue.store.claim(config, "queued")

    with pytest.raises(
        DatasetError, match=f"rows cannot be removed while runs train on it: stop {config.key}"
    ):
        queue.remove_dataset("rows")
    Task(queue.store.folder / config.key).update(state="stopped")
    queue.remove_dataset("rows")
    assert not added.added(queue.settings.data)
    with pytest.raises(DatasetError, match="there is no added data set 'rows'"):
        queue.remove_dataset("rows")
