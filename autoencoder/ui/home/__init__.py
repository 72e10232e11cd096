"""The Runs page: something to touch at once, and every run as a card."""

from autoencoder.ui.home.page import live_map, run_cards

__all__ = ["live_map", "run_cards"]
