"""What leaves the package: a run's decoder as bytes that a browser understands, a run as a file."""

from autoencoder.export.decoder import decoder_bytes

__all__ = ["decoder_bytes"]
