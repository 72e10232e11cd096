"""Do the classes cluster?

Numbers about a latent space beside image space and PCA, and the sentences that follow from them.
"""

from autoencoder.analysis.clustering.measuring import measure
from autoencoder.analysis.clustering.result import (
    SPACES,
    ClusteringScores,
    Measure,
    differs,
)
from autoencoder.analysis.clustering.sentences import sentences
from autoencoder.analysis.clustering.space import FEWEST, pixel_space

__all__ = [
    "FEWEST",
    "SPACES",
    "ClusteringScores",
    "Measure",
    "differs",
    "measure",
    "pixel_space",
    "sentences",
]
