"""Runs against each other: where they differ, what a bottleneck costs, what seeds say, and how near
PCA a linear one is.
"""

from autoencoder.analysis.comparison.configs import differences, families
from autoencoder.analysis.comparison.convergence import MOST_EXCESS, Convergence, convergence
from autoencoder.analysis.comparison.knee import BEND, bytes_per_percent, knee
from autoencoder.analysis.comparison.seeds import Gap, gap, spread
from autoencoder.analysis.comparison.subspaces import angles
from autoencoder.analysis.comparison.weights import weight_families, weight_of, with_weight

__all__ = [
    "BEND",
    "MOST_EXCESS",
    "Convergence",
    "Gap",
    "angles",
    "bytes_per_percent",
    "convergence",
    "differences",
    "families",
    "gap",
    "knee",
    "spread",
    "weight_families",
    "weight_of",
    "with_weight",
]
