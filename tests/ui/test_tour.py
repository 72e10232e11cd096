"""The loop along which the front page's map moves by itself."""

from typing import Any

import numpy as np

from tests.support.node import in_node
from tests.support.places import PACKAGE

MODULE = PACKAGE / "export/browser/live/tour.js"
NAMES = "inOrder, placeAt, smoothLoop"
MIDDLES = [[0.0, 0.0], [9.0, 1.0], [1.0, 1.0], [8.0, 6.0], [2.0, 7.0]]


def toured(program: str, **values: Any) -> Any:
    """What a program that uses the tour's functions prints."""
    return in_node(program, (MODULE, NAMES), middles=MIDDLES, **values)


def test_the_nearest_middle_is_next() -> None:
    """From the first middle on, each next one is the nearest of those not yet visited."""
    order = toured("console.log(JSON.stringify(inOrder(middles)))")

    assert order == [[0, 0], [1, 1], [2, 7], [8, 6], [9, 1]]


def test_the_loop_is_closed_and_meets_every_middle() -> None:
    """It ends where it began, and each middle is one of its places."""
    places = toured("console.log(JSON.stringify(smoothLoop(middles).places))")

    assert places[0] == places[-1]
    assert [middle for middle in MIDDLES if middle not in places] == []


def test_the_point_moves_evenly_and_without_corners() -> None:
    """Equal steps along the loop are equally long on the map, and turn by little each time."""
    program = """
      const loop = smoothLoop(inOrder(middles));
      const at = Array.from({ length: 1_000 }, (_, i) => placeAt(loop, (loop.length * i) / 1_000));
      console.log(JSON.stringify([loop.length, at]));
    """
    length, at = toured(program)
    steps = np.diff(np.array([*at, at[0]]), axis=0)
    sizes, angles = np.hypot(*steps.T), np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))

    assert np.allclose(sizes, length / 1_000, rtol=0.05)
    assert np.abs(np.diff(angles)).max() < 0.5


def test_middles_at_one_place_are_no_problem() -> None:
    """Two classes with the same middle give places that are numbers."""
    places = in_node(
        "console.log(JSON.stringify(smoothLoop(middles).places))",
        (MODULE, NAMES),
        middles=[[0, 0], [0, 0], [1, 0]],
    )

    assert np.isfinite(np.array(places, dtype=float)).all()
