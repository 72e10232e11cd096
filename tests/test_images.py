"""Sheets and PNGs: every pixel where it belongs."""

import io

import numpy as np
from PIL import Image

from autoencoder import images


def test_a_sheet_holds_every_image_in_reading_order() -> None:
    """Image number i is at row i // columns and column i % columns; places left over are black."""
    pictures = np.arange(1, 4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 3), np.uint8)
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
