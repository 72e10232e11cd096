"""The Decode page: live decoding, the manifold as a grid, and samples."""

from autoencoder.ui.components.live.view import live_decode
from autoencoder.ui.decode.manifold import manifold
from autoencoder.ui.decode.samples import samples

__all__ = ["live_decode", "manifold", "samples"]
