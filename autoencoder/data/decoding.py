"""Image files decoded to pixels, and the process that does it for uploads.

    python -m autoencoder.data.decoding < file > answer

A small file can ask a decoder for minutes and gigabytes. So an upload is decoded in a process of
its own, which has limits (see `main`); `uploads.read_image` starts it. The functions here need no
process: they turn a file into pixels, or into an UploadError of one sentence. Nothing is decoded
before the header has been checked.
"""

import io
import struct
import sys
import warnings
from collections.abc import Iterator

import numpy as np
from PIL import (
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from autoencoder import system
from autoencoder.errors import UploadError

CPU_SECONDS = 2  # of the process in all: its start takes about a tenth of a second of them
MEMORY = 300_000_000  # bytes of the process in all
AT_START = 35_000_000  # bytes of them that it takes before it decodes anything
SECONDS = 20.0  # until the process ends, whatever else the machine has to do

MOST_PIXELS = 25_000_000
MOST_WEBP_PIXELS = 15_000_000  # a WebP's decoder takes 16 bytes for each
MOST_SIDE = 12_000
KEPT_SIDE = 1_024  # pixels: a larger image is made smaller before anything else is done to it
STRIP_ROWS = 256  # about so many rows of a large image are made smaller at once
PLUGINS = (BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")  # those of the PLUGINS
READABLE = "PNG, JPEG, WEBP, BMP or GIF"
KINDS = (  # how other files begin, and what they are
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"<svg", "an SVG drawing"),
    (b"<!doctype", "a web page"),
    (b"<html", "a web page"),
)
WHITE = 255  # the usual background behind what is transparent
LIGHT = 200  # an image whose visible parts are lighter than this gets a black background instead

HEADER = struct.Struct("<III")  # of an answer: height, width, channels; height 0: a text follows
MOST_ANSWER = HEADER.size + 3 * KEPT_SIDE**2  # bytes
MOST_TEXT = 1_000  # bytes of a text
TOO_LARGE = (
    f"the image needs more than {MEMORY // 10**6} MB of memory to be decoded: make it smaller"
)


def main() -> None:
    """Decode standard input and write an answer (see `answer_of`), within CPU_SECONDS and MEMORY:
    what needs more CPU time is killed, what needs more memory is refused.
    """
    system.limit_process(cpu_seconds=CPU_SECONDS, memory=MEMORY - AT_START, seconds=SECONDS)
    sys.stdout.buffer.write(answer_of(sys.stdin.buffer.read()))


def answer_of(content: bytes) -> bytes:
    """The pixels of an image file, or why there are none, as `uploads` takes them."""
    try:
        pixels = decoded(content)
    except UploadError as error:
        return HEADER.pack(0, 0, 0) + str(error).encode()[:MOST_TEXT]
    return HEADER.pack(*pixels.shape) + pixels.tobytes()


def decoded(content: bytes, side: int = KEPT_SIDE) -> np.ndarray:
    """An image file as pixels (H, W, 1 or 3) uint8, as `uploads.read_image` describes them.

    A JPEG may come smaller, where that is faster, but with sides of at least `side`.

    Raises:
        UploadError: It is too large, broken, or no PNG, JPEG, WEBP, BMP or GIF.
    """
    with warnings.catch_warnings():
        # Pillow warns of large images and odd metadata; only its errors count here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(*image.size, image.format or "")
                return _pixels(_small(image, side))
        except UploadError:
            raise
        except MemoryError as error:
            raise UploadError(TOO_LARGE) from error
        except Image.DecompressionBombError as error:
            raise UploadError(
                f"the image must have at most {MOST_PIXELS // 10**6} million pixels; it has many"
                " more"
            ) from error
        except UnidentifiedImageError as error:
            raise UploadError(
                f"the file is {_kind(content)}; it must be a {READABLE} image"
            ) from error
        except Exception as error:  # a decoder that meets a broken file may raise anything
            raise UploadError(
                f"the image is broken or incomplete: {' '.join(str(error).split())[:100]}"
            ) from error


def upright_size(content: bytes) -> tuple[int, int]:
    """Height and width of an image that can be decoded, by its header, turned as its camera says.

    Raises as a decoder that meets a broken file may.
    """
    with Image.open(io.BytesIO(content), formats=FORMATS) as image:
        width, height = image.size
        if image.format == "PNG" and "exif" not in image.info:
            return height, width  # Pillow would decode it all to look for more
        is_turned = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
        return (width, height) if is_turned else (height, width)


def _kind(content: bytes) -> str:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml") and b"<svg" in content[:4096].lower():
        return "an SVG drawing"
    if content[4:8] == b"ftyp":
        return "a HEIC or AVIF photo, or a film"
    return next((kind for begin, kind in KINDS if start.startswith(begin.lower())), "not an image")


def _check_size(width: int, height: int, kind: str) -> None:
    """Raises UploadError; takes the size from the header, before anything is decoded."""
    subject, most = "the image", MOST_PIXELS
    if kind == "WEBP":
        subject, most = "a WebP image", MOST_WEBP_PIXELS
    if width * height > most:
        size = f"{width} x {height} = {width * height / 10**6:.0f} million"
        raise UploadError(
            f"{subject} must have at most {most // 10**6} million pixels; it has {size}"
        )
    if max(width, height) > MOST_SIDE:
        raise UploadError(
            f"the image must be at most {MOST_SIDE:,} pixels wide and high; it is {width:,} x"
            f" {height:,}"
        )


def _small(image: Image.Image, side: int) -> Image.Image:
    """The first frame in mode L, LA, RGB, RGBA or CMYK, no larger than is kept, upright."""
    image.draft(None, (side, side))  # a JPEG is decoded at a fraction of its size
    image.load()
    small = _reduced(image)
    small.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return ImageOps.exif_transpose(small)


def _reduced(image: Image.Image) -> Image.Image:
    """An image in one of those modes; a large one is made smaller by a whole factor, to about twice
    the size that is kept. That is done strip by strip: a copy of it all takes too much memory.
    """
    factor = max(1, max(image.size) // (2 * KEPT_SIDE))
    if factor == 1:
        return _simple(image)
    strips = [_simple(strip).reduce(factor) for strip in _strips(image, factor)]
    joined = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        joined.paste(strip, (0, top))
        top += strip.height
    joined.info.update(strips[0].info)
    return joined


def _strips(image: Image.Image, factor: int) -> Iterator[Image.Image]:
    """The image from top to bottom, a multiple of `factor` rows at once, the last strip perhaps
    less.
    """
    rows = factor * max(1, STRIP_ROWS // factor)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        strip.info = dict(image.info)
        yield strip


def _simple(image: Image.Image) -> Image.Image:
    """An image in mode L, LA, RGB, RGBA or CMYK, with its info."""
    if image.mode.startswith("I"):  # 16 bits: convert("L") would clip them to white
        levels = np.rint(np.asarray(image).astype(np.float32).clip(0, 65_535) / 257)
        grey = Image.fromarray(levels.astype(np.uint8))
        grey.info.update(image.info)
        grey.info.pop("transparency", None)
        return grey
    if image.has_transparency_data:
        return image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
    if image.mode not in ("L", "RGB", "CMYK"):
        return image.convert("L" if image.mode == "1" else "RGB")
    return image


def _pixels(image: Image.Image) -> np.ndarray:
    """(H, W, 1 or 3) uint8 of an image in mode L, LA, RGB, RGBA or CMYK."""
    alpha = None
    if image.mode in ("LA", "RGBA"):
        alpha = np.asarray(image.getchannel("A"), np.float32)[:, :, None] / 255
        opaque = image.convert(image.mode[:-1])
        opaque.info.update(image.info)
        image = opaque
    pixels = np.asarray(_in_srgb(image))
    pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
    if alpha is not None:
        visible = float((alpha * pixels).sum() / max(float(alpha.sum()) * pixels.shape[2], 1e-6))
        background = 0 if visible > LIGHT else WHITE
        pixels = np.rint(alpha * pixels + (1 - alpha) * background).astype(np.uint8)
    grey = (pixels == pixels[:, :, :1]).all()
    return np.ascontiguousarray(pixels[:, :, :1] if grey else pixels)


def _in_srgb(image: Image.Image) -> Image.Image:
    """An image of mode L, RGB or CMYK in mode L or RGB.

    Its colour profile is used if it has one that fits.
    """
    if profile := image.info.get("icc_profile"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            assert converted is not None  # None only where it works in place
            return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a broken profile is no reason to refuse the image
    return image if image.mode == "L" else image.convert("RGB")


if __name__ == "__main__":
    main()
