"""Pure functions from numbers to Plotly figures: no Streamlit, no torch, no file, and no colours, which are the theme's."""

from autoencoder.figures.latent import latent_scatter

__all__ = ["latent_scatter"]
