"""Sheets, PNGs, GIFs and strips: every pixel where it belongs."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from autoencoder.data import images
from tests.faults import uploads
from tests.support.places import ROOT


def test_a_sheet_holds_every_image_in_reading_order() -> None:
    """Image number i is at row i // columns and column i % columns; places left over are black."""
    pictures = np.arange(1, 4, dtype=np.uint8)[:, None, None, None] * np.ones(
        (1, 1, 2, 3), np.uint8
    )
    sheet = images.sheet(pictures, columns=2)

    assert sheet.shape == (4, 6, 1)
    assert sheet[:2, :3].min() == sheet[:2, :3].max() == 1
    assert sheet[:2, 3:].min() == sheet[:2, 3:].max() == 2
    assert sheet[2:, :3].min() == sheet[2:, :3].max() == 3
    assert not sheet[2:, 3:].any()


def test_floats_are_clipped_and_rounded() -> None:
    """Pixels outside [0, 1] become the nearest that can be shown."""
    pixels = images.to_bytes(np.array([-1.0, 0.0, 0.5, 1.0, 2.0]).reshape(1, 1, 1, 5))

    assert pixels.ravel().tolist() == [0, 0, 128, 255, 255]


def test_bytes_stay_as_they_are() -> None:
    """Images as they are stored are shown as they are stored."""
    stored = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)

    assert np.array_equal(images.to_bytes(stored), stored)


def test_a_png_gives_the_same_pixels_back() -> None:
    """Grey and colour survive the way through a file."""
    for channels, mode in ((1, "L"), (3, "RGB")):
        pixels = np.random.default_rng(0).integers(0, 256, (5, 4, channels), np.uint8)
        picture = Image.open(io.BytesIO(images.png(pixels)))

        assert picture.mode == mode
        assert np.array_equal(np.asarray(picture).reshape(5, 4, channels), pixels)


def test_a_data_uri_needs_no_request() -> None:
    """The address of a picture is the picture."""
    assert images.data_uri(np.zeros((1, 1, 1), np.uint8)).startswith("data:image/png;base64,iVBOR")


def shown(content: bytes) -> list[Image.Image]:
    """Every frame of a GIF as it is seen."""
    return [frame.copy() for frame in ImageSequence.Iterator(Image.open(io.BytesIO(content)))]


def test_a_gif_goes_forth_and_back_for_ever() -> None:
    """Every frame forth, the inner ones back, a rest at both ends, without end."""
    frames = np.linspace(0, 1, 5)[:, None, None, None] * np.ones((1, 1, 8, 8))
    content = images.gif(frames)
    pictures = shown(content)

    assert [int(np.asarray(each.convert("L")).mean()) for each in pictures] == [
        0,
        64,
        128,
        191,
        255,
        191,
        128,
        64,
    ]
    assert [each.info["duration"] for each in pictures] == [600, 100, 100, 100, 600, 100, 100, 100]
    assert Image.open(io.BytesIO(content)).info["loop"] == 0
    assert pictures[0].size == (224, 224)


def test_a_gif_keeps_every_grey_level() -> None:
    """Images that hold all 256 levels come back as they were, enlarged by whole pixels."""
    levels = np.arange(1024, dtype=np.int64).reshape(1, 32, 32)
    frames = np.stack([(levels + 37 * shift) % 256 for shift in range(3)]).astype(np.uint8)

    for frame, picture in zip(frames[[0, 1, 2, 1]], shown(images.gif(frames)), strict=True):
        seen = np.asarray(picture.convert("RGB"))
        assert np.array_equal(seen, frame[0].repeat(7, 0).repeat(7, 1)[:, :, None].repeat(3, 2))


def test_few_colours_in_a_gif_are_exact_and_many_are_near() -> None:
    """Up to 256 colours per frame stay; of more, none is far off, and the mean brightness stays."""
    few = np.random.default_rng(0).integers(0, 256, (2, 3, 10, 10), np.uint8)
    smooth = np.stack(
        [*np.meshgrid(np.linspace(0, 1, 32), np.linspace(1, 0, 32)), np.full((32, 32), 0.5)]
    )[None]
    many = np.concatenate([smooth, smooth[:, ::-1]])

    for frames, farthest in ((few, 0), (many, 20)):
        for frame, picture in zip(images.to_bytes(frames), shown(images.gif(frames)), strict=True):
            wanted = images.enlarged(frame[None], 224)[0].transpose(1, 2, 0)
            difference = np.asarray(picture.convert("RGB"), np.float64) - wanted
            assert np.abs(difference).max() <= farthest
            assert abs(difference.mean()) < 0.5


def test_a_gif_whose_ends_are_the_same_is_one() -> None:
    """Frames that do not differ make a picture that can be opened all the same."""
    assert len(shown(images.gif(np.zeros((5, 1, 8, 8))))) == 1


