"""A run as one HTML file, which needs no server and no network."""

from autoencoder.export.html.file import html_bytes, write_html

__all__ = ["html_bytes", "write_html"]
