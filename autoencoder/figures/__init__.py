"""Pure functions from numbers to Plotly figures: no Streamlit, no torch, no file, and no colours, which are the theme's."""

from autoencoder.figures.comparison import Curve, angle_bars, bottleneck_curve, curves, seed_dots
from autoencoder.figures.latent import latent_scatter, latent_values
from autoencoder.figures.relations import class_matrix

__all__ = ["Curve", "angle_bars", "bottleneck_curve", "class_matrix", "curves", "latent_scatter", "latent_values", "seed_dots"]
