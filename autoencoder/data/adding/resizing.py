"""Images made alike: one size, one number of channels. H, W, C = height, width and channels."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from autoencoder.config.datasets import ImageShape

ANTIALIASED = Image.Resampling.HAMMING  # as data/fitting.py does it
Size = tuple[int, int]  # width, height


def fitted(pixels: np.ndarray, shape: ImageShape, fit: str) -> np.ndarray:
    """Pixels (H, W, 1 or 3) uint8 -> (C, H, W) uint8 of that shape; `fit` is one of FITS."""
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    if shape.channels == 1 and image.mode == "RGB":
        image = image.convert("L")
    if image.size != (shape.width, shape.height):
        image = FITS[fit](image, (shape.width, shape.height))
    levels = np.asarray(image)
    if levels.ndim == 2:
        return np.repeat(levels[None], shape.channels, axis=0)
    return np.ascontiguousarray(levels.transpose(2, 0, 1))


def crop(image: Image.Image, size: Size) -> Image.Image:
    """The middle of the image."""
    return ImageOps.fit(image, size, ANTIALIASED)


def pad(image: Image.Image, size: Size) -> Image.Image:
    """The whole image in the middle, before the median colour of its border."""
    scale = min(size[0] / image.width, size[1] / image.height)
    width, height = (max(1, round(side * scale)) for side in image.size)
    small = image.resize((width, height), ANTIALIASED)
    levels = np.asarray(small)
    sides = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    colour = np.median(sides, axis=0).astype(np.uint8)
    padded = Image.new(image.mode, size, tuple(colour.tolist()) if colour.ndim else int(colour))
    padded.paste(small, ((size[0] - width) // 2, (size[1] - height) // 2))
    return padded


def stretch(image: Image.Image, size: Size) -> Image.Image:
    """The whole image."""
    return image.resize(size, ANTIALIASED)


FITS: dict[str, Callable[[Image.Image, Size], Image.Image]] = {
    "crop": crop,
    "pad": pad,
    "stretch": stretch,
}
