"""Runs against each other: where they differ, what a bottleneck costs, what seeds say, and how near PCA a linear one is."""

from autoencoder.comparison.configs import differences, families
from autoencoder.comparison.knees import BEND, bytes_per_percent, knee
from autoencoder.comparison.samples import Gap, gap, spread
from autoencoder.comparison.subspaces import angles

__all__ = ["BEND", "Gap", "angles", "bytes_per_percent", "differences", "families", "gap", "knee", "spread"]