def test_a_strip_is_rows_with_white_gaps() -> None:
    """Image i of row j lies in column i, row j, enlarged, with two white pixels around it."""
    rows = [np.full((3, 1, 28, 28), level, np.uint8) for level in (10, 20)]
    strip = images.strip(rows)

    assert strip.shape == (2 * 58 + 2, 3 * 58 + 2, 1)
    assert (strip[2:58, 60:116] == 10).all()
    assert (strip[60:116, 2:58] == 20).all()
    assert (strip[:2] == 255).all()
    assert (strip[:, 58:60] == 255).all()
    assert (strip[58:60] == 255).all()


@pytest.mark.parametrize(("side", "zoom"), [(8, 7), (28, 2), (32, 2), (200, 1)])
def test_images_are_enlarged_by_whole_multiples(side: int, zoom: int) -> None:
    """The multiple comes as near to the wanted size as it can, and is at least 1."""
    image = np.arange(side * side, dtype=np.int64).reshape(1, 1, side, side)

    assert np.array_equal(images.enlarged(image, 56)[0, 0, ::zoom, ::zoom], image[0, 0])
    assert images.enlarged(image, 56).shape == (1, 1, zoom * side, zoom * side)


# ---- Stored pictures ----

NOT_OURS = {
    "13,000 x 6,000": (lambda: uploads.as_file(Image.new("1", (13_000, 6_000))), "6,000 pixels"),
    "a large screen": (lambda: uploads.gif_of_promises(5_000), "5,000 x 5,000 pixels"),
    "many chunks": (lambda: uploads.png_of_chunks(2_000_000), "too many chunks"),
    "many pixel chunks": (lambda: uploads.png_of_pixel_chunks(2_000_000), "too many chunks"),
    "a long GIF": (uploads.gif_of_empty_blocks, "bytes are too many"),
    "many frames": (lambda: uploads.gif_of_frames(100_000), "more than 240 frames"),
    "many pixels in all": (lambda: uploads.animation("GIF", 30, 700), "more than 24 frames"),
    "half of one": (lambda: uploads.truncated("PNG"), "OSError"),
    "another format": (lambda: uploads.as_file(Image.new("L", (9, 9)), "BMP"), "Unidentified"),
    "nothing": (bytes, "Unidentified"),
}


@pytest.mark.parametrize(("build", "words"), NOT_OURS.values(), ids=NOT_OURS)
def test_a_stored_picture_beyond_all_of_ours_is_refused(
    build: Callable[[], bytes], words: str
) -> None:
    """One sentence says why; of a large one no pixels are decoded."""
    with pytest.raises(ValueError, match="this is not a picture of Latent Lab") as caught:
        images.require_whole(build())

    assert words in str(caught.value)


def test_our_largest_pictures_are_shown() -> None:
    """A wall of a large lab, and a film of as many frames as the Interpolate page makes."""
    wall = images.png(np.zeros((3_500, 1_200, 4), np.uint8))
    film = images.gif(np.linspace(0, 1, 60)[:, None, None, None] * np.ones((1, 3, 32, 32)))

    assert images.require_whole(wall) == wall
    assert images.require_whole(film) == film


STORED = """
import resource, sys
from pathlib import Path
from autoencoder.data.images import require_whole
before = resource.getrusage(resource.RUSAGE_SELF)
try:
    require_whole(Path(sys.argv[1]).read_bytes())
except ValueError:
    pass
used = resource.getrusage(resource.RUSAGE_SELF)
seconds = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
print(seconds, (used.ru_maxrss - before.ru_maxrss) * 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["13,000 x 6,000", "many chunks", "many frames", "the largest"])
def test_no_stored_picture_costs_a_page_much(name: str, tmp_path: Path) -> None:
    """At most a second of a processor and 200 MB, whether it is refused or shown."""
    largest = Image.new("RGBA", (4_000, 3_000), (1, 2, 3, 4))
    path = tmp_path / "picture"
    path.write_bytes(NOT_OURS[name][0]() if name in NOT_OURS else uploads.as_file(largest))
    answer = subprocess.run(
        [sys.executable, "-c", STORED, path], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, memory = map(float, answer.stdout.split())

    assert seconds < 1 and memory < 200e6


@pytest.mark.parametrize(("size", "expected"), [(40, (2, 4)), (2, (1, 2)), (1, (1, 1))])
def test_large_images_are_shrunk_by_a_whole_factor(size: int, expected: tuple[int, int]) -> None:
    """Each pixel is the mean of a block; images that are small enough stay as they are."""
    pictures = np.arange(8, dtype=np.uint8).reshape(1, 1, 2, 4)
    small = images.shrunk(pictures, size)

    assert small.shape[2:] == expected
    assert small.dtype == np.uint8
    assert abs(float(small.mean()) - 3.5) <= 0.5
