"""Images for the screen: pixels to PNG, many images on one sheet."""

import base64
import io

import numpy as np


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Images as uint8, of the same shape: as they are, or from floats in [0, 1] (clipped to it)."""
    return images if images.dtype == np.uint8 else np.rint(images.clip(0, 1) * 255).astype(np.uint8)


def sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (N, C, H, W) on one sheet of whole rows, uint8 (rows * H, columns * W, C); empty places are black."""
    pixels = to_bytes(images).transpose(0, 2, 3, 1)
    count, height, width, channels = pixels.shape
    rows = -(-count // columns)
    places = np.zeros((rows * columns, height, width, channels), np.uint8)
    places[:count] = pixels
    grid = places.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def png(pixels: np.ndarray) -> bytes:
    """uint8 (H, W, 1 or 3) -> a PNG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def data_uri(pixels: np.ndarray) -> str:
    """uint8 (H, W, 1 or 3) -> an address that holds the PNG itself."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()
