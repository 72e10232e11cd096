"""Whatever is slow or can crash: a process of its own, started through a queue, seen only through
the run's folder.
"""

from autoencoder.jobs.kinds import CLUSTERING, MIXTURE, is_done, kind_of
from autoencoder.jobs.queue import Queue

__all__ = ["CLUSTERING", "MIXTURE", "Queue", "is_done", "kind_of"]
