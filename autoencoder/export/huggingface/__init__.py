"""A run as a model folder, as the Hugging Face Hub takes it."""

from autoencoder.export.huggingface.folder import huggingface_bytes, write_huggingface

__all__ = ["huggingface_bytes", "write_huggingface"]
