"""The Runs page: something to touch at once, and every run as a card."""

from autoencoder.ui.home.entries import read_entries
from autoencoder.ui.home.explanation import EXPLANATION, FORMULA
from autoencoder.ui.home.page import live_map, reading, run_cards

__all__ = ["EXPLANATION", "FORMULA", "live_map", "read_entries", "reading", "run_cards"]
