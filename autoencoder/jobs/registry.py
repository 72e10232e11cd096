"""Every kind of job there is.

To add one, write a file like `mixture.py` with its work and its JOB, and add that here: the queue,
the runner and `python -m autoencoder job` know it then.
"""

from autoencoder.errors import JobError
from autoencoder.jobs import (
    adding,
    calibration,
    clustering,
    exporting,
    lab,
    mixture,
    projection,
    projection_steps,
)
from autoencoder.jobs.job import JobKind
from autoencoder.runs import Run, Task
from autoencoder.runs.state import TRAIN
from autoencoder.training.memory import require_memory

TRAINING = JobKind(
    title="training",
    matches=lambda name: name == TRAIN,
    is_done=lambda task: task.glance() == "finished",
    arguments=lambda task: ["train", "--run", task.folder.name],
    check=lambda task: require_memory(Run.read(task.folder).config),
    at_once=lambda settings: settings.max_trainings,
)

# In this order the queue starts what waits: a calibration only where no training began before it.
JOBS: dict[str, JobKind] = {
    "training": TRAINING,
    "projection": projection.JOB,
    "projection_steps": projection_steps.JOB,
    "mixture": mixture.JOB,
    "clustering": clustering.JOB,
    "lab": lab.JOB,
    "adding": adding.JOB,
    "export": exporting.JOB,
    "calibration": calibration.JOB,
}
FOLDERS = {kind.folder: kind for kind in JOBS.values() if kind.folder}  # under the models folder


def kind_of(task: Task) -> JobKind:
    """The kind of a task, by its folder's name and its own. Raises JobError if it has none."""
    folder = task.folder.name if task.folder.name in FOLDERS else ""
    for kind in JOBS.values():
        if kind.folder == folder and kind.matches(task.name):
            return kind
    raise JobError(f"there is no task {task.name[:60]!r}")


def is_known(task: Task) -> bool:
    """Whether the task is of one of our kinds, by its name."""
    try:
        return bool(kind_of(task))
    except JobError:
        return False


def is_done(task: Task) -> bool:
    """Whether the task's result is there, so that there is nothing to do.

    Raises:
        JobError: There is no such task.
        CorruptRunError: Its run is damaged.
    """
    return kind_of(task).is_done(task)
