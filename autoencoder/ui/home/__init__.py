"""The Runs page: something to touch at once, and every run as a card."""

from autoencoder.ui.home.page import first_touch, gallery

__all__ = ["first_touch", "gallery"]
