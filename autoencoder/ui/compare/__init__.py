"""The Compare page: runs side by side, over the bottleneck, over seeds, against PCA."""

from autoencoder.ui.compare.bottleneck import bottleneck_finder
from autoencoder.ui.compare.linear import linear_and_pca
from autoencoder.ui.compare.runs import compare_runs
from autoencoder.ui.compare.seeds import seeds

__all__ = ["bottleneck_finder", "compare_runs", "linear_and_pca", "seeds"]
