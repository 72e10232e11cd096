"""Latents decoded by decoder.js."""

import base64

import numpy as np

from autoencoder.config.datasets import ImageShape
from tests.support.node import in_node
from tests.support.places import PACKAGE

DECODER = PACKAGE / "export" / "browser" / "decoder.js"


def decoded_in_node(content: bytes, latents: np.ndarray, shape: ImageShape) -> np.ndarray:
    """Latents (N, D) through decoder.js: images (N, C, H, W)."""
    program = """
const decoder = new Decoder(Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0)));
console.log(JSON.stringify(latents.map((latent) => Array.from(decoder.decode(latent)))));
"""
    pixels = in_node(
        program,
        (DECODER, "Decoder"),
        content=base64.b64encode(content).decode(),
        latents=latents.tolist(),
    )
    return (
        np.array(pixels)
        .reshape(len(latents), shape.height, shape.width, shape.channels)
        .transpose(0, 3, 1, 2)
    )
