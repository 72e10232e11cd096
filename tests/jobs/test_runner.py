"""The one way a job runs: whatever its kind, the same steps, and the same fault in the same
words.
"""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from autoencoder.cli.main import main
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import CorruptRunError, DatasetError, JobError, RunBusyError
from autoencoder.jobs import CLUSTERING, MIXTURE, Queue, adding, exporting, job, registry, runner
from autoencoder.jobs.adding import Request
from autoencoder.jobs.failures import DISK_FULL, KILLED, OUT_OF_MEMORY, reason
from autoencoder.jobs.runner import run_job
from autoencoder.jobs.training import train_run
from autoencoder.labs import Lab, Scale
from autoencoder.labs.job import do, task_of
from autoencoder.runs import RunStore, Task, TaskState
from autoencoder.runs.files import write_json
from autoencoder.runs.state import TRAIN
from autoencoder.training import calibration
from tests.support.configs import DEEP, TINY
from tests.support.disks import disk_full_above
from tests.support.places import ROOT
from tests.support.queues import SAME, claimed, end_all
from tests.support.runs import held
from tests.support.waiting import wait_until

OTHER = replace(TINY, seed=7)
FEW = ProjectionSettings("tsne", points=60).name
STEPS = ProjectionSettings("umap", points=60).steps_name
SCALE = Scale("digits")
LAB = Lab("E1", "T", "Q?", "One.", lambda scale: {"one": [OTHER]}, ())


@dataclass(frozen=True)
class Kind:
    """One job of a kind, ready to be done: its task, and how the command line does it."""

    prepare: Callable[[Queue], Task]
    run: Callable[[Queue, Task], object] = run_job


def _requested(queue: Queue) -> Task:
    """The adding of a data set of a few images."""
    source = queue.settings.models.with_name("images.npz")
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8)
    np.savez(source, images=images)
    task = adding.task_of(queue.settings.models, "squares")
    task.folder.mkdir(parents=True, exist_ok=True)
    write_json(task.folder / f"{task.name}.request.json", asdict(Request("squares", str(source))))
    return task


def _claimed(queue: Queue) -> Task:
    return claimed(queue, OTHER)


