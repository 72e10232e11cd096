"""The Interpolate page: from one test image to another."""

from autoencoder.ui.interpolate.page import interpolation

__all__ = ["interpolation"]
