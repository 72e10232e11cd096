"""The live decoder: a map, sliders and what they decode to, all in the browser. Its other half is
export/browser/live/live.js.

Shapes: D = latent_dim.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from autoencoder.export.browser.views import LIVE
from autoencoder.ui.components.messages import LatentValue, received
from autoencoder.ui.components.mounting import component
from autoencoder.validation import Exact

MOST_VALUES = 10_000  # of a latent

_mount = component("live", Path(__file__).parent, LIVE)


class Released(Exact, frozen=True):
    """What the browser says when the visitor has let go of the latent."""

    latent: Annotated[list[LatentValue], Meta(max_length=MOST_VALUES)]


def live(
    run: str,
    images: str,
    *,
    latent_dim: int,
    method: str,
    holes: str | None,
    latent: Sequence[float] | None,
    placed: int,
    parts: str,
    tour: bool = False,
    key: str,
    on_holes: Callable[[], None],
) -> list[float] | None:
    """Draw the live decoder and return the latent (D) that the visitor has just let go of, None in
    any other rerun.

    Nothing that is passed should change because of a release, or all of it travels again.

    Args:
        run, images: What `send_run` returned.
        latent_dim: D.
        method: "line" (D = 1), "latents" (D = 2), "pca", or what `send_map` returned.
        holes: What `send_holes` returned; None until `on_holes` has asked for it.
        latent: Where to start; None for the first test image's latent.
        placed: Higher whenever Python, not the visitor, has moved the latent: only then does the
            browser take it.
        parts: "all", or "pad" for the map and the decoded image alone.
        tour: Whether the point moves by itself until the visitor touches the map.
        on_holes: Called before the rerun in which the hole map is first wanted.
    """
    data: dict[str, Any] = {
        "run": run,
        "images": images,
        "method": method,
        "holes": holes,
        "latent": None if latent is None else [float(value) for value in latent],
        "placed": placed,
        "parts": parts,
        "tour": tour,
    }
    mounted = _mount(key=key, data=data, on_released_change=lambda: None, on_holes_change=on_holes)
    return released_latent(mounted.released, latent_dim)


def released_latent(value: object, latent_dim: int) -> list[float] | None:
    """The latent (D) that the browser says was released; None if it says something else."""
    released = received(value, Released)
    return released.latent if released and len(released.latent) == latent_dim else None
