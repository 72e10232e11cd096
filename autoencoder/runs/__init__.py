"""Run folders: the only record of a training. Whatever reads or writes one does it through here."""

from autoencoder.runs.arrays import (
    CLUSTERS_WITHOUT_CLASSES,
    Clustering,
    Evaluation,
    NeighbourErrors,
    Snapshot,
)
from autoencoder.runs.labels import RunLabel
from autoencoder.runs.results import KeptResult
from autoencoder.runs.run import DamagedRun, Run
from autoencoder.runs.series import Membership
from autoencoder.runs.state import Task, TaskState
from autoencoder.runs.store import RunStore
from autoencoder.runs.timings import TimingStore
from autoencoder.runs.writer import RunWriter

__all__ = [
    "CLUSTERS_WITHOUT_CLASSES",
    "Clustering",
    "DamagedRun",
    "Evaluation",
    "KeptResult",
    "Membership",
    "NeighbourErrors",
    "Run",
    "RunLabel",
    "RunStore",
    "RunWriter",
    "Snapshot",
    "Task",
    "TaskState",
    "TimingStore",
]
