"""A measured time."""

from autoencoder.training.timing import Timing

TIMING = Timing(
    1, "bfloat16", "contiguous", start=3.0, step=0.01, spread=0.1, test=0.5, save=0.25, measure=2.0
)
