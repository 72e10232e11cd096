"""The job that makes a file of a run to take away.

The files lie beside each other under the models folder, in exports/: the newest FILES of them, each
named for the state that its run was in.
"""

import contextlib
import hashlib
import re
from pathlib import Path

from autoencoder.config.exports import EXPORTS
from autoencoder.config.options import RUN_KEY
from autoencoder.errors import JobError
from autoencoder.jobs.job import JobKind, RunningJob, require_weights
from autoencoder.runs import Run, Task
from autoencoder.runs.archive import files_of

FOLDER = "exports"  # under the models folder
NAME = re.compile(rf"({'|'.join(EXPORTS)})-({RUN_KEY.pattern})")
FILES = 20  # that are kept
LETTERS = 8  # of the fingerprint in a file's name


def task_of(models: Path, key: str, name: str) -> Task:
    """The task that makes the format `name` of the run `key`."""
    return Task(models / FOLDER, f"{name}-{key}")


def file_of(run: Run, name: str) -> Path:
    """Where the file of that format is, or will be, of the run as it is now."""
    changed = [(file, (run.folder / file).stat().st_mtime_ns) for file in files_of(run)]
    fingerprint = hashlib.sha256(repr(changed).encode()).hexdigest()[:LETTERS]
    return run.folder.parent / FOLDER / f"{run.key}.{fingerprint}{EXPORTS[name].ending}"


def make(job: RunningJob) -> None:
    """Make the file that the task's name says, and drop the oldest of too many.

    Raises as `export`, and JobError.
    """
    from autoencoder.export.formats import export

    name, run = _parsed(job.task)
    export(name, run, file_of(run, name), job.notify)
    _drop_oldest(job.task.folder)


def _parsed(task: Task) -> tuple[str, Run]:
    """The format and the run of a task. Raises JobError or CorruptRunError."""
    match = NAME.fullmatch(task.name)
    if match is None:
        raise JobError(f"there is no task {task.name[:60]!r}")
    return match[1], Run.read(task.folder.parent / match[2])


def _is_there(task: Task) -> bool:
    name, run = _parsed(task)
    return file_of(run, name).is_file()


def _require_ready(task: Task) -> None:
    from autoencoder.export.formats import require_packages

    name, run = _parsed(task)
    require_packages(name)
    require_weights(Task(run.folder))


def _drop_oldest(folder: Path) -> None:
    endings = tuple(each.ending for each in EXPORTS.values())
    files = [path for path in folder.iterdir() if path.name.endswith(endings)]
    for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)[:-FILES]:
        with contextlib.suppress(OSError):
            path.unlink()


JOB = JobKind(
    title="export",
    matches=lambda name: NAME.fullmatch(name) is not None,
    is_done=_is_there,
    work=make,
    check=_require_ready,
    folder=FOLDER,
)
