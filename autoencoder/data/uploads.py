"""Uploads: a visitor's file read as an image.

Nothing is decoded before the header has been checked; whatever is wrong becomes an UploadError of
one sentence.
"""

import io
import threading
import warnings
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.errors import UploadError

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 10_000_000
MOST_PIXELS = 25_000_000
MOST_SIDE = 12_000
KEPT_SIDE = 1_024  # pixels: a larger image is made smaller before anything else is done to it
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
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

# The largest image takes some 400 MB for half a second, and warnings belong to the whole process.
_ONE_AT_A_TIME = threading.Lock()


def read_image(content: bytes) -> np.ndarray:
    """A file as pixels (H, W, 1 or 3) uint8: grey where all is grey, its longer side at most 1,024.

    Of an animation the first frame; turned as its camera says; colours as sRGB; 16 bits scaled to
    8. What is transparent counts as white, or as black where what can be seen is nearly white
    itself.

    Raises:
        UploadError: It is empty, too large, broken, or no PNG, JPEG, WEBP, BMP or GIF.
    """
    from PIL import Image, UnidentifiedImageError

    if not content:
        raise UploadError("the file is empty; it must be an image")
    if len(content) > MOST_BYTES:
        raise UploadError(
            f"the file must have at most {MOST_BYTES // 10**6} MB; it has"
            f" {len(content) / 10**6:.1f}"
        )
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        # Pillow warns of large images and odd metadata; only its errors count here.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                _check_size(*image.size)
                return _pixels(_decoded(image))
        except UploadError:
            raise
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


def _kind(content: bytes) -> str:
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<?xml") and b"<svg" in content[:4096].lower():
        return "an SVG drawing"
    if content[4:8] == b"ftyp":
        return "a HEIC or AVIF photo, or a film"
    return next((kind for begin, kind in KINDS if start.startswith(begin.lower())), "not an image")


def _check_size(width: int, height: int) -> None:
    """Raises UploadError; takes the size from the header, before anything is decoded."""
    if width * height > MOST_PIXELS:
        size = f"{width} x {height} = {width * height / 10**6:.0f} million"
        raise UploadError(
            f"the image must have at most {MOST_PIXELS // 10**6} million pixels; it has {size}"
        )
    if max(width, height) > MOST_SIDE:
        raise UploadError(
            f"the image must be at most {MOST_SIDE:,} pixels wide and high; it is {width:,} x"
            f" {height:,}"
        )


def _decoded(image: "Image.Image") -> "Image.Image":
    """The first frame in mode L, LA, RGB, RGBA or CMYK, no larger than is kept, upright."""
    from PIL import Image, ImageOps

    image.draft(None, (KEPT_SIDE, KEPT_SIDE))  # a JPEG is decoded at a fraction of its size
    image.load()
    simple: Image.Image = image
    if image.mode.startswith("I"):  # 16 bits: convert("L") would clip them to white
        levels = np.rint(np.asarray(image).astype(np.float32).clip(0, 65_535) / 257).astype(
            np.uint8
        )
        simple = Image.fromarray(levels)
        simple.info.update(image.info)
        simple.info.pop("transparency", None)
    elif image.has_transparency_data:
        simple = image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
    elif image.mode not in ("L", "RGB", "CMYK"):
        simple = image.convert("L" if image.mode == "1" else "RGB")
    simple.thumbnail((KEPT_SIDE, KEPT_SIDE))
    return ImageOps.exif_transpose(simple)


def _pixels(image: "Image.Image") -> np.ndarray:
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


def _in_srgb(image: "Image.Image") -> "Image.Image":
    """An image of mode L, RGB or CMYK in mode L or RGB.

    Its colour profile is used if it has one that fits.
    """
    from PIL import ImageCms

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
