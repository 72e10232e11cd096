"""A visitor's image: whatever is uploaded is read right or refused in a sentence, and made to look
like the data set's.
"""

import io
import random
import struct
import threading
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image, ImageCms

from autoencoder.config.datasets import ImageShape
from autoencoder.data import decoding, uploads
from autoencoder.data.decoding import decoded
from autoencoder.data.fitting import Look, fit, look, should_centre, should_invert, smaller
from autoencoder.data.uploads import read_image
from autoencoder.errors import UploadError
from autoencoder.system import Ended
from tests.faults.uploads import HOSTILE, Reader, as_file, jpeg_of_scans, mutated, problem
from tests.support.waiting import wait_until

MNIST_LIKE = Look(ImageShape(1, 28, 28), 0.0, 20 / 28)
PHOTOS = Look(ImageShape(3, 32, 32), 120.0, 1.0)


def noise(*shape: int) -> np.ndarray:
    """The same random levels every time, uint8."""
    return np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)


def smooth(height: int = 24, width: int = 36) -> np.ndarray:
    """Colours (H, W, 3) that change slowly, so that a lossy format keeps them."""
    down, across = np.mgrid[0:height, 0:width] / max(height, width)
    return np.rint(255 * np.stack([down, across, 1 - across], axis=2)).astype(np.uint8)


def headed_png(width: int, height: int, frames: int = 1) -> bytes:
    """A PNG whose header promises so many grey pixels, with hardly any data."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + name
            + content
            + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 100)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", data) * frames
        + chunk(b"IEND", b"")
    )


def zipped() -> bytes:
    """A zip archive of ten megabytes of zeros."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b"\0" * 10_000_000)
    return buffer.getvalue()


