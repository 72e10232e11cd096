"""The Labs page: the five exercises, and their reports."""

from autoencoder.ui.labs.explanation import EXPLANATION
from autoencoder.ui.labs.page import exercises

__all__ = ["EXPLANATION", "exercises"]
