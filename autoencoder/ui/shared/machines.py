"""Where a run is or was trained, in a few words."""

from autoencoder.jobs.engines import title_of
from autoencoder.runs import TaskState


def machine(record: TaskState) -> str:
    """Such as "Ray, node worker-3"; empty where only this machine trains, and for runs of earlier
    versions.
    """
    if not record.engine_job:
        return ""
    return title_of(record.engine) + (f", node {record.node}" if record.node else "")