KINDS = {
    "training": Kind(_claimed, lambda queue, task: train_run(queue, task.folder.name, **SAME)),
    "projection": Kind(lambda queue: queue.task(TINY.key, FEW)),
    "projection_steps": Kind(lambda queue: queue.task(TINY.key, STEPS)),
    "mixture": Kind(lambda queue: queue.task(TINY.key, MIXTURE)),
    "clustering": Kind(lambda queue: queue.task(TINY.key, CLUSTERING)),
    "calibration": Kind(
        lambda queue: queue.timings.ask(
            RunConfig(dataset="digits", network="linear", train_size=64, batch_size=32)
        )
    ),
    "adding": Kind(_requested),
    "export": Kind(lambda queue: exporting.task_of(queue.settings.models, TINY.key, "tables")),
    "lab": Kind(
        lambda queue: task_of(queue.settings.models, LAB, SCALE),
        lambda queue, task: do(queue, LAB, SCALE),
    ),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture
def queue(store: RunStore, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    """A queue over a copy of the trained runs; a calibration takes a moment only."""
    monkeypatch.setattr(calibration, "SURE_STEPS", 2)
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


def test_every_kind_is_tested_here() -> None:
    """No job is left out of what follows."""
    assert set(KINDS) == set(registry.JOBS)


# The same fault, the same words


@each_kind
def test_a_full_disk_is_said_in_the_same_words(queue: Queue, kind: Kind) -> None:
    """Each kind's own work comes to a file that finds no room: failed, and what helps."""
    task = kind.prepare(queue)
    with disk_full_above(1_000):  # enough for a state file, not for a result
        kind.run(queue, task)

    record = task.read()
    assert (record.state, record.error.endswith(DISK_FULL)) == ("failed", True), record.error
    assert not task.is_held()


@pytest.mark.parametrize("name", ["training", "mixture", "lab"])
def test_data_that_cannot_be_had_are_said_in_the_same_words(
    queue: Queue, tmp_path: Path, name: str
) -> None:
    """Each kind that reads a data set names it, and why it cannot be fetched."""
    (tmp_path / "file").write_text("no folder")
    queue = Queue(replace(queue.settings, data=tmp_path / "file"))
    task = KINDS[name].prepare(queue)
    KINDS[name].run(queue, task)

    record = task.read()
    words = f"cannot write digits to the data folder {tmp_path / 'file'}: File exists"
    assert (record.state, record.error.endswith(words)) == ("failed", True), record.error


@pytest.mark.parametrize("name", ["projection", "clustering"])
def test_images_that_a_run_lacks_are_said_in_the_same_words(queue: Queue, name: str) -> None:
    """Each kind that reads the run's own images says which run is damaged."""
    task = KINDS[name].prepare(queue)
    (task.folder / "evaluation.npz").unlink()
    KINDS[name].run(queue, task)

    with pytest.raises(CorruptRunError) as damage:
        queue.store.get(TINY.key).evaluation()
    assert (task.read().state, task.read().error) == ("failed", str(damage.value))


ERRORS = {
    "full": (OSError(errno.ENOSPC, "No space left on device"), DISK_FULL),
    "broken disk": (
        OSError(errno.EIO, "Input/output error"),
        "a file cannot be read or written: Input/output error",
    ),
    "memory": (MemoryError(), OUT_OF_MEMORY),
    "memory of an array": (
        MemoryError("Unable to allocate 12.0 GiB for an array with shape (3, 1073741824)"),
        f"{OUT_OF_MEMORY}; another 12.9 GB could not be had",
    ),
    "memory of torch": (
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate"
            " memory: you tried to allocate 13153337344 bytes. Error code 12"
        ),
        f"{OUT_OF_MEMORY}; another 13.2 GB could not be had",
    ),
    "memory of a GPU": (
        torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 MiB."),
        f"{OUT_OF_MEMORY}; another 2.1 MB could not be had",
    ),
    "memory of a library": (
        ImportError("libtorch_cpu.so: failed to map segment from shared object"),
        OUT_OF_MEMORY,
    ),
    "memory of a process": (OSError(errno.ENOMEM, "Cannot allocate memory"), OUT_OF_MEMORY),
    "no data": (DatasetError("mnist could not be downloaded"), "mnist could not be downloaded"),
    "surprise": (
        ZeroDivisionError("by chance"),
        "unexpected ZeroDivisionError: by chance (the log has more)",
    ),
}


@each_kind
@pytest.mark.parametrize(("error", "words"), ERRORS.values(), ids=ERRORS)
def test_an_error_becomes_the_same_words_in_every_job(
    queue: Queue, kind: Kind, error: Exception, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Failed, with one sentence; only what nobody thought of leaves a traceback in the log."""

    def work(job: job.RunningJob) -> None:
        raise error

    task = kind.prepare(queue)
    record = run_job(queue, task, work=work)

    assert (record.state, record.error, record.pid) == ("failed", words, 0)
    assert ("Traceback" in capfd.readouterr().err) == isinstance(error, ZeroDivisionError)
    assert not task.is_held()


@each_kind
def test_a_job_that_cannot_write_its_end_still_says_it(queue: Queue, kind: Kind) -> None:
    """Where a disk is too full for the final state, whoever started the job hears why it failed;
    to others it was interrupted.
    """
    task = kind.prepare(queue)
    with ExitStack() as stack:

        def work(job: job.RunningJob) -> None:
            stack.enter_context(disk_full_above(0))
            raise OSError(errno.ENOSPC, "No space left on device")

        record = run_job(queue, task, work=work)

    assert (record.state, record.error) == ("failed", DISK_FULL)
    assert task.glance() == "interrupted"


HANG = """
import sys, threading
from pathlib import Path
from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue
from autoencoder.jobs.runner import run_job
from autoencoder.runs import Task

def hang(job):
    job.notify("hanging")
    threading.Event().wait()

models, data, folder, name = sys.argv[1:]
run_job(Queue(Settings(Path(models), Path(data))), Task(Path(folder), name), work=hang)
"""


@pytest.fixture
def hanging(queue: Queue) -> Iterator[Callable[[Task], subprocess.Popen[bytes]]]:
    """A function that starts a process which hangs in the work of a task."""
    processes = []

    def start(task: Task) -> subprocess.Popen[bytes]:
        places = [queue.settings.models, queue.settings.data, task.folder, task.name]
        command = [sys.executable, "-c", HANG, *map(str, places)]
        processes.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))
        wait_until(lambda: task.glance() == "running" and task.read().step == "hanging")
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.slow
@each_kind
def test_a_killed_process_is_said_in_the_same_words(
    queue: Queue, kind: Kind, hanging: Callable[[Task], subprocess.Popen[bytes]]
) -> None:
    """After SIGKILL a job of any kind is interrupted, for the same reason."""
    task = kind.prepare(queue)
    process = hanging(task)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert (task.now(), reason(task.read())) == ("interrupted", KILLED)


@pytest.mark.slow
@each_kind
def test_a_job_that_cannot_look_up_is_ended_when_cancelled(
    queue: Queue, kind: Kind, hanging: Callable[[Task], subprocess.Popen[bytes]]
) -> None:
    """A process that hangs in its work is stopped by the flag, and the state says so."""
    task = kind.prepare(queue)
    process = hanging(task)
    queue.stop_job(task)

    assert process.wait(timeout=30) != 0
    assert (task.now(), task.stop_file.exists()) == ("stopped", False)


# The same steps


@each_kind
def test_a_flag_that_a_killed_process_left_does_not_stop_the_next(queue: Queue, kind: Kind) -> None:
    """Whoever starts takes an old flag down first, holds the lock meanwhile and gives it back."""
    task, seen = kind.prepare(queue), []
    task.folder.mkdir(exist_ok=True)
    task.stop_file.touch()
    record = run_job(
        queue, task, work=lambda job: seen.append((task.stop_file.exists(), task.is_held()))
    )

    assert (record.state, seen, task.is_held()) == ("finished", [(False, True)], False)


@each_kind
def test_what_another_process_is_at_is_left_to_it(
    queue: Queue, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process for the same task is refused in words."""
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", 0.0)
    task = kind.prepare(queue)
    task.folder.mkdir(exist_ok=True)
    with held(task), pytest.raises(RunBusyError, match="another process is already working on"):
        kind.run(queue, task)


@each_kind
def test_every_job_moves_the_queue_on(
    queue: Queue, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the end, with the lock given back, the queue is looked at, even after a failure."""
    task, held_then = kind.prepare(queue), []
    monkeypatch.setattr(Queue, "tick", lambda queue: held_then.append(task.is_held()))

    def work(job: job.RunningJob) -> None:
        raise JobError("no")

    run_job(queue, task, work=work)

    assert held_then == [False]


@pytest.mark.parametrize(
    ("interval", "kept"),
    [(-1.0, [0, 0.1, 0.2, 0.2, 1]), (1e9, [0, 0, 0, 0.2, 1])],
    ids=["always", "rarely"],
)
def test_the_fraction_that_is_done_is_kept_now_and_then(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, interval: float, kept: list[float]
) -> None:
    """New words are kept and told at once; a fraction alone only after a while, and never one out
    of range.
    """
    monkeypatch.setattr(job, "INTERVAL", interval)
    task, fractions, heard = queue.task(TINY.key, MIXTURE), [], []
    steps = (("one", None), ("one", 0.1), ("one", 0.2), ("two", None), ("three", 7.0))

    def work(job: job.RunningJob) -> None:
        for words, fraction in steps:
            job.notify(words, fraction)
            fractions.append(task.read().share)

    record = run_job(queue, task, lambda words, fraction=None: heard.append(words), work)
    assert record.state == "finished"
    assert (fractions, heard) == (kept, ["one", "two", "three"])


def test_a_listener_that_cannot_hear_does_not_stop_the_work(queue: Queue) -> None:
    """A log on a full disk, or a terminal that went away."""

    def notify(words: str, fraction: float | None = None) -> None:
        raise BrokenPipeError

    task = queue.task(TINY.key, MIXTURE)
    assert run_job(queue, task, notify, lambda job: job.notify("one")).state == "finished"


# In the queue


@pytest.mark.parametrize(
    "name", ["mixture-2", "mixture-", "clustering-1", "", "timing-1", "../mixture", "projection-x"]
)
def test_a_task_that_there_is_not_is_refused(queue: Queue, name: str) -> None:
    """Only names that one of our kinds has can be asked for; nothing is written."""
    with pytest.raises(JobError, match="there is no task"):
        queue.submit_task(TINY.key, name)
    assert list((queue.store.folder / TINY.key).glob("*.state.json")) == []


@pytest.mark.parametrize("name", ["E1-mars", "labs", "E1", "E1---help", "E1-digits-quick-x"])
def test_a_lab_that_there_is_not_is_never_started(queue: Queue, name: str) -> None:
    """A state file in the labs' folder with a name that no lab has is passed over, or failed."""
    task = Task(queue.store.folder / "labs", name)
    task.folder.mkdir()
    task.write(TaskState("queued"))
    queue.tick()

    assert not task.lock_file.exists()
    assert task.now() in ("queued", "failed")


def test_jobs_need_a_run_with_weights(settings: Settings) -> None:
    """A run that was not trained for an epoch: refused in words, by the queue and by the
    process.
    """
    queue = Queue(settings)
    queue.store.claim(TINY, "stopped")
    for name in (MIXTURE, CLUSTERING, FEW):
        task = queue.task(TINY.key, name)
        for act in (queue.submit_job, lambda task: run_job(queue, task)):
            with pytest.raises(JobError, match="before its first epoch"):
                act(task)


def test_one_of_each_kind_waits_for_its_like_alone(queue: Queue) -> None:
    """While one mixture is fitted a second one waits and can be taken out of the queue and asked
    for again.
    """
    other, task = (queue.task(config.key, MIXTURE) for config in (DEEP, TINY))
    with held(other):
        other.write(TaskState("running"))
        queue.submit_task(TINY.key, MIXTURE)
        assert task.now() == "queued"
        queue.stop(TINY.key, MIXTURE)
        assert task.now() == "stopped"
        queue.submit_task(TINY.key, MIXTURE)
        assert (task.now(), queue.places()) == ("queued", {})
    with held(task):  # another kind does not stand in the way, nor does this one in that of others
        task.write(TaskState("running"))
        queue.submit_task(TINY.key, FEW)
        wait_until(lambda: queue.task(TINY.key, FEW).now() != "queued")


def test_what_was_done_while_it_waited_is_not_started(queue: Queue) -> None:
    """The result came from elsewhere: the task is finished, and no process was needed."""
    other, task = (queue.task(config.key, MIXTURE) for config in (DEEP, TINY))
    with held(other):
        other.write(TaskState("running"))
        queue.submit_task(TINY.key, MIXTURE)
        task.update(state="stopped")
        assert run_job(queue, task).state == "finished"
        task.update(state="queued")
    queue.tick()

    assert task.now() == "finished"
    assert not (task.folder / "mixture.log.txt").exists()


def test_a_new_kind_of_job_needs_its_entry_and_nothing_else(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an entry in the registry it has a command line, and knows when it is done."""

    def work(job: job.RunningJob) -> None:
        job.notify("counting")
        (job.run.folder / "count.txt").write_text("3")

    count = job.JobKind(
        title="count",
        matches=lambda name: name == "count",
        is_done=lambda task: (task.folder / "count.txt").exists(),
        work=work,
    )
    monkeypatch.setitem(registry.JOBS, "count", count)
    task, where = queue.task(TINY.key, "count"), ["--models", str(queue.settings.models)]

    assert count.arguments(task) == ["job", TINY.key, "count"]
    assert not registry.is_done(task)
    assert main([*count.arguments(task), *where]) == 0
    assert registry.is_done(task) and task.now() == "finished"


def test_the_command_line_does_any_job(queue: Queue, capsys: pytest.CaptureFixture[str]) -> None:
    """The words it says, the task's name last, exit status 0; refused are an unknown job, and one
    that has a command of its own.
    """
    where = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]

    assert main(["job", TINY.key, MIXTURE, *where]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "reading the training images"
    assert queue.store.get(TINY.key).has_mixture()
    assert main(["job", TINY.key, "surprise", *where]) == 2
    assert main(["job", TINY.key, TRAIN, *where]) == 2
