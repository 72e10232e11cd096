"""What pages say and draw, apart from Streamlit: words, numbers, command lines, walls of images."""

import base64
import io
import re
import shlex

import numpy as np
import pytest
from PIL import Image

from autoencoder.cli.arguments import parser
from autoencoder.cli.main import COMMANDS
from autoencoder.config.presets import PRESETS, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.ui.shared import image_grid, text


@pytest.mark.parametrize(
    "name",
    [
        "![x](http://e.org/a.png)",
        "[l](http://e.org)",
        "<img src=x>",
        "a\n# b",
        "$x$",
        ":red[x]",
        "http://e.org",
    ],
)
def test_any_name_is_shown_literally(name: str) -> None:
    """No character that Markdown would interpret is left without a backslash, and no line break."""
    shown = text.literal(name)

    assert "\n" not in shown
    assert not re.search(r"(?<!\\)[!\[\]<>#$:()]", shown)


@pytest.mark.parametrize(
    "address",
    [
        *("http://e.org", "HTTPS://e.org/a", "see www.e.org", "xhttp://e.org", "(http://e.org)"),
        *("a@e.org", "a.b+c@e-f.org", "mailto:a@e.org", "xmpp:a@e.org", "http://www.e.org/a@b.c"),
    ],
)
def test_a_bare_address_is_no_link(address: str) -> None:
    """What Markdown would make a link of, after it has dropped the backslashes, is cut by a sign
    that is not seen; without it the text is as it was.
    """
    shown = text.literal(address).replace("\\", "")

    assert not re.search(r"https?://|www\.|\w@\w", shown, re.IGNORECASE)
    assert shown.replace("\u2060", "") == address


def test_long_and_reversing_names_are_cut() -> None:
    """Ten thousand characters become eighty; marks that turn the direction of writing are
    dropped.
    """
    assert len(text.literal("x" * 10_000).replace("\\", "")) == 80
    assert text.literal("a\u202eb\x00") == "ab"


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("dataset", ["digits", "cifar10"])
def test_the_command_line_shown_trains_the_same_run(preset: str, dataset: str) -> None:
    """Parsing the command that the page shows gives the very config it was made from."""
    config = RunConfig(**preset_values(preset, dataset, latent_dim=7, seed=3, classes=(1, 2)))
    arguments = vars(parser(COMMANDS).parse_args(shlex.split(text.command(config))[3:]))
    given = {name: value for name, value in arguments.items() if name in RunConfig().to_dict()}

    assert RunConfig(**given) == config


def test_a_command_line_can_name_no_layers() -> None:
    """An empty list of widths is written as "none" and read back."""
    config = RunConfig(dataset="digits", hidden=(), batch_norm=False)
    arguments = parser(COMMANDS).parse_args(shlex.split(text.command(config))[3:])

    assert arguments.hidden == ()
    assert arguments.batch_norm is False


def test_a_wall_stacks_its_rows() -> None:
    """Three images in two rows are three stacks of two cells, with their captions escaped."""
    rows = [np.zeros((3, 1, 8, 8), np.uint8)] * 2
    html = image_grid.stacks_html(rows, size=56, columns=16, captions=["<1>", "2", "3"])

    assert html.count("<i ") == 6
    assert html.count("<div><span>") == 3
    assert "&lt;1&gt;" in html


def test_a_wall_shows_bytes_and_shares_alike() -> None:
    """A row of stored images (0 to 255) above the same as floats (0 to 1): equal grey levels, none
    of them lost.
    """
    stored = np.arange(0, 256, 4, dtype=np.uint8).reshape(1, 1, 8, 8)
    html = image_grid.stacks_html([stored, stored / 255], size=56, columns=16)
    encoded = html.partition("base64,")[2].partition(")")[0]
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))))

    assert np.array_equal(sheet[:8], stored[0, 0])
    assert np.array_equal(sheet[8:], stored[0, 0])


@pytest.mark.parametrize(("width", "size"), [(8, 56), (28, 56), (32, 56), (28, 280)])
def test_images_are_drawn_at_whole_multiples(width: int, size: int) -> None:
    """Every zoom in a wall's CSS is a whole number of CSS pixels per pixel, near the size asked for
    or above it.
    """
    html = image_grid.stacks_html(
        [np.zeros((16, 1, width, width), np.uint8)], size=size, columns=16
    )
    zooms = [int(zoom) for zoom in re.findall(r"--zoom: (\d+);", html)]

    assert min(zooms) == max(1, round(size / width))
    assert max(zooms) <= 2 * min(zooms)
