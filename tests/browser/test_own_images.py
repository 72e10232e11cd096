"""A visitor's own images, in a real browser: chosen as a folder, looked at, added, trained on,
removed.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from autoencoder.data.added import added
from benchmarks.serving import Server

LONG = 180_000  # milliseconds: processes of low priority start that decode


@pytest.fixture
def leaves(tmp_path: Path) -> Path:
    """A folder of two classes, twelve images each, and a text."""
    folder = tmp_path / "My leaves"
    levels = np.random.default_rng(0).integers(0, 255, (24, 20, 30, 3), np.uint8)
    for index, pixels in enumerate(levels):
        place = folder / ("oak" if index % 2 else "Ähre")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{index}.png")
    (folder / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture
def opened(page: Page, tmp_path: Path) -> Iterator[Page]:
    """The Train page with "Your own images" unfolded, over an empty data folder."""
    server = Server(tmp_path / "models", tmp_path / "data")
    page.goto(f"{server.address}/train")
    page.get_by_text("Your own images").click(timeout=LONG)
    page.locator(".picker button.folder").wait_for(timeout=LONG)
    yield page
    server.stop()


def test_a_folder_becomes_a_data_set(opened: Page, leaves: Path, tmp_path: Path) -> None:
    """What was understood is said and shown before anything is added; then the form has it chosen;
    when it is removed, the form has the usual data set again.
    """
    opened.locator(".picker input.folder").set_input_files(leaves)

    expect(opened.get_by_text("24 images in 2 classes: oak (12), Ähre (12)")).to_be_visible(
        timeout=LONG
    )
    expect(
        opened.get_by_text("1 left out: no PNG, JPEG, WEBP, BMP or GIF, by its name")
    ).to_be_visible()
    expect(opened.get_by_text("As the network will see them: 20x30x3")).to_be_visible(timeout=LONG)
    expect(opened.get_by_label("Name", exact=True)).to_have_value("My leaves")

    opened.get_by_role("button", name="Add these images").click()
    chosen = opened.get_by_role("combobox", name="Data set")
    expect(chosen).to_have_value("My leaves (20x30x3)", timeout=LONG)
    info = added(tmp_path / "data")["my-leaves"]
    assert (info.title, info.class_names) == ("My leaves", ("oak", "Ähre"))
    assert list((tmp_path / "data" / "uploads").iterdir()) == []

    opened.get_by_text("Your own images").click()
    opened.get_by_role("button", name="delete").click()
    opened.get_by_role("button", name="Remove permanently").click()
    expect(chosen).to_have_value("MNIST sample (28x28)", timeout=LONG)
    assert added(tmp_path / "data") == {}


def test_what_is_no_image_set_is_refused_and_dropped(opened: Page, tmp_path: Path) -> None:
    """One sentence, nothing kept, and the next folder can be chosen."""
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "notes.txt").write_text("not an image")
    opened.locator(".picker input.folder").set_input_files(folder)

    expect(opened.get_by_text("There is no image in it")).to_be_visible(timeout=LONG)
    assert list((tmp_path / "data" / "uploads").iterdir()) == []
    expect(opened.locator(".picker button.folder")).to_be_enabled()
