"""Points of any dimension as points in two or three: PCA at once in NumPy, UMAP and t-SNE slowly by
their libraries, in their own process; and UMAP once more, step by step.
"""

from autoencoder.analysis.projections.methods import METHODS, pixel_space, project
from autoencoder.analysis.projections.pca import Pca, align, fit_pca, is_randomised
from autoencoder.analysis.projections.projection import Projection
from autoencoder.analysis.projections.steps import ProjectionSteps, Step, umap_steps

__all__ = [
    "METHODS",
    "Pca",
    "Projection",
    "ProjectionSteps",
    "Step",
    "align",
    "fit_pca",
    "is_randomised",
    "pixel_space",
    "project",
    "umap_steps",
]
