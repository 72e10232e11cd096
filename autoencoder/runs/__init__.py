"""Run folders: the only truth about a training.

Everything that reads or writes one goes through here.
"""

from autoencoder.runs.arrays import Clustering, Evaluation, NeighbourErrors, Snapshot
from autoencoder.runs.run import DamagedRun, Run
from autoencoder.runs.state import Task, TaskState
from autoencoder.runs.store import RunStore
from autoencoder.runs.timings import TimingStore
from autoencoder.runs.writer import RunWriter

__all__ = [
    "Clustering",
    "DamagedRun",
    "Evaluation",
    "NeighbourErrors",
    "Run",
    "RunStore",
    "RunWriter",
    "Snapshot",
    "Task",
    "TaskState",
    "TimingStore",
]
