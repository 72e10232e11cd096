"""How the queue knows a lab: its task lies beside its report, and its name says all there is to
know.

The room of the labs stands above this one: its own command does the work.
"""

import re

from autoencoder.config.datasets import DATASETS
from autoencoder.errors import JobError
from autoencoder.jobs.job import JobKind
from autoencoder.runs import Task

FOLDER = "labs"  # under the models folder
NAME = re.compile(r"(?P<lab>E\d{1,2})-(?P<dataset>\w+)(?P<quick>-quick)?(?:-e(?P<epochs>\d{1,5}))?")


def arguments(task: Task) -> list[str]:
    """The command line of the lab, such as lab E1 --dataset digits --quick --epochs 3.

    Raises JobError for a name that no lab's task has.
    """
    match = NAME.fullmatch(task.name)
    if match is None or match["dataset"] not in DATASETS:
        raise JobError(f"there is no task {task.name[:60]!r}")
    quick = ["--quick"] if match["quick"] else []
    epochs = ["--epochs", match["epochs"]] if match["epochs"] else []
    return ["lab", match["lab"], "--dataset", match["dataset"], *quick, *epochs]


JOB = JobKind(
    title="lab",
    matches=lambda name: NAME.fullmatch(name) is not None,
    is_done=lambda task: False,  # a lab can be done again: runs that are there are used
    arguments=arguments,
    folder=FOLDER,
)
