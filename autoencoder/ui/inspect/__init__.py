"""The Inspect page: kernels, activity, switched-off units, noise."""

from autoencoder.ui.inspect.page import inspect_network

__all__ = ["inspect_network"]
