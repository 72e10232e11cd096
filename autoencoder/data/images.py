"""Images as files: PNG, sheets of many images, strips, GIFs."""

import base64
import contextlib
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
GAP = 2  # pixels between two images of a strip
WHITE = 255
PNG_START = b"\x89PNG\r\n\x1a\n"
# Of a stored picture: several times what the largest of ours has.
MOST_PIXELS, MOST_FRAMES, MOST_CHUNKS, MOST_GIF_BYTES = 12_000_000, 240, 10_000, 4_000_000
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
    """The content of a picture file of ours, PNG or GIF. Raises ValueError if it is not whole, or
    larger than any of ours: that is seen before it is decoded.
    """
    from PIL import Image

    try:
        _require_few_parts(content)
        with Image.open(io.BytesIO(content), formats=("PNG", "GIF")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"{image.width:,} x {image.height:,} pixels are too many")
            image.load()
            if image.format == "GIF":
                _require_few_frames(image)
    except Exception as error:  # Pillow raises all sorts of things for a file that is no image
        reason = str(error) if type(error) is ValueError else type(error).__name__
        raise ValueError(f"this is not a picture of Latent Lab: {reason[:100]}") from error
    return content


def _require_few_parts(content: bytes) -> None:
    """Raises ValueError for a GIF that is long, or a PNG of many chunks: both are slow to read."""
    if content.startswith(b"GIF") and len(content) > MOST_GIF_BYTES:
        raise ValueError(f"{len(content):,} bytes are too many")
    at, chunks = len(PNG_START), 0
    while content.startswith(PNG_START) and at < len(content):
        at += 12 + int.from_bytes(content[at : at + 4], "big")
        chunks += 1
        if chunks > MOST_CHUNKS:
            raise ValueError("it has too many chunks")


def _require_few_frames(image: "Image.Image") -> None:
    """Raises ValueError for a GIF of more frames, or more pixels in all frames, than ours have."""
    most = min(MOST_FRAMES, MOST_PIXELS // (image.width * image.height))
    with contextlib.suppress(EOFError):
        image.seek(most)  # the first frame is number 0
        raise ValueError(f"it has more than {most:,} frames")


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


def shrunk(images: np.ndarray, size: int) -> np.ndarray:
    """Images (N, C, H, W), uint8 or floats, made smaller by a whole factor, so that the longer side
    comes nearest to `size` pixels: uint8 stay as they are where that factor is 1.
    """
    factor = round(max(images.shape[2:]) / size)
    if factor < 2:
        return images
    count, channels, height, width = images.shape
    rows, columns = max(1, height // factor), max(1, width // factor)
    step_down, step_right = height // rows, width // columns
    whole = images[:, :, : rows * step_down, : columns * step_right]
    blocks = whole.reshape(count, channels, rows, step_down, columns, step_right)
    means = blocks.mean(axis=(3, 5), dtype=np.float32)
    return np.rint(means).astype(np.uint8) if images.dtype == np.uint8 else means


def _palettised(image: np.ndarray) -> "Image.Image":
    """uint8 (C, H, W) -> a picture of at most 256 colours: grey as it is, colour by median cut."""
    from PIL import Image

    if len(image) == 1:
        return Image.fromarray(image[0])
    return Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0))).quantize(
        256, Image.Quantize.MEDIANCUT, kmeans=1
    )
