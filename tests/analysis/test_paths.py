"""Paths between points: where the frames are, the way along a sphere, and the same in
JavaScript.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoencoder.analysis.paths import (
    KINDS,
    LEAST_TURN,
    lerp,
    middle,
    path,
    places,
    slerp,
    stops,
)
from autoencoder.errors import ConfigError
from tests.support.node import in_node
from tests.support.places import PACKAGE

numbers = st.floats(-50, 50, width=32)
counts = st.tuples(st.integers(2, 6), st.integers(2, 24))


def points(seed: int, waypoints: int = 2, size: int = 5) -> np.ndarray:
    """Waypoints (W, D), normal, float32."""
    return np.random.default_rng(seed).normal(size=(waypoints, size)).astype(np.float32)


@given(counts)
def test_frames_begin_and_end_at_the_ends_and_never_go_back(count: tuple[int, int]) -> None:
    """The first frame is at the first waypoint, the last at the last, and every frame is further on
    than the one before.
    """
    found = places(*count)

    assert len(found) == count[1]
    assert (found[0], found[-1]) == (0, count[0] - 1)
    assert (np.diff(found) > 0).all()


@given(counts.filter(lambda count: count[0] <= count[1]))
def test_every_waypoint_is_met_at_equal_steps(count: tuple[int, int]) -> None:
    """With as many frames as waypoints or more, each waypoint is a frame, and the steps between two
    of them are equal.
    """
    waypoints, frames = count
    met = stops(waypoints, frames)

    np.testing.assert_allclose(places(waypoints, frames)[met], np.arange(waypoints), atol=1e-12)
    for start, end in pairwise(met):
        np.testing.assert_allclose(
            np.diff(places(waypoints, frames)[start : end + 1]), 1 / (end - start)
        )


def test_legs_are_of_one_length_to_a_frame() -> None:
    """What cannot be divided evenly differs by one step, with halves rounded up."""
    assert stops(3, 12).tolist() == [0, 6, 11]
    assert stops(4, 12).tolist() == [0, 4, 7, 11]


def test_fewer_frames_than_waypoints_are_at_equal_steps() -> None:
    """Where not every waypoint can be met, the whole way is divided evenly."""
    assert places(6, 5).tolist() == [0, 1.25, 2.5, 3.75, 5]


@pytest.mark.parametrize(
    ("count", "frames"),
    [
        ((2, 5), [1, 2, 3]),
        ((2, 12), [3, 4, 5, 6, 7, 8]),
        ((3, 9), [1, 2, 3, 5, 6, 7]),
        ((6, 5), [1, 2, 3]),
        ((5, 5), []),
    ],
)
def test_the_middle_half_is_from_one_to_three_quarters(
    count: tuple[int, int], frames: list[int]
) -> None:
    """The frames from 1/4 to 3/4 of the way between two waypoints, both included; the waypoints
    themselves never are.
    """
    assert np.flatnonzero(middle(*count)).tolist() == frames


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_meets_its_waypoints(kind: str) -> None:
    """The frames at the stops are the waypoints themselves."""
    waypoints = points(0, waypoints=3)
    found = path(waypoints, 9, kind=kind)

    assert found.dtype == np.float32
    np.testing.assert_allclose(found[stops(3, 9)], waypoints, rtol=1e-6, atol=1e-6)


def test_a_linear_path_has_equal_steps() -> None:
    """Between two points, straight."""
    start, end = points(1)

    np.testing.assert_allclose(
        np.diff(path(np.stack([start, end]), 7, kind="linear"), axis=0),
        [(end - start) / 6] * 6,
        rtol=1e-4,
    )


@given(st.integers(0, 1000), st.floats(0.1, 10))
@settings(deadline=None)
def test_slerp_between_equal_lengths_stays_on_the_sphere_at_equal_steps(
    seed: int, radius: float
) -> None:
    """Every point is as far from the origin as the ends, and as far from the one before as all
    others.
    """
    ends = points(seed).astype(np.float64)
    ends *= radius / np.linalg.norm(ends, axis=1, keepdims=True)
    found = np.array([slerp(*ends, share) for share in np.linspace(0, 1, 9)])

    np.testing.assert_allclose(np.linalg.norm(found, axis=1), radius)
    steps = np.linalg.norm(np.diff(found, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0])


@given(st.integers(0, 1000), st.floats(0, 1))
def test_the_length_grows_evenly_along_slerp(seed: int, share: float) -> None:
    """Between lengths that differ, the length is as far on its way as the angle."""
    start, end = points(seed).astype(np.float64)
    expected = (1 - share) * np.linalg.norm(start) + share * np.linalg.norm(end)

    np.testing.assert_allclose(np.linalg.norm(slerp(start, end, share)), expected)


@given(
    st.lists(numbers, min_size=1, max_size=4),
    st.sampled_from([0.0, 1.0, 2.5, -1.0, -3.0]),
    st.floats(0, 1),
)
def test_slerp_is_straight_where_no_turn_leads_across(
    start: list[float], times: float, share: float
) -> None:
    """Parallel, opposite, equal and zero points, and single numbers, are joined by a straight line,
    without a NaN.
    """
    here = np.array(start)

    np.testing.assert_allclose(
        slerp(here, times * here, share), lerp(here, times * here, share), rtol=1e-6, atol=1e-6
    )


def test_a_path_that_cannot_be_is_refused() -> None:
    """An unknown kind, a single point, a single frame."""
    with pytest.raises(ConfigError, match="path must be one of linear, spherical; got round"):
        path(points(0), 5, kind="round")
    for waypoints, frames in ((1, 5), (2, 1)):
        with pytest.raises(ConfigError, match="at least two waypoints and two frames"):
            path(points(0, waypoints), frames, kind="linear")


@pytest.mark.slow
def test_javascript_takes_the_same_way() -> None:
    """Every number of waypoints and frames, both kinds, and points without a turn between them
    agree to 1e-5.
    """
    opposite = np.array([[1, 2, 0], [-2, -4, 0], [0, 0, 0], [3, 6, 0]], np.float32)
    cases = [
        {"waypoints": waypoints.tolist(), "frames": frames, "kind": kind}
        for waypoints in [
            *(points(count, count) for count in range(2, 7)),
            points(7, 2, size=1),
            opposite,
        ]
        for frames in (5, 6, 12, 24)
        for kind in KINDS
    ]
    program = """
const along = ({ waypoints, frames, kind }) => Array.from({ length: frames }, (_, frame) =>
  Array.from(pointAt(waypoints, placeAt(frame, waypoints.length, frames), { kind, leastTurn },
    new Float32Array(waypoints[0].length))));
console.log(JSON.stringify(cases.map(along)));
"""
    found = in_node(
        program,
        (PACKAGE / "export/browser/interpolation/path.js", "placeAt, pointAt"),
        cases=cases,
        leastTurn=LEAST_TURN,
    )

    for case, ours in zip(cases, found, strict=True):
        expected = path(np.array(case["waypoints"], np.float32), case["frames"], kind=case["kind"])
        np.testing.assert_allclose(ours, expected, atol=1e-5, err_msg=str(case))


@pytest.mark.slow
def test_javascript_has_the_same_middle_half() -> None:
    """Every number of waypoints that the page allows, with few frames and with many."""
    cases = [(waypoints, frames) for waypoints in range(2, 7) for frames in range(2, 25)]
    program = "console.log(JSON.stringify(cases.map(([w, f]) => middleOf(w, f))));"
    module = PACKAGE / "export/browser/interpolation/path.js"

    assert in_node(program, (module, "middleOf"), cases=cases) == [
        middle(*case).tolist() for case in cases
    ]
