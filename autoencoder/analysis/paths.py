"""The way from one point to another, and on through more: straight, or along a sphere. Points are
latents or images.

Shapes: W = waypoints, D = numbers per point, F = frames. The browser's half,
export/browser/interpolation/path.js, takes the same ways.
"""

import numpy as np

from autoencoder.errors import ConfigError

KINDS = {"linear": "Linear", "spherical": "Spherical"}
MIDDLE = 1 / 4, 3 / 4  # shares of the way between two waypoints: what lies in its middle half
ROUNDING = 1e-9  # of such a share
LEAST_TURN = (
    1e-4  # sine of the angle between two points below which there is no telling which way to turn
)


def path(waypoints: np.ndarray, frames: int, *, kind: str) -> np.ndarray:
    """From the first of the waypoints (W, D) to the last, by way of the others: (F, D) float32, at
    the places of `places`.

    Raises:
        ConfigError: If kind is unknown, or there are fewer than two waypoints or frames.
    """
    if kind not in KINDS:
        raise ConfigError(f"path must be one of {', '.join(KINDS)}; got {kind}")
    points = np.asarray(waypoints, np.float64)
    points_on_path = []
    for place in places(len(points), frames):
        leg = min(int(place), len(points) - 2)
        between = slerp if kind == "spherical" else lerp
        points_on_path.append(between(points[leg], points[leg + 1], place - leg))
    return np.array(points_on_path, np.float32)


def places(waypoints: int, frames: int) -> np.ndarray:
    """Where the frames are (F,), counted in waypoints: 0 is the first of them, 1 the second, 1.5
    halfway on to the third.

    Waypoint w is met by frame w (F - 1) / (W - 1), halves rounded up, and the frames between two of
    them are at equal steps. Only where there are fewer frames than waypoints are some missed: then
    all steps are equal.

    Raises:
        ConfigError: If there are fewer than two waypoints or frames.
    """
    if waypoints < 2 or frames < 2:
        raise ConfigError(
            f"a path needs at least two waypoints and two frames; got {waypoints} and {frames}"
        )
    if frames < waypoints:
        return np.linspace(0, waypoints - 1, frames)
    return np.interp(np.arange(frames), stops(waypoints, frames), np.arange(waypoints))


def stops(waypoints: int, frames: int) -> np.ndarray:
    """The frame at which each waypoint is met (W,), the first at 0, the last at F - 1; as many
    frames as waypoints, or more.
    """
    return np.arange(waypoints) * (frames - 1) * 2 // (waypoints - 1) + 1 >> 1


def middle(waypoints: int, frames: int) -> np.ndarray:
    """Which frames lie in the middle half of the way from one waypoint to the next (F,), bool.

    Raises:
        ConfigError: If there are fewer than two waypoints or frames.
    """
    share = places(waypoints, frames) % 1
    low, high = MIDDLE
    return (share >= low - ROUNDING) & (share <= high + ROUNDING)


def lerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """The point (D,) that has gone `share` of the straight way."""
    return (1 - share) * start + share * end


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """The point (D,) that has turned by `share` of the angle at the origin; its distance from there
    grows evenly.

    Shoemake 1985. Straight where a point is the origin, or the two lie in one line with it: then no
    turn leads across.
    """
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if min(lengths) == 0:
        return lerp(start, end, share)
    here, there = start / lengths[0], end / lengths[1]
    angle = 2 * np.arctan2(
        np.linalg.norm(here - there), np.linalg.norm(here + there)
    )  # exact for small angles, too
    if np.sin(angle) < LEAST_TURN:
        return lerp(start, end, share)
    direction = (np.sin((1 - share) * angle) * here + np.sin(share * angle) * there) / np.sin(angle)
    return ((1 - share) * lengths[0] + share * lengths[1]) * direction