BAD = {
    "bomb": (
        as_file(Image.new("1", (12_000, 12_000))),
        "at most 25 million pixels; it has 12000 x 12000 = 144 million",
    ),
    "larger bomb": (headed_png(60_000, 60_000), "at most 25 million pixels"),
    "long": (
        as_file(Image.new("1", (65_000, 1))),
        "at most 12,000 pixels wide and high; it is 65,000 x 1",
    ),
    "tall": (headed_png(1, 65_000), "at most 12,000 pixels"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    "svg with a prologue": (b"<?xml version='1.0'?>\n<!-- x --><svg/>", "an SVG drawing"),
    "zip": (zipped(), "a zip archive"),
    "pdf": (b"%PDF-1.7\n%abc", "a PDF document"),
    "html": (b"\n<!DOCTYPE html><html><img src=x></html>", "a web page"),
    "text": (b"an image, they say", "not an image"),
    "heic": (b"\0\0\0\x18ftypheic" + b"\0" * 40, "HEIC"),
    "tiff": (as_file(Image.new("L", (4, 4)), "TIFF"), "a TIFF image"),
    "nothing but a promise": (headed_png(400, 400), "broken or incomplete"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_what_is_no_image_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    """Whatever it is, the sentence says what it is or what the rule is, in one line."""
    with pytest.raises(UploadError) as caught:
        decoded(content)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("kind", decoding.FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_half_a_file_is_refused(kind: str, share: float) -> None:
    """A file cut short is broken or none, whatever its format."""
    content = as_file(Image.fromarray(noise(200, 200, 3)), kind)

    with pytest.raises(UploadError):
        decoded(content[: int(share * len(content))])


@settings(max_examples=300, deadline=1_000)
@given(
    some.one_of(
        some.binary(max_size=400),
        some.tuples(some.integers(0, 4), some.binary(min_size=1, max_size=40), some.floats(0, 1)),
    )
)
def test_any_bytes_are_an_image_or_refused(given_bytes: bytes | tuple[int, bytes, float]) -> None:
    """Random bytes, and images with random bytes written into them, end in pixels or an
    UploadError, and soon.
    """
    if isinstance(given_bytes, bytes):
        content = given_bytes
    else:
        kind, patch, place = given_bytes
        good = as_file(Image.fromarray(smooth()), decoding.FORMATS[kind])
        at = int(place * (len(good) - 1))
        content = good[:at] + patch + good[at + len(patch) :]
    try:
        pixels = decoded(content)
    except UploadError:
        return
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3 and pixels.shape[2] in (1, 3)


# ---- In a process with limits ----


def test_a_file_is_decoded_in_another_process_with_the_same_result() -> None:
    """The pixels of an upload are those that the functions give, and so is a refusal's sentence."""
    pixels = noise(20, 30, 3)

    assert np.array_equal(read_image(as_file(Image.fromarray(pixels))), pixels)
    with pytest.raises(UploadError, match="a PDF document; it must be a PNG"):
        read_image(BAD["pdf"][0])


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"\x89PNG" + b"\0" * uploads.MOST_BYTES, "at most 10 MB")],
)
def test_an_empty_or_long_file_is_refused_at_once(
    content: bytes, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No process is started for it."""
    monkeypatch.delattr(uploads, "run_limited")

    with pytest.raises(UploadError, match=words):
        read_image(content)


@pytest.mark.slow
def test_no_hostile_file_costs_more_than_the_limits(tmp_path: Path) -> None:
    """The worst of them end in pixels or in a sentence, within 2 seconds of a processor and 300 MB;
    the others are the campaign's.
    """
    with Reader(tmp_path) as reader:
        for name in [*HOSTILE][:5]:
            assert problem(reader.read(HOSTILE[name]())) == "", name


def test_a_damaged_file_is_an_image_or_refused() -> None:
    """Bytes changed, taken away or repeated by a seed: pixels or an UploadError, nothing else."""
    generator = random.Random(16)
    for _ in range(300):
        with suppress(UploadError):
            assert decoded(mutated(generator)).dtype == np.uint8


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_largest_photo_is_read_within_the_limits(kind: str, tmp_path: Path) -> None:
    """25 million pixels of a camera, or of a screen with transparency."""
    if kind == "JPEG":
        photo = Image.fromarray(noise(20, 20, 3)).resize((5_000, 5_000))
    else:
        photo = Image.fromarray(noise(20, 20, 4)).resize((5_000, 5_000), Image.Resampling.NEAREST)
    with Reader(tmp_path) as reader:
        answer = reader.read(as_file(photo, kind, compress_level=1, quality=90))

    assert answer["image"] == ["uint8", 1_024, 1_024, 3] and problem(answer) == ""


@pytest.mark.slow
def test_an_upload_does_not_wait_for_a_hostile_one() -> None:
    """While one visitor's file is decoded until its time is over, another's is read."""
    ended = []

    def hostile() -> None:
        with pytest.raises(UploadError, match="more than 2 seconds to decode"):
            read_image(jpeg_of_scans())
        ended.append("hostile")

    thread = threading.Thread(target=hostile)
    thread.start()
    wait_until(lambda: uploads._turns._value < uploads.AT_ONCE)
    read_image(as_file(Image.fromarray(noise(9, 9))))
    ended.append("plain")
    thread.join()

    assert ended == ["plain", "hostile"]


def test_too_many_at_once_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all turns are taken all the time, a visitor is told to try again."""
    monkeypatch.setattr(uploads, "TIMEOUT", 0)
    monkeypatch.setattr(uploads, "_turns", threading.BoundedSemaphore(1))

    with uploads._turns, pytest.raises(UploadError, match="try again in a moment"):
        read_image(as_file(Image.fromarray(noise(9, 9))))
    assert read_image(as_file(Image.fromarray(noise(9, 9)))).shape == (9, 9, 1)


@pytest.mark.parametrize(
    ("output", "stopped_by", "words"),
    [
        (b"", "cpu", "takes more than 2 seconds"),
        (b"", "time", "try again in a moment"),
        (b"", "crash", "broken"),
        (b"\0" * 11, "", "broken"),
        (decoding.HEADER.pack(2, 2, 3) + b"\0" * 11, "", "broken"),
        (decoding.HEADER.pack(2, 2, 2) + b"\0" * 8, "", "broken"),
        (decoding.HEADER.pack(4_000, 1, 1) + b"\0" * 4_000, "", "broken"),
        (decoding.HEADER.pack(0, 0, 0) + b"\0" * 2_000, "", "broken"),
    ],
)
def test_a_process_that_says_nonsense_gives_no_image(
    output: bytes, stopped_by: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only pixels of the size that the answer names are taken."""
    monkeypatch.setattr(uploads, "decode_apart", lambda content: Ended(output, stopped_by))

    with pytest.raises(UploadError, match=words):
        read_image(b"any")


# ---- Right pixels ----


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
def test_lossless_files_are_exact(kind: str) -> None:
    """Colours come back as they were saved."""
    pixels = noise(20, 30, 3)

    assert np.array_equal(decoded(as_file(Image.fromarray(pixels), kind, lossless=True)), pixels)


def test_grey_images_have_one_channel() -> None:
    """Grey as grey, as equal colours, as black and white."""
    pixels = noise(9, 7)

    assert np.array_equal(decoded(as_file(Image.fromarray(pixels)))[:, :, 0], pixels)
    assert np.array_equal(
        decoded(as_file(Image.fromarray(pixels).convert("RGB"))), pixels[:, :, None]
    )
    assert np.array_equal(
        decoded(as_file(Image.fromarray(pixels > 99)))[:, :, 0], np.where(pixels > 99, 255, 0)
    )


def test_sixteen_bits_are_scaled() -> None:
    """65,535 is white, half of it grey: nothing is clipped."""
    levels = np.linspace(0, 65_535, 400).astype(np.uint16).reshape(20, 20)
    found = decoded(as_file(Image.fromarray(levels)))

    assert np.abs(found[:, :, 0] - levels / 257).max() <= 0.5


def test_cmyk_becomes_rgb() -> None:
    """Ink colours of a print file look as they would be printed."""
    pixels = smooth()
    found = decoded(
        as_file(Image.fromarray(pixels).convert("CMYK"), "JPEG", quality=100, subsampling=0)
    )

    assert np.abs(found.astype(int) - pixels).max() <= 3


def test_what_is_transparent_counts_as_white() -> None:
    """Half transparent black is grey, in a palette, too."""
    faint = np.zeros((4, 4, 4), np.uint8)
    faint[:, 2:, 3] = 128
    faint[0, 0] = 0, 0, 0, 255
    image = Image.fromarray(faint)
    palette = Image.fromarray(np.array([[0, 1], [2, 1]], np.uint8))
    palette = palette.convert("P")
    palette.putpalette([10, 20, 30, 200, 0, 0, 0, 0, 250])

    assert (
        decoded(as_file(image))[:, :, 0].tolist()
        == [[0, 255, 127, 127]] + [[255, 255, 127, 127]] * 3
    )
    found = decoded(as_file(palette, transparency=1))
    assert found.tolist() == [[[10, 20, 30], [255, 255, 255]], [[0, 0, 250], [255, 255, 255]]]


def test_white_ink_on_nothing_is_laid_on_black() -> None:
    """A drawing in white on a transparent sheet would vanish on white."""
    ink = np.full((6, 6, 4), 255, np.uint8)
    ink[1:5, 1:5, 3] = 0
    found = decoded(as_file(Image.fromarray(ink)))

    assert found[0, 0, 0] == 255 and found[2, 2, 0] == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright(orientation: int) -> None:
    """Whichever way the camera was held, the picture is as it was seen."""
    pixels = noise(5, 8)
    turned = {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: pixels.T,
        6: np.rot90(pixels, -1),
        7: pixels[::-1, ::-1].T,
        8: np.rot90(pixels),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation

    assert np.array_equal(decoded(as_file(Image.fromarray(pixels), exif=exif))[:, :, 0], turned)


def test_of_an_animation_the_first_frame_is_read() -> None:
    """GIF and WEBP alike."""
    frames = [Image.new("RGB", (6, 6), colour) for colour in ((200, 0, 0), (0, 200, 0))]
    for kind in ("GIF", "WEBP"):
        found = decoded(
            as_file(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        )
        assert (found == [200, 0, 0]).all()


def test_colours_follow_their_profile() -> None:
    """A profile that exchanges nothing changes nothing; that of another space changes colours; a
    broken one is ignored.
    """
    pixels = smooth()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()

    for profile in (srgb, lab, b"broken" * 30):
        found = decoded(as_file(Image.fromarray(pixels), icc_profile=profile))
        assert np.abs(found.astype(int) - pixels).max() <= 2
    wide = bytearray(srgb)
    at = wide.index(b"rXYZ", 128)
    place = struct.unpack(">I", wide[at + 4 : at + 8])[0] + 8
    wide[place : place + 12] = struct.pack(
        ">iii", int(0.61 * 65_536), int(0.31 * 65_536), int(0.02 * 65_536)
    )
    found = decoded(as_file(Image.fromarray(pixels), icc_profile=bytes(wide)))
    assert np.abs(found.astype(int) - pixels).max() > 10


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_image_is_kept_small(kind: str) -> None:
    """Its longer side has 1,024 pixels at most, its proportions and colours stay."""
    found = decoded(as_file(Image.new("RGB", (4_000, 1_000), (200, 100, 50)), kind))

    assert found.shape == (256, 1_024, 3)
    assert np.abs(found.astype(int) - [200, 100, 50]).max() <= 2


# ---- Like the data set's ----


def drawing(height: int = 60, width: int = 80, *, ground: int = 0, ink: int = 255) -> np.ndarray:
    """A bar, 10 x 30 pixels, near a corner: (H, W, 1) uint8."""
    pixels = np.full((height, width, 1), ground, np.uint8)
    pixels[5:35, 8:18] = ink
    return pixels


def test_a_data_set_is_looked_at() -> None:
    """The ground is the border's level, the extent the usual longer side of what is drawn;
    photographs have neither.
    """
    images = np.zeros((5, 1, 28, 28), np.uint8)
    images[:, :, 4:24, 10:15] = 255

    assert look(images) == Look(ImageShape(1, 28, 28), 0.0, 20 / 28)
    assert look(255 - images).border == 255 and look(255 - images).extent == 20 / 28
    assert not look(np.full((3, 3, 32, 32), 120, np.uint8)).is_plain
    assert look(np.zeros((2, 1, 8, 8), np.uint8)).extent == 1


def test_an_image_of_the_data_set_stays_as_it_is() -> None:
    """Of the right size, ground and channels: not a pixel changes, and nothing is said."""
    own = noise(28, 28, 1)
    own[[0, -1]] = own[:, [0, -1]] = 0
    fitted = fit(own, MNIST_LIKE)

    assert np.array_equal(fitted.pixels, own.transpose(2, 0, 1))
    assert fitted.notes == ()


def test_dark_on_light_is_inverted_where_the_data_set_is_light_on_dark() -> None:
    """By the border, and only for data sets with a plain ground; the visitor may decide
    otherwise.
    """
    paper, board = drawing(ground=230, ink=20), drawing()

    assert should_invert(paper, MNIST_LIKE) and not should_invert(board, MNIST_LIKE)
    assert not should_invert(paper, PHOTOS)
    assert np.array_equal(fit(255 - board, MNIST_LIKE).pixels, fit(board, MNIST_LIKE).pixels)
    assert "dark and light inverted" in fit(paper, MNIST_LIKE).notes
    assert (
        fit(board, MNIST_LIKE, invert=True, centre=False).pixels[0, 0, 0] == 0
    )  # the padding is the data set's ground
    assert fit(board, MNIST_LIKE, invert=True, centre=False).pixels[0, 14, 20] == 255


@pytest.mark.parametrize("ground", [0, 90])
def test_a_drawing_is_centred_by_its_mass(ground: int) -> None:
    """The longer side is 20 of 28 pixels, the centre of mass in the middle, the ground black, the
    ink white.
    """
    fitted = fit(drawing(ground=ground), MNIST_LIKE)
    pixels = fitted.pixels[0].astype(float)
    rows, columns = np.flatnonzero(pixels.sum(axis=1)), np.flatnonzero(pixels.sum(axis=0))

    assert (len(rows), len(columns)) == (20, 7)
    assert pixels.max() == 255 and pixels[0].max() == 0
    assert abs(np.average(np.arange(28) + 0.5, weights=pixels.sum(axis=1)) - 14) <= 0.5
    assert abs(np.average(np.arange(28) + 0.5, weights=pixels.sum(axis=0)) - 14) <= 0.5
    assert "centre of mass at the centre of 28 x 28" in fitted.notes[-1]


def test_what_is_heavy_on_one_side_is_moved_by_its_mass() -> None:
    """A thin arm on a heavy body: the body lies nearer to the middle than the box's own centre
    would put it.
    """
    pixels = np.zeros((100, 100, 1), np.uint8)
    pixels[10:90, 10:40] = 255
    pixels[45:50, 40:70] = 255
    found = fit(pixels, MNIST_LIKE).pixels[0].astype(float)

    assert np.average(np.arange(28) + 0.5, weights=found.sum(axis=0)) == pytest.approx(14, abs=0.6)
    assert np.flatnonzero(found.sum(axis=0)).mean() > 15


@pytest.mark.parametrize("level", [0, 7, 255])
def test_an_empty_sheet_is_an_empty_image(level: int) -> None:
    """Nothing drawn is nothing to centre: the sheet is made to fit, whatever its colour, and
    nothing breaks.
    """
    fitted = fit(np.full((50, 50, 1), level, np.uint8), MNIST_LIKE, invert=False, centre=True)

    assert (fitted.pixels == level).all()


def test_a_photo_is_letterboxed() -> None:
    """Its proportions stay; above and below is the colour of its own border; colours stay colours,
    grey becomes three.
    """
    photo = np.full((100, 200, 3), (200, 60, 20), np.uint8)
    fitted = fit(photo, PHOTOS)

    assert (fitted.pixels == np.array([200, 60, 20])[:, None, None]).all()
    assert fitted.notes == ("scaled from 100 x 200 to 16 x 32, padded to 32 x 32",)
    assert fit(noise(32, 32, 1), PHOTOS).pixels.shape == (3, 32, 32)
    assert not should_centre(photo, PHOTOS)


def test_scaling_down_averages() -> None:
    """A checkerboard of single pixels becomes grey, not one of its colours."""
    board = (np.indices((280, 280)).sum(axis=0) % 2 * 255).astype(np.uint8)[:, :, None]

    assert (
        np.abs(fit(board, MNIST_LIKE, invert=False, centre=False).pixels.astype(int) - 127).max()
        <= 2
    )
    assert smaller(board, 100).shape == (100, 100, 1)


def test_colours_become_luma() -> None:
    """Green is brighter than red, red than blue."""
    found = [
        fit(np.full((28, 28, 3), colour, np.uint8), MNIST_LIKE, invert=False).pixels[0, 0, 0]
        for colour in 255 * np.eye(3)
    ]

    assert found == [76, 150, 29]


@settings(max_examples=60, deadline=1_000)
@given(
    some.integers(1, 70),
    some.integers(1, 70),
    some.sampled_from([1, 3]),
    some.booleans(),
    some.booleans(),
    some.integers(0, 255),
)
def test_whatever_its_size_it_fits(
    height: int, width: int, channels: int, invert: bool, centre: bool, top: int
) -> None:
    """Every image becomes one of the data set's shape."""
    image = (
        np.random.default_rng(height)
        .integers(0, top + 1, (height, width, channels))
        .astype(np.uint8)
    )
    for like in (
        MNIST_LIKE,
        Look(ImageShape(1, 8, 8), 255.0, 1.0),
        PHOTOS,
        Look(ImageShape(1, 5, 9), 0.0, 0.9),
    ):
        fitted = fit(image, like, invert=invert, centre=centre and like.shape.channels == 1)
        assert fitted.pixels.shape == like.shape and fitted.pixels.dtype == np.uint8
