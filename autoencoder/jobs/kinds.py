"""The side tasks: what is slow to work out about a run with weights, each told from its name and
nothing else a folder says.

The part of the name before the first "-" is the kind; of each kind one runs at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import AutoencoderError, JobError
from autoencoder.runs import Run

MIXTURE = "mixture"
CLUSTERING = "verdict"


@dataclass(frozen=True)
class Kind:
    """One kind of side task.

    Attributes:
        arguments: Name of a task and key of its run -> the command line that does it. Raises for a
            name that none of ours has.
        done: Whether the run holds the result of the task of that name, made from the weights it
            has.
    """

    arguments: Callable[[str, str], list[str]]
    done: Callable[[Run, str], bool]


def _project(name: str, key: str) -> list[str]:
    wanted = ProjectionSettings.parse(name)
    options = {
        field.name.replace("_", "-"): getattr(wanted, field.name) for field in fields(wanted)
    }
    return ["project", key, *(f"--{name}={value}" for name, value in options.items())]


def _plain(only: str, command: str) -> Callable[[str, str], list[str]]:
    """The arguments of a kind with only one task, which `command` does."""

    def arguments(name: str, key: str) -> list[str]:
        if name != only:
            raise JobError(f"there is no task {name[:60]!r}")
        return [command, key]

    return arguments


KINDS = {
    "projection": Kind(
        _project, lambda run, name: run.has_projection(ProjectionSettings.parse(name))
    ),
    MIXTURE: Kind(_plain(MIXTURE, "mixture"), lambda run, name: run.has_mixture()),
    CLUSTERING: Kind(_plain(CLUSTERING, "evaluate"), lambda run, name: run.has_clustering()),
}


def kind_of(name: str) -> str:
    """The kind of any task."""
    return name.partition("-")[0]


def arguments(name: str, key: str) -> list[str]:
    """Command line of a side task.

    Raises JobError or ProjectionError for a name that none of ours has.
    """
    if kind_of(name) not in KINDS:
        raise JobError(f"there is no task {name[:60]!r}")
    return KINDS[kind_of(name)].arguments(name, key)


def is_side_task(name: str) -> bool:
    """Whether a task may have that name."""
    try:
        return bool(arguments(name, ""))
    except AutoencoderError:
        return False


def is_done(run: Run, name: str) -> bool:
    """Whether the run holds the side task's result, so that there is nothing to do.

    The name must be one of ours.
    """
    return KINDS[kind_of(name)].done(run, name)
