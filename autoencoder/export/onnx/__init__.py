"""A run's network in ONNX, the format that most runtimes of trained networks read."""

from autoencoder.export.onnx.files import onnx_bytes, write_onnx

__all__ = ["onnx_bytes", "write_onnx"]
