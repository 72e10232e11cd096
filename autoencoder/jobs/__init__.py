"""Whatever is slow or can crash: a process of its own, started through a queue, seen only through
files that it keeps beside its result.
"""

from autoencoder.jobs.clustering import CLUSTERING
from autoencoder.jobs.mixture import MIXTURE
from autoencoder.jobs.queue import Queue

__all__ = ["CLUSTERING", "MIXTURE", "Queue"]
