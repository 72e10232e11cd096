"""Pure functions from numbers to Plotly figures: no Streamlit, no torch, no file, and no colours,
which are the theme's.
"""

from autoencoder.figures.classes import class_matrix
from autoencoder.figures.comparison import (
    Curve,
    WeightedRun,
    angle_bars,
    bottleneck_curve,
    curves,
    means_by_weight,
    seed_dots,
    weight_trade_off,
)
from autoencoder.figures.errors import (
    HIGH,
    LOW,
    MOST_BARS,
    class_bars,
    class_errors,
    error_histogram,
    error_maps,
    pixel_errors,
)
from autoencoder.figures.inspection import NoiseCurve, noise_curves, unit_bars, unit_spread
from autoencoder.figures.latent import latent_scatter, latent_values
from autoencoder.figures.own_image import latent_bars, marked

__all__ = [
    "HIGH",
    "LOW",
    "MOST_BARS",
    "Curve",
    "NoiseCurve",
    "WeightedRun",
    "angle_bars",
    "bottleneck_curve",
    "class_bars",
    "class_errors",
    "class_matrix",
    "curves",
    "error_histogram",
    "error_maps",
    "latent_bars",
    "latent_scatter",
    "latent_values",
    "marked",
    "means_by_weight",
    "noise_curves",
    "pixel_errors",
    "seed_dots",
    "unit_bars",
    "unit_spread",
    "weight_trade_off",
]
