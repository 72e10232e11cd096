"""The Inspect page: kernels, activity, switched-off units, noise."""

from autoencoder.ui.inspect.explanation import EXPLANATION, FORMULA
from autoencoder.ui.inspect.page import inspect_network

__all__ = ["EXPLANATION", "FORMULA", "inspect_network"]
