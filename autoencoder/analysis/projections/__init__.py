"""Points of any dimension as points in two or three: PCA at once in NumPy, UMAP and t-SNE slowly,
in their own process.
"""

from autoencoder.analysis.projections.methods import METHODS, pixel_space, project
from autoencoder.analysis.projections.pca import Pca, align, fit_pca
from autoencoder.analysis.projections.projection import Projection

__all__ = [
    "METHODS",
    "Pca",
    "Projection",
    "align",
    "fit_pca",
    "pixel_space",
    "project",
]
