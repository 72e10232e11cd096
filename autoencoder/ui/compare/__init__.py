"""The Compare page: runs side by side, over the bottleneck, over the weight of neighbours, over
seeds, against PCA.
"""

from autoencoder.ui.compare.bottleneck import bottleneck_finder
from autoencoder.ui.compare.explanation import EXPLANATION, FORMULA
from autoencoder.ui.compare.linear_and_pca import compare_linear
from autoencoder.ui.compare.neighbour_weights import neighbour_trade_off
from autoencoder.ui.compare.run_table import compare_runs
from autoencoder.ui.compare.seeds import compare_seeds

__all__ = [
    "EXPLANATION",
    "FORMULA",
    "bottleneck_finder",
    "compare_linear",
    "compare_runs",
    "compare_seeds",
    "neighbour_trade_off",
]
