"""How the queue knows a lab: its task lies beside its report, and its name says all there is to
know.

The room of the labs stands above this one: its own command does the work.
"""

import re

from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.errors import JobError
from autoencoder.jobs.job import JobKind
from autoencoder.runs import Task

FOLDER = "labs"  # under the models folder
NAME = re.compile(r"(?P<lab>E\d{1,2})-(?P<part>[\w.]+)(?P<quick>-quick)?(?:-e(?P<epochs>\d{1,5}))?")
LETTERS = 8  # of the fingerprint of an added data set


def dataset_part(dataset: str, info: DatasetInfo) -> str:
    """What stands for a data set in a task's name: its own name; of one that was added, with dots
    for hyphens, and with the start of its fingerprint.
    """
    if dataset in DATASETS:
        return dataset
    return f"{dataset.replace('-', '.')}.{info.fingerprint[:LETTERS]}"


def dataset_of(part: str) -> str:
    """The data set's name in what `dataset_part` gave."""
    return part if part in DATASETS else part.rpartition(".")[0].replace(".", "-")


def arguments(task: Task) -> list[str]:
    """The command line of the lab, such as lab E1 --dataset digits --quick --epochs 3.

    Raises JobError for a name that no lab's task has.
    """
    match = NAME.fullmatch(task.name)
    if match is None or not (dataset := dataset_of(match["part"])):
        raise JobError(f"there is no task {task.name[:60]!r}")
    quick = ["--quick"] if match["quick"] else []
    epochs = ["--epochs", match["epochs"]] if match["epochs"] else []
    return ["lab", match["lab"], "--dataset", dataset, *quick, *epochs]


JOB = JobKind(
    title="lab",
    matches=lambda name: NAME.fullmatch(name) is not None,
    is_done=lambda task: False,  # a lab can be done again: runs that are there are used
    arguments=arguments,
    folder=FOLDER,
)
