"""A run as one HTML file, which needs no server and no network."""

from autoencoder.export.html.file import write_html

__all__ = ["write_html"]
