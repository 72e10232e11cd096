"""Pure functions from numbers to Plotly figures: no Streamlit, no torch, no file, and no colours, which are the theme's."""

from autoencoder.figures.latent import latent_scatter, latent_values
from autoencoder.figures.relations import class_matrix

__all__ = ["class_matrix", "latent_scatter", "latent_values"]
