"""Points of any dimension as points in two or three: PCA at once in NumPy, UMAP and t-SNE slowly,
in their own process.
"""

from autoencoder.analysis.projections.layout import FEWEST, pixel_space, project
from autoencoder.analysis.projections.pca import Pca, align, fit_pca
from autoencoder.analysis.projections.placing import place
from autoencoder.analysis.projections.projection import (
    LIMIT,
    METHODS,
    MIN_DIST,
    MOST_POINTS,
    SPACES,
    Projection,
)

__all__ = [
    "FEWEST",
    "LIMIT",
    "METHODS",
    "MIN_DIST",
    "MOST_POINTS",
    "SPACES",
    "Pca",
    "Projection",
    "align",
    "fit_pca",
    "pixel_space",
    "place",
    "project",
]
