"""Latents decoded by decoder.js."""

import base64

import numpy as np

from autoencoder.config.datasets import ImageShape
from tests.support.node import in_node
from tests.support.places import PACKAGE

BROWSER = PACKAGE / "export" / "browser"


def decoded_in_node(content: bytes, latents: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Latents (N, D) through decoder.js, in plain JavaScript and in WebAssembly: images
    (2, N, C, H, W).
    """
    program = """
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
const decoders = [plainKernels, simdKernels].map((kernels) => new Decoder(bytes, kernels));
const images = decoders.map((decoder) => latents.map((z) => Array.from(decoder.decode(z))));
console.log(JSON.stringify(images));
"""
    pixels = in_node(
        program,
        (BROWSER / "decoder.js", "Decoder"),
        (BROWSER / "kernels.js", "plainKernels"),
        (BROWSER / "simd_kernels.js", "simdKernels"),
        content=base64.b64encode(content).decode(),
        latents=latents.tolist(),
    )
    return (
        np.array(pixels)
        .reshape(2, len(latents), shape.height, shape.width, shape.channels)
        .transpose(0, 1, 4, 2, 3)
    )
