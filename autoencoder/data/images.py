"""Images as files: PNG, sheets of many images, strips, GIFs."""

import base64
import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

GIF_SIZE = 224  # pixels, about, of the longer side of an image in a GIF
STRIP_SIZE = 56  # the same in a strip
FRAME_MS, END_MS = 100, 600  # milliseconds for which a GIF shows a frame, and the two ends
MOST_PIXELS = 8_000_000  # of a picture file of ours
GAP = 2  # pixels between two images of a strip
WHITE = 255
GREY = (128, 128, 128, 255)  # can be read on white and on black
WORDS_WIDTH, LETTER_SIZE, LINE = 165, 15, 22  # pixels, pixels, letters


def to_bytes(images: np.ndarray) -> np.ndarray:
    """Images as uint8, of the same shape: as they are, or from floats in [0, 1] (clipped to it)."""
    return images if images.dtype == np.uint8 else np.rint(images.clip(0, 1) * 255).astype(np.uint8)


def sheet(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (N, C, H, W) on one sheet, uint8 (rows * H, columns * W, C); black at the end."""
    pixels = to_bytes(images).transpose(0, 2, 3, 1)
    count, height, width, channels = pixels.shape
    rows = -(-count // columns)
    places = np.zeros((rows * columns, height, width, channels), np.uint8)
    places[:count] = pixels
    grid = places.reshape(rows, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(rows * height, columns * width, channels)


def png(pixels: np.ndarray) -> bytes:
    """uint8 (H, W, 1, 3 or 4) -> a PNG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def require_whole(content: bytes) -> bytes:
    """The content of a picture file of ours, PNG or GIF.

    Raises ValueError if it is not whole, or has more than MOST_PIXELS.
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "GIF")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise OverflowError("too many pixels")
            image.load()
    except Exception as error:  # Pillow raises all sorts of things for a file that is no image
        raise ValueError(f"this is not a picture of Latent Lab: {type(error).__name__}") from error
    return content


def data_uri(pixels: np.ndarray) -> str:
    """uint8 (H, W, 1 or 3) -> an address that holds the PNG itself."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def gif(frames: np.ndarray) -> bytes:
    """Frames (N, C, H, W), uint8 or in [0, 1], as a GIF that plays forwards and backwards for ever.

    It pauses at both ends.

    An image is about 224 pixels wide, at a whole multiple. Grey levels are exact; a colour frame
    has the 256 colours that suit it best, so that one with no more colours than that is exact, too.
    """
    forwards = [_palettised(image) for image in enlarged(to_bytes(frames), GIF_SIZE)]
    times = [END_MS, *[FRAME_MS] * (len(forwards) - 2), END_MS][: len(forwards)]
    pictures, durations = forwards + forwards[-2:0:-1], times + times[-2:0:-1]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=durations,
        loop=0,
        optimize=False,
        disposal=1,
    )
    return buffer.getvalue()


def strip(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of images (N, C, H, W), uint8 or in [0, 1], with thin white gaps: uint8 for `png`.

    An image is about 56 pixels wide, at a whole multiple.
    """
    images = enlarged(np.concatenate([to_bytes(row) for row in rows]), STRIP_SIZE)
    framed = np.pad(images, ((0, 0), (0, 0), (0, GAP), (0, GAP)), constant_values=WHITE)
    return np.pad(sheet(framed, len(rows[0])), ((GAP, 0), (GAP, 0), (0, 0)), constant_values=WHITE)


def words_beside(texts: Sequence[str], height: int) -> np.ndarray:
    """Texts for rows of equal height, below each other, to stand before a strip: grey on nothing,
    uint8 (height, WORDS_WIDTH, 4).
    """
    from PIL import Image, ImageDraw, ImageFont

    sheet = Image.new("RGBA", (WORDS_WIDTH, height))
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(LETTER_SIZE)
    for number, text in enumerate(texts):
        middle = round((number + 0.5) * height / len(texts))
        lines = "\n".join(textwrap.wrap(text, LINE))
        draw.multiline_text((0, middle), lines, fill=GREY, font=font, anchor="lm")
    return np.asarray(sheet)


def enlarged(images: np.ndarray, size: int) -> np.ndarray:
    """Images (N, C, H, W) at the whole multiple of their size, at least 1, whose longer side comes
    nearest to `size` pixels.
    """
    zoom = max(1, round(size / max(images.shape[2:])))
    return images.repeat(zoom, axis=2).repeat(zoom, axis=3)


def _palettised(image: np.ndarray) -> "Image.Image":
    """uint8 (C, H, W) -> a picture of at most 256 colours: grey as it is, colour by median cut."""
    from PIL import Image

    if len(image) == 1:
        return Image.fromarray(image[0])
    return Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).quantize(
        256, Image.Quantize.MEDIANCUT, kmeans=1
    )
