"""The Reconstruct page: test images beside their reconstructions, and an image of the visitor's
own.
"""

from autoencoder.ui.reconstruct.explanation import EXPLANATION
from autoencoder.ui.reconstruct.own_image import own_image
from autoencoder.ui.reconstruct.page import reconstruction_wall

__all__ = ["EXPLANATION", "own_image", "reconstruction_wall"]
