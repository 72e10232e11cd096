"""From one test image to another, decoded along a path and blended pixel by pixel.

The browser's half is export/browser/interpolation/interpolation_view.js.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from autoencoder.analysis.paths import KINDS
from autoencoder.errors import ConfigError
from autoencoder.export.browser.views import INTERPOLATION
from autoencoder.export.interpolation import (
    CONSTANTS,
    FEWEST_FRAMES,
    FEWEST_IMAGES,
    MOST_FRAMES,
    MOST_IMAGES,
)
from autoencoder.ui.components.messages import Index, received
from autoencoder.ui.components.mounting import component
from autoencoder.validation import Exact, one_of

_mount = component("interpolation", Path(__file__).parent, INTERPOLATION)


class Picked(Exact, frozen=True):
    """What the browser says when the visitor has changed the interpolation."""

    images: Annotated[list[Index], Meta(min_length=FEWEST_IMAGES, max_length=MOST_IMAGES)]
    frames: Annotated[int, Meta(ge=FEWEST_FRAMES, le=MOST_FRAMES)]
    kind: Annotated[str, one_of(KINDS)]


@dataclass(frozen=True)
class Interpolation:
    """Which test images to go through, in how many frames, and how.

    Attributes:
        images: Indices of test images, two to six.
        frames: 5 to 24, the ends included.
        kind: A key of `paths.KINDS`.
    """

    images: tuple[int, ...]
    frames: int
    kind: str

    def __post_init__(self) -> None:
        if not FEWEST_IMAGES <= len(self.images) <= MOST_IMAGES:
            raise ConfigError(
                f"images must be {FEWEST_IMAGES} to {MOST_IMAGES} test images; got"
                f" {len(self.images)}"
            )
        if not FEWEST_FRAMES <= self.frames <= MOST_FRAMES:
            raise ConfigError(f"frames must be {FEWEST_FRAMES} to {MOST_FRAMES}; got {self.frames}")
        if self.kind not in KINDS:
            raise ConfigError(f"path must be one of {', '.join(KINDS)}; got {self.kind}")

    def among(self, count: int) -> "Interpolation":
        """Itself, if all its images are among the first `count`; else ConfigError."""
        if wrong := [index for index in self.images if not 0 <= index < count]:
            raise ConfigError(
                f"images must be numbers of test images from 0 to {count - 1}; got {wrong[0]}"
            )
        return self


@dataclass(frozen=True)
class Yardstick:
    """What the distance of a frame to real images is compared with.

    Attributes:
        distance: Of real images to their own nearest neighbours, MSE per pixel, the median; 0 if
            there is no other image.
        images: How many were measured.
    """

    distance: float
    images: int


def interpolation_view(
    run: str,
    images: str,
    *,
    count: int,
    others: Sequence[tuple[str, str]],
    method: str,
    start: Interpolation,
    placed: int,
    yardstick: Yardstick,
    key: str,
) -> Interpolation | None:
    """Draw the interpolation and return what the visitor has just changed it to, else None.

    Nothing that is passed should change because of what is returned, or all of it travels again.

    Args:
        run, images: What `send_run` returned.
        count: How many test images there are.
        others: (id, title) of other runs that were sent, on the same test images.
        method: "line" (D = 1), "latents" (D = 2) or "pca".
        start: Where the visitor begins.
        placed: Higher whenever Python, not the visitor, has changed what is shown: only then does
            the browser take `start`.
        yardstick: How near real images are to each other.
    """
    data: dict[str, Any] = {
        "run": run,
        "images": images,
        "others": [{"run": other, "title": title} for other, title in others],
        "method": method,
        "picked": list(start.images),
        "frames": start.frames,
        "kind": start.kind,
        "placed": placed,
        "constants": CONSTANTS,
        "yardstick": {"distance": yardstick.distance, "images": yardstick.images},
    }
    mounted = _mount(key=key, data=data, on_picked_change=lambda: None)
    return picked_interpolation(mounted.picked, count)


def picked_interpolation(value: object, count: int) -> Interpolation | None:
    """The interpolation among the first `count` test images that the browser says was chosen; None
    if it says something else.
    """
    picked = received(value, Picked)
    if picked is None or max(picked.images) >= count:
        return None
    return Interpolation(tuple(picked.images), picked.frames, picked.kind)
