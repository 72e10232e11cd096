"""Whatever is slow or can crash: a process of its own, started through a queue, seen only through
the run's folder.
"""

from autoencoder.jobs.kinds import MIXTURE, VERDICT, is_done, kind_of
from autoencoder.jobs.queue import Queue

__all__ = ["MIXTURE", "VERDICT", "Queue", "is_done", "kind_of"]
