"""The Interpolate page: from one test image to another."""

from autoencoder.ui.interpolate.explanation import EXPLANATION, FORMULA
from autoencoder.ui.interpolate.page import interpolation

__all__ = ["EXPLANATION", "FORMULA", "interpolation"]
