"""Fitting a visitor's image to a data set: its size, its background, and where the drawing lies.

H, W, C = height, width and channels; pixels are levels from 0 to 255.
"""

from dataclasses import dataclass

import numpy as np

from autoencoder.config.datasets import ImageShape

WHITE = 255
PLAIN = 64  # a data set whose border is within this of black or white has a plain background
FAINT = 0.25  # of an image's strongest ink: less is taken for its background
ALONE = 24  # grey levels: an image that never differs more from its background holds no ink


@dataclass(frozen=True)
class Look:
    """What the images of a data set have in common.

    Attributes:
        shape: Of one image.
        border: Median level of their border pixels, 0 to 255.
        extent: Typical longer side of the box around what is drawn, as a share of the image's; 1
            without a plain background.
    """

    shape: ImageShape
    border: float
    extent: float

    @property
    def is_plain(self) -> bool:
        """Whether they have a plain dark or light background, as drawings do and photos do not."""
        return min(self.border, WHITE - self.border) < PLAIN


@dataclass(frozen=True, eq=False)
class Fitted:
    """A visitor's image as a network takes it: pixels (C, H, W) uint8.

    The notes say in a few words each what was done to it.
    """

    pixels: np.ndarray
    notes: tuple[str, ...]


def look(images: np.ndarray) -> Look:
    """What images (N, C, H, W) uint8 have in common; N at least 1."""
    shape = ImageShape(*images.shape[1:])
    grey = images.mean(axis=1)
    border = float(np.median([_border(image) for image in grey]))
    plain = Look(shape, border, 1.0)
    if not plain.is_plain:
        return plain
    boxes = [box for image in grey if (box := _box(np.abs(image - border))) is not None]
    sides = [max(lower - upper, right - left) for upper, lower, left, right in boxes]
    return Look(shape, border, float(np.median(sides)) / max(shape[1:]) if sides else 1.0)


def should_invert(image: np.ndarray, like: Look) -> bool:
    """Whether the border of pixels (H, W, 1 or 3) is nearer to the data set's when dark and light
    are exchanged.
    """
    border = float(np.median(_border(image.mean(axis=2))))
    return like.is_plain and abs(WHITE - border - like.border) < abs(border - like.border)


def should_centre(image: np.ndarray, like: Look) -> bool:
    """Whether pixels (H, W, 1 or 3) have another size than the data set's, and that holds grey
    drawings.
    """
    return like.is_plain and like.shape.channels == 1 and image.shape[:2] != like.shape[1:]


def fit(
    image: np.ndarray, like: Look, *, invert: bool | None = None, centre: bool | None = None
) -> Fitted:
    """Pixels (H, W, 1 or 3) uint8 made to look like a data set's: channels, size, background.

    Args:
        invert: Exchange dark and light; None: see `should_invert`.
        centre: Cut out what is drawn, give it the data set's background, scale it to the usual
            extent and put its centre of mass in the middle, as MNIST's were made; without it the
            whole image is made to fit. None: see `should_centre`.
    """
    invert = should_invert(image, like) if invert is None else invert
    centre = should_centre(image, like) if centre is None else centre
    levels, notes = image.astype(np.float32), []
    if like.shape.channels == 1 and image.shape[2] == 3:
        luma = levels @ np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
        levels = luma[:, :, None]
        notes.append("colours changed to grey")
    if invert:
        levels = WHITE - levels
        notes.append("dark and light inverted")
    drawing = _cut_out(levels, like) if centre else None
    pixels, note = _letterboxed(levels, like) if drawing is None else drawing
    pixels = np.repeat(pixels, like.shape.channels // pixels.shape[2], axis=2)
    return Fitted(
        np.rint(pixels.clip(0, 255)).astype(np.uint8).transpose(2, 0, 1), tuple(notes + note)
    )


def smaller(image: np.ndarray, side: int) -> np.ndarray:
    """Pixels (H, W, C) uint8 whose longer side is at most `side`, antialiased."""
    if max(image.shape[:2]) <= side:
        return image
    rows, columns = (max(1, round(edge * side / max(image.shape[:2]))) for edge in image.shape[:2])
    return np.rint(_resized(image.astype(np.float32), rows, columns).clip(0, WHITE)).astype(
        np.uint8
    )


def _letterboxed(levels: np.ndarray, like: Look) -> tuple[np.ndarray, list[str]]:
    """The whole image (H, W, C), as large as fits, in the middle of the data set's background; or
    of the image's own border colour, if the data set has no plain background.
    """
    _, height, width = like.shape
    before = levels.shape[:2]
    if before == (height, width):
        return levels, []
    scale = min(height / before[0], width / before[1])
    rows, columns = (max(1, round(side * scale)) for side in before)
    border = np.median(_border(levels), axis=0)
    placed = np.full(
        (height, width, levels.shape[2]), like.border if like.is_plain else border, np.float32
    )
    top, left = (height - rows) // 2, (width - columns) // 2
    placed[top : top + rows, left : left + columns] = _resized(levels, rows, columns)
    padded = f", padded to {height} x {width}" if (rows, columns) != (height, width) else ""
    return placed, [f"scaled from {before[0]} x {before[1]} to {rows} x {columns}{padded}"]


def _cut_out(levels: np.ndarray, like: Look) -> tuple[np.ndarray, list[str]] | None:
    """What is drawn on (H, W, 1), at the data set's extent with its centre of mass in the middle;
    None if nothing is.
    """
    _, height, width = like.shape
    background = float(np.median(_border(levels)))
    sign = 1 if like.border < WHITE / 2 else -1
    ink = ((levels[:, :, 0] - background) * sign).clip(0, None)
    if (box := _box(ink)) is None:
        return None
    upper, lower, left, right = box
    ink = ink[upper:lower, left:right] / np.percentile(ink[ink > FAINT * ink.max()], 90)
    side = like.extent * max(height, width)
    scale = min(side / max(ink.shape), height / ink.shape[0], width / ink.shape[1])
    rows, columns = (max(1, round(edge * scale)) for edge in ink.shape)
    small = _resized(ink[:, :, None].clip(0, 1), rows, columns)[:, :, 0].clip(0, 1)
    mass = small.sum()
    centre = (
        (np.arange(rows) + 0.5) @ small.sum(axis=1) / mass,
        (np.arange(columns) + 0.5) @ small.sum(axis=0) / mass,
    )
    top = int(np.clip(round(height / 2 - centre[0]), 0, height - rows))
    start = int(np.clip(round(width / 2 - centre[1]), 0, width - columns))
    placed = np.zeros((height, width, 1), np.float32)
    placed[top : top + rows, start : start + columns, 0] = small
    far = WHITE if sign > 0 else 0
    return like.border + placed * (far - like.border), [
        (
            f"cropped, scaled to {rows} x {columns}, placed with its centre of mass at the"
            f" centre of {height} x {width}"
        )
    ]


def _border(pixels: np.ndarray) -> np.ndarray:
    """The outermost pixels of (H, W, ...), one after the other."""
    sides = (pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1])
    return np.concatenate(sides)


def _box(ink: np.ndarray) -> tuple[int, int, int, int] | None:
    """The box around the strong ink of (H, W): first row, row after the last, first column, column
    after the last. None if there is no strong ink.
    """
    strong = ink > max(ALONE, FAINT * float(ink.max()))
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    return (
        (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
        if len(rows)
        else None
    )


def _resized(levels: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """(H, W, C) float32 at another size, antialiased."""
    from PIL import Image

    planes = [
        Image.fromarray(levels[:, :, k]).resize((columns, rows), Image.Resampling.HAMMING)
        for k in range(levels.shape[2])
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=2)
