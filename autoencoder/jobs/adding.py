"""The job that adds a data set, and what is asked of it: adding/add-leaves.request.json, beside its
state, under the models folder.

The images lie in the data folder in the end (data/added.py). Only one may add a name: the request
is written by whoever holds the lock of the name, and refused while another waits or runs.
"""

import contextlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autoencoder.config.added_datasets import NAME, check_name
from autoencoder.config.adding import UPLOADED, AddOptions, Limits
from autoencoder.data.added import require_free
from autoencoder.errors import DatasetError, JobError, RunError
from autoencoder.jobs.job import JobKind, RunningJob
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs import Task, TaskState
from autoencoder.runs.files import read_json, write_json
from autoencoder.runs.state import ACTIVE
from autoencoder.system import FileLock

if TYPE_CHECKING:
    from autoencoder.jobs.queue import Queue

FOLDER = "adding"  # under the models folder
PREFIX = "add-"  # so that no task is called "train"
OLD = 24 * 3600.0  # seconds
UPLOADS = "uploads"  # under the data folder: what visitors' browsers sent


@dataclass(frozen=True)
class Request:
    """What is to be added.

    Attributes:
        name: Of the data set.
        source: The folder or file with the images. One in the folder of uploads is removed when it
            has been added, or cannot be.
        title: On pages; empty: the name.
        options: See AddOptions.
    """

    name: str
    source: str
    title: str = ""
    options: AddOptions = AddOptions()


def task_of(models: Path, name: str) -> Task:
    """The task whose state tells how far the adding of a data set is."""
    return Task(models / FOLDER, PREFIX + name)


def submit(queue: "Queue", request: Request) -> Task:
    """Ask for a data set; returns the task that adds it.

    Raises:
        ConfigError: There can be no data set of that name.
        DatasetError: There is one, or somebody else is adding one.
        RunBusyError: Others are at the queue.
        RunError: The models folder cannot be written.
    """
    task = task_of(queue.settings.models, request.name)
    with _only_one(queue, request.name):
        _write_request(task, request)
        queue.submit_job(task)
    return task


def add_here(queue: "Queue", request: Request, notify: ProgressCallback = ignore) -> TaskState:
    """Add a data set in this process; returns the final state of its task. Raises as `submit`."""
    from autoencoder.jobs.runner import run_job

    task = task_of(queue.settings.models, request.name)
    with _only_one(queue, request.name):
        _write_request(task, request)
        return run_job(queue, task, notify)


@contextmanager
def _only_one(queue: "Queue", name: str) -> Iterator[None]:
    """The only one who may ask for a data set of that name. Raises as `submit`."""
    check_name(name)
    task = task_of(queue.settings.models, name)
    lock = FileLock(task.folder / f"{task.name}.request.lock")
    busy = DatasetError(f"somebody else is adding a data set {name} now: choose another name")
    try:
        task.folder.mkdir(parents=True, exist_ok=True)
        if not lock.acquire():
            raise busy
    except OSError as error:
        raise RunError(
            f"cannot write to the models folder {queue.settings.models}: {error.strerror}"
        ) from error
    try:
        if task.glance() in ACTIVE:
            raise busy
        require_free(name, queue.settings.data)
        yield
    finally:
        lock.release()


def _request_file(task: Task) -> Path:
    return task.folder / f"{task.name}.request.json"


def _write_request(task: Task, request: Request) -> None:
    try:
        write_json(_request_file(task), asdict(request))
    except OSError as error:
        raise RunError(f"cannot write to {task.folder}: {error.strerror}") from error


def request_of(task: Task) -> Request:
    """What the task is to add. Raises JobError."""
    try:
        request = read_json(_request_file(task), Request)
    except (OSError, ValueError) as error:
        raise JobError(f"what {task.name} is to add cannot be read: {error}") from error
    if task.name != PREFIX + request.name:
        raise JobError(f"what {task.name} is to add has another name")
    return request


def add(job: RunningJob) -> None:
    """Add the data set that the task's request asks for. Raises as `survey` and `prepare`."""
    from autoencoder.data.adding import prepare, survey

    request = request_of(job.task)
    source = Path(request.source)
    is_upload = _is_upload(source, job.settings.data)
    try:
        found = survey(source, UPLOADED if is_upload else Limits(), part_of(job.notify, 0.0, 0.05))
        description = prepare(
            found,
            request.name,
            request.options,
            job.settings.data,
            title=request.title,
            notify=part_of(job.notify, 0.05, 1.0),
            is_stopped=lambda: job.requested,
        )
    except Exception:
        _remove_upload(source, job.settings.data)
        raise
    if description is None:
        return job.finish("stopped")
    _remove_upload(source, job.settings.data)
    job.update(note=f"{description.train:,} images to train on, {description.test:,} to test on")


def _is_upload(source: Path, data: Path) -> bool:
    return source.resolve().is_relative_to((data / UPLOADS).resolve())


def _remove_upload(source: Path, data: Path) -> None:
    """Remove what a visitor sent: nobody can name it again."""
    if _is_upload(source, data) and source.resolve() != (data / UPLOADS).resolve():
        if source.is_dir():
            shutil.rmtree(source, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                source.unlink()


def remove_old_uploads(queue: "Queue") -> None:
    """Remove what visitors sent more than a day ago and nothing waits for."""
    folder = queue.settings.data / UPLOADS
    tasks = [
        Task(path.parent, path.name.removesuffix(".state.json"))
        for path in (queue.settings.models / FOLDER).glob(f"{PREFIX}*.state.json")
    ]
    needed = set()
    for task in tasks:
        with contextlib.suppress(JobError):
            if task.glance() in ACTIVE:
                needed.add(Path(request_of(task).source))
    for upload in folder.glob("*"):
        with contextlib.suppress(OSError):
            if upload not in needed and time.time() - upload.stat().st_mtime > OLD:
                _remove_upload(upload, queue.settings.data)


JOB = JobKind(
    title="adding of a data set",
    matches=lambda name: (
        name.startswith(PREFIX) and NAME.fullmatch(name[len(PREFIX) :]) is not None
    ),
    is_done=lambda task: False,  # one that was removed may be added again
    work=add,
    check=request_of,
    folder=FOLDER,
)
