"""The Latent space page: maps of the test images, what is selected on them, and how the classes
cluster.
"""

from autoencoder.ui.latent_space.clustering import clustering
from autoencoder.ui.latent_space.page import latent_maps

__all__ = ["clustering", "latent_maps"]
