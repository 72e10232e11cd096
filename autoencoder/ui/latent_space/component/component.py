"""One or two linked maps of a run's test images, to look at and select from.

What draws them in the browser is component.js beside this file.

Shapes: N = test images, D = latent_dim.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from msgspec import Meta

from autoencoder.analysis.projections import Projection
from autoencoder.errors import CorruptRunError
from autoencoder.export.packing import packed
from autoencoder.runs import Run
from autoencoder.ui.components.assets.assets import bring, image_bytes
from autoencoder.ui.components.messages import received
from autoencoder.ui.components.mounting import component
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.validation import Exact

# of pixels, and of latents, that go to the browser: all 10,000 images of MNIST's size
MOST_BYTES = 8_000_000
TITLES = {"latents": "Latent space", "pixels": "Image space"}  # over each of two projections

_mount = component("linked_maps", Path(__file__).parent)


class Selected(Exact, frozen=True):
    """What the browser says when the visitor has selected points: see `to_text`."""

    indices: Annotated[str, Meta(max_length=4 * 2 * 65_536 // 3 + 4)]


@dataclass(frozen=True, eq=False)
class Colours:
    """What the colours of points mean.

    Attributes:
        name: Of the choice, such as "error".
        kind: "class", "value" (the sequential palette) or "group" (the palette of classes, by
            number).
        title: At the start of a sentence.
        values: (N,): numbers, or of groups their index in `names`; None for classes.
        names: Of groups.
        low, high: The ends of the palette, for values.
        log: Values are logarithms to base 10 of what is to be read.
    """

    name: str
    kind: str
    title: str
    values: np.ndarray | None = None
    names: Sequence[str] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False


def linked_maps(
    run: Run,
    projections: Sequence[Projection],
    colours: Colours,
    *,
    selected: np.ndarray,
    placed: int,
    key: str,
) -> np.ndarray | None:
    """Draw the maps and return the indices of the test images that have just been selected, None in
    any other rerun.

    Nothing that is passed should change because of what is returned, or all of it travels again.

    Args:
        projections: One or two.
        selected: Where to start: indices.
        placed: Higher whenever Python, not the visitor, has changed the selection: only then does
            the browser take it.
    """
    shown = min(len(run_data.evaluation(run).images), MOST_BYTES // run.config.shape.pixels)
    data: dict[str, Any] = {
        "latents": _send(_latent_bytes(run), key),
        "images": _send(image_bytes(run, shown), f"{key}-images"),
        "maps": [_map_data(each, key) for each in projections],
        "colour": _colour_data(colours, f"{key}-values"),
        "selected": to_text(selected),
        "placed": placed,
    }
    mounted = _mount(key=key, data=data, on_selected_change=lambda: None)
    return selected_images(mounted.selected, len(run_data.evaluation(run).labels))


def selected_images(value: object, count: int) -> np.ndarray | None:
    """The indices below `count` that the browser says were selected; None if it says something
    else.
    """
    if (selected := received(value, Selected)) is None:
        return None
    try:
        return from_text(selected.indices, count)
    except ValueError:
        return None


def to_text(indices: np.ndarray) -> str:
    """Indices below 65,536 as base64 of uint16, little endian, ascending: 5,000 of them are 13
    kB.
    """
    return base64.b64encode(np.sort(indices).astype("<u2").tobytes()).decode()


def from_text(text: str, count: int) -> np.ndarray:
    """The inverse: those below `count`, each once, ascending. Raises ValueError for what is no such
    text.
    """
    indices = np.frombuffer(base64.b64decode(text, validate=True), "<u2")
    return np.unique(indices[indices < count]).astype(int)


def _map_data(projection: Projection, key: str) -> dict[str, Any]:
    points, settings = np.ascontiguousarray(projection.points, "<f4"), projection.settings
    axes = projection.axis_names if settings.spec.axes_have_meaning else ("", "")
    name = "points-" + hashlib.sha256(repr(axes).encode() + points.tobytes()).hexdigest()[:12]
    header = {"kind": "map", "id": name, "spacing": 0, "axes": axes, "count": len(points)}
    return {
        "space": settings.space,
        "title": TITLES[settings.space],
        "about": projection.about,
        "equal": not projection.in_rows,  # both axes measure the same thing
        "points": _send((name, packed(header, [points])), f"{key}-{settings.space}"),
    }


def _colour_data(colours: Colours, key: str) -> dict[str, Any]:
    sent: dict[str, Any] = {each.name: getattr(colours, each.name) for each in fields(colours)}
    if colours.values is None:
        return sent
    values = np.ascontiguousarray(colours.values, "<f4")
    name = "values-" + hashlib.sha256(values.tobytes()).hexdigest()[:12]
    sent["values"] = _send(
        (name, packed({"kind": "values", "id": name, "count": len(values)}, [values])), key
    )
    return {**sent, "names": list(colours.names)}


def _send(content: tuple[str, bytes], key: str) -> str:
    name, message = content
    bring(message, key=f"{key}-{name}")
    return name


def _decoder(run: Run) -> bytes:
    """The run's decoder; nothing where its weights are damaged: kept latents can be looked at
    without.
    """
    try:
        run.weights()
    except CorruptRunError:
        return b""
    return run_data.decoder(run)


@cached_per_run(max_entries=8, spinner="Preparing the map")
def _latent_bytes(run: Run) -> tuple[str, bytes]:
    data, latents, decoder = run_data.evaluation(run), run_data.latents(run), _decoder(run)
    coded = min(len(latents), MOST_BYTES // (4 * run.config.latent_dim)) if decoder else 0
    name = f"latents-{run.key}@{run.version[1]}"
    header = {
        "kind": "latents",
        "id": name,
        "latentDim": run.config.latent_dim,
        "count": len(latents),
        "coded": coded,
        "measured": data.errors is not None,
        "classes": list(run.class_names),
        "bytes": len(decoder),
    }
    errors = np.zeros(len(latents)) if data.errors is None else data.errors
    return name, packed(
        header,
        [decoder, latents[:coded].astype("<f4"), data.labels.astype("<u2"), errors.astype("<f4")],
    )
