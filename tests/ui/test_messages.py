"""What pages make of the browser's messages: the values that our own scripts send, or nothing."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autoencoder.ui.components.live.component import released_latent
from autoencoder.ui.components.messages import selected_points, selected_rows
from autoencoder.ui.interpolate.component.component import (
    Interpolation,
    picked_interpolation,
)
from autoencoder.ui.latent_space.component.component import selected_images
from autoencoder.ui.reconstruct.image_rows.component import picked_image
from tests.faults.forged_messages import DEPTH, TARGETS, VALUES, forged

COUNT = 10  # of test images, of rows
READERS: dict[str, Callable[[Any], object]] = {
    "decoder": lambda value: released_latent(value, 2),
    "interpolation": lambda value: picked_interpolation(value, COUNT),
    "image rows": lambda value: picked_image(value, np.arange(COUNT)),
    "linked maps": lambda value: selected_images(value, COUNT),
    "chart": lambda value: selected_points(value, COUNT),
    "table of runs": lambda value: selected_rows(value, COUNT),
}
DEEP: Any = []
for _ in range(DEPTH):
    DEEP = [DEEP]
GOOD = {  # what a part may be after all
    *("half as latent.0", "negative as latent.0", "half as latent.1", "negative as latent.1"),
    *("nothing as selection.points.0.customdata", "object as selection.points.0"),
    *("code as selection.points.0", "nested as selection.points.0", "list as selection.rows"),
    *("list as selection.points", "many as selection.rows"),
    "long text as indices",  # base64 of numbers of no image
}


@pytest.mark.parametrize("name", READERS)
def test_what_our_scripts_send_is_read(name: str) -> None:
    """A value as a live part, a chart or a table sends it is taken."""
    assert READERS[name](TARGETS[name].good) is not None


@pytest.mark.parametrize("name", READERS)
def test_a_forged_value_counts_as_nothing(name: str) -> None:
    """Another type, a part too many or too few, numbers that are not finite or of no image, lists
    too long or too deep: nothing was said, and nothing is raised.
    """
    target, taken = TARGETS[name], []
    for forgery, text in forged(target):
        if forgery.partition(" as ")[0] in ("deep", "no JSON"):
            continue
        value = json.loads(text)
        is_elsewhere = forgery.endswith((".x", ".box", ".lasso", ".cells", ".columns"))
        if not is_elsewhere and READERS[name](value) is not None:
            taken.append(forgery)

    assert set(taken) <= GOOD
    for value in (DEEP, {"latent": DEEP}, {"index": DEEP}, {"indices": DEEP}, {"selection": DEEP}):
        assert READERS[name](value) is None


def test_what_is_not_there_is_not_selected() -> None:
    """Numbers of images, rows and points that a run or a table does not have count as nothing."""
    ten = {"images": [1, COUNT], "frames": 12, "kind": "linear"}

    assert picked_interpolation(ten, COUNT) is None
    assert picked_interpolation(ten, COUNT + 1) == Interpolation((1, COUNT), 12, "linear")
    assert picked_image({"index": 3}, np.array([2, 4])) is None
    assert picked_image({"index": 4}, np.array([2, 4])) == 4
    assert selected_points({"selection": {"points": [{"customdata": COUNT}]}}, COUNT) is None
    assert selected_rows({"selection": {"rows": [COUNT]}}, COUNT) is None
    assert released_latent({"latent": [1.0]}, 2) is None
    assert released_latent({"latent": [1, 2.5]}, 2) == [1.0, 2.5]


def test_there_is_a_name_for_every_forgery() -> None:
    """No two forgeries of a target share a name: a campaign keeps them in a dict."""
    for target in TARGETS.values():
        names = [name for name, _ in forged(target)]
        assert len(set(names)) == len(names) >= len(VALUES)
