"""Sheets, PNGs, GIFs and strips: every pixel where it belongs."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from autoencoder.data import images


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


def test_a_huge_picture_is_refused_before_it_is_unpacked() -> None:
    """A small file that unpacks to a picture of 25 million pixels is none of ours."""
    file = io.BytesIO()
    Image.new("1", (5_000, 5_000)).save(file, "PNG")

    with pytest.raises(ValueError, match="not a picture of Latent Lab"):
        images.require_whole(file.getvalue())
