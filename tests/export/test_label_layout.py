"""Where the browser writes names on a map: run by Node."""

from typing import Any

import numpy as np
import pytest

from tests.support.node import in_node
from tests.support.places import PACKAGE

LABEL_LAYOUT = PACKAGE / "export/browser/label_layout.js"
SIDE = 520  # CSS pixels of the canvas
DIGIT, WORD, SMALL = [13.0, 18.0], [88.0, 18.0], [11.0, 15.0]
CROWD = [[250 + 9 * np.cos(k), 260 + 9 * np.sin(k)] for k in range(10)]


def placed(boxes: list[Any], anchors: list[Any], side: int = SIDE) -> np.ndarray:
    """The middles that the browser gives to labels, (N, 2)."""
    return np.array(
        in_node(
            "console.log(JSON.stringify(placeLabels(boxes, anchors, [side, side])))",
            (LABEL_LAYOUT, "placeLabels"),
            boxes=boxes,
            anchors=anchors,
            side=side,
        )
    )


def covered(boxes: np.ndarray, middles: np.ndarray) -> list[tuple[int, int]]:
    """Labels that are over each other."""
    return [
        (i, j)
        for i in range(len(boxes))
        for j in range(i)
        if (np.abs(middles[i] - middles[j]) < (boxes[i] + boxes[j]) / 2).all()
    ]


@pytest.mark.parametrize(
    ("box", "anchors"),
    [
        (DIGIT, CROWD),
        (WORD, CROWD),
        (DIGIT, [[260, 260]] * 2),
        (SMALL, [[260, 260]] * 47),
        (SMALL, [[200 + 30 * (k % 7), 200 + 12 * (k // 7)] for k in range(47)]),
        (WORD, [[0, 0]] * 10),
        (DIGIT, [[SIDE, 260]] * 10),
        (DIGIT, [[260, 260]]),
        (DIGIT, []),
    ],
    ids=["ten", "words", "two", "one point", "forty-seven", "corner", "edge", "one", "none"],
)
def test_every_label_has_its_place(box: list[float], anchors: list[list[float]]) -> None:
    """However close the anchors are, every label is on the canvas and none is over another."""
    boxes = np.array([box] * len(anchors)).reshape(-1, 2)
    middles = placed(boxes.tolist(), anchors).reshape(-1, 2)

    assert len(middles) == len(anchors)
    assert covered(boxes, middles) == []
    assert (middles - boxes / 2 >= 0).all() and (middles + boxes / 2 <= SIDE).all()


def test_a_label_with_room_stays_at_its_anchor() -> None:
    """Only labels that would be over an earlier one move, and no further than they must."""
    anchors = [[100, 100], [300, 300], [304, 302], [400, 120]]
    middles = placed([DIGIT] * 4, anchors)

    assert middles[[0, 1, 3]].tolist() == [anchors[0], anchors[1], anchors[3]]
    assert 0 < np.linalg.norm(middles[2] - anchors[2]) < 30


def test_the_same_labels_have_the_same_places() -> None:
    """Nothing in it is left to chance."""
    assert placed([WORD] * 10, CROWD).tolist() == placed([WORD] * 10, CROWD).tolist()


@pytest.mark.parametrize("box", [[600.0, 18.0], [500.0, 500.0]], ids=["wide", "huge"])
def test_labels_without_room_are_placed_all_the_same(box: list[float]) -> None:
    """Where a canvas is too small for its labels, each has a place in the middle or near it."""
    middles = placed([box] * 3, [[10, 10], [500, 20], [260, 510]])

    assert middles.shape == (3, 2) and np.isfinite(middles).all()
    assert ((middles >= 0) & (middles <= SIDE)).all()


@pytest.mark.parametrize(
    ("anchor", "middle", "line"),
    [
        ([100, 100], [100, 100], None),
        ([100, 100], [104, 105], None),
        ([100, 100], [100, 130], [[100, 100], [100, 120]]),
        ([100, 100], [140, 80], [[100, 100], [130, 90]]),
    ],
    ids=["at", "over", "below", "aside"],
)
def test_a_label_that_moved_has_a_line(anchor: Any, middle: Any, line: Any) -> None:
    """The line leads from the anchor to the nearest point of the label; a label that is over its
    anchor has none.
    """
    program = "console.log(JSON.stringify(lineToLabel(anchor, middle, [20, 20])))"
    drawn = in_node(program, (LABEL_LAYOUT, "lineToLabel"), anchor=anchor, middle=middle)

    assert drawn == line
