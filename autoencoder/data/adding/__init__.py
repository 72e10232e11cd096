"""Somebody's own images made into a data set: looked at, shown as the network will see them, and
prepared.
"""

from autoencoder.data.adding.preparing import prepare
from autoencoder.data.adding.sampling import samples
from autoencoder.data.adding.surveying import Survey, survey

__all__ = ["Survey", "prepare", "samples", "survey"]
