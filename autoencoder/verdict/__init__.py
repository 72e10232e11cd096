"""Do the classes cluster? Numbers about a latent space beside image space and PCA, and the sentences that follow from them."""

from autoencoder.verdict.measuring import measure
from autoencoder.verdict.result import METRICS, SPACES, Measure, Verdict, differs
from autoencoder.verdict.words import sentences

__all__ = ["METRICS", "SPACES", "Measure", "Verdict", "differs", "measure", "sentences"]
