"""What of a run goes into its HTML file, and how much of it.

Shapes: N = test images of the run, M = those in the file, D = latent_dim.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autoencoder.analysis import projections
from autoencoder.analysis.dimensions import Dimensions, describe
from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.analysis.projections import Projection
from autoencoder.config.objectives import LOSS_PARTS
from autoencoder.config.projections import PROJECTIONS, ProjectionSettings
from autoencoder.config.words import name
from autoencoder.errors import CorruptRunError
from autoencoder.export.assets import images_asset, map_asset, run_asset, values_asset
from autoencoder.export.decoder import short_decoder_bytes
from autoencoder.export.interpolation import CONSTANTS, FRAMES, MEASURED, first_pair, usual_kind
from autoencoder.export.training_film import Frame, curve_of, film_bytes, frame_of, thinned
from autoencoder.networks.numpy_inference import NumpyAutoencoder
from autoencoder.progress import ProgressCallback, part_of
from autoencoder.runs import Evaluation, Run
from autoencoder.runs.labels import read_label

MOST_IMAGES = 2_000
MOST_BYTES = 4_000_000  # of the pixels, and of the latents, of the images in the file
KL_IMAGES = 2_000  # the KL of each dimension is averaged over
FILM_FRAMES = 40
FILM_BYTES = 2_000_000  # of the reconstructions of all frames
FILM_ROW = 4  # images that stand in a row of the film, at least
RUN, IMAGES, ERRORS = "run", "images", "errors"  # ids of assets


@dataclass(frozen=True)
class Content:
    """What goes into the file.

    Attributes:
        title: A person's title of the run, or its name.
        count, total: M and N.
        page: What page.js is told, ready for JSON.
        assets: What views draw from, as browser/assets.js reads it; then the film, if there is one.
        has_film: Whether epochs were kept.
    """

    title: str
    count: int
    total: int
    page: dict[str, Any]
    assets: tuple[bytes, ...]
    has_film: bool


def content_of(run: Run, notify: ProgressCallback) -> Content:
    """Everything that the file shows of a trained run. Raises RunError."""
    notify("reading the test images", 0.0)
    data, network = run.evaluation(), NumpyAutoencoder(run.config, run.weights())
    notify("encoding the test images", 0.1)
    latents = network.encode(data.images) if data.latents is None else data.latents
    count = included(run, len(data.images))
    maps = stored_maps(run)
    film = film_of(run, data, part_of(notify, 0.5, 0.9))
    part = f"The map shows {in_words(count, len(data.images))}."
    page = {
        "run": RUN,
        "images": IMAGES,
        "errors": ERRORS if data.errors is not None else None,
        "maps": _map_choices(run, maps, part),
        "interpolation": _interpolation(run, data, count),
        "hasFilm": bool(film),
    }
    notify("packing", 0.9)
    assets = [
        _run_asset(run, latents, count, describe(latents, _kl(run, network, data))),
        images_asset(run.config, IMAGES, data.labels[:count], data.images[:count], level=9),
        *([] if data.errors is None else [values_asset(ERRORS, data.errors[:count])]),
        *(map_asset(each.settings.method, each.axis_names, each.points[:count]) for each in maps),
        *([film] if film else []),
    ]
    title = read_label(run.folder).title or name(run.config)
    return Content(title, count, len(data.images), page, tuple(assets), bool(film))


def in_words(count: int, total: int) -> str:
    """Which of the test images are in the file."""
    if count < total:
        return f"the first {count:,} of {total:,} test images"
    return "the only test image" if total == 1 else f"all {total:,} test images"


def included(run: Run, total: int) -> int:
    """How many of the `total` test images are in the file: the first 2,000, fewer where they or
    their latents are large.
    """
    per_image = max(run.config.shape.pixels, 4 * run.config.latent_dim)
    return max(1, min(total, MOST_IMAGES, MOST_BYTES // per_image))


def stored_maps(run: Run) -> list[Projection]:
    """The maps that the run has stored beside those that the browser computes; none for latents of
    two numbers, which are a map themselves.
    """
    if run.config.latent_dim <= 2:
        return []
    methods = [each for each, spec in PROJECTIONS.items() if not spec.is_exact]
    found = [_stored_map(run, method) for method in methods]
    return [projection for projection in found if projection]


def _stored_map(run: Run, method: str) -> Projection | None:
    try:
        return run.projection(ProjectionSettings.usual(method))
    except CorruptRunError:  # the file is of use without it
        return None


def _exact_map(run: Run) -> str:
    """What the browser calls the map that it computes by itself."""
    return {1: "line", 2: "latents"}.get(run.config.latent_dim, "pca")


def _map_choices(run: Run, maps: list[Projection], part: str) -> list[dict[str, str]]:
    """The maps of the run, the usual one first: what views call each, its title, and sentences
    that say how it was made and, by `part`, of which images.
    """
    exact = PROJECTIONS["latents" if run.config.latent_dim <= 2 else "pca"]
    known = [
        (_exact_map(run), exact.title, exact.about.format(space="latents")),
        *((each.settings.method, each.settings.spec.title, each.about) for each in maps),
    ]
    return [
        {"method": method, "title": title, "about": f"{about[:1].upper()}{about[1:]}. {part}"}
        for method, title, about in known
    ]


def _run_asset(run: Run, latents: np.ndarray, count: int, dims: Dimensions) -> bytes:
    decoder = short_decoder_bytes(run.config, run.weights())
    plane = projections.fit_pca(latents, 2).components if run.config.latent_dim > 2 else np.eye(2)
    return run_asset(run, RUN, IMAGES, decoder, latents[:count], dims, plane, short=True)


def _kl(run: Run, network: NumpyAutoencoder, data: Evaluation) -> np.ndarray | None:
    """What the KL of each dimension is (D,); None unless the run is variational."""
    if not run.config.is_variational:
        return None
    return network.kl_by_dimension(data.images[:KL_IMAGES])


def _interpolation(run: Run, data: Evaluation, count: int) -> dict[str, Any] | None:
    """What the interpolation is told; None where there are not two images."""
    if count < 2:
        return None
    images = data.images[:count]
    distance = typical_distance(images, MEASURED)
    return {
        "run": RUN,
        "images": IMAGES,
        "others": [],
        "method": _exact_map(run),
        "picked": first_pair(data.labels[:count]),
        "frames": FRAMES,
        "kind": usual_kind(run.config),
        "placed": 0,
        "waits": True,
        "constants": CONSTANTS,
        "yardstick": {"distance": distance, "images": min(MEASURED, count)},
    }


# ---- The film of the training ----


def film_of(run: Run, data: Evaluation, notify: ProgressCallback) -> bytes:
    """The training as the browser wants it; empty where no epoch was kept."""
    frames = list(_frames(run, data, notify))
    if not frames:
        return b""
    drawn = drawn_images(len(frames), frames[0].reconstructions)
    frames = [Frame(each.epoch, each.points, each.reconstructions[:drawn]) for each in frames]
    history = run.history
    return film_bytes(
        RUN,
        frames,
        [
            curve_of("Training", "train", history, "mse"),
            curve_of("Test", "test", history, "mse"),
        ],
        labels=data.labels[: len(frames[0].points)],
        class_names=run.class_names,
        originals=data.images[:drawn],
        axis=LOSS_PARTS["mse"].help,
        epochs=run.config.epochs,
        live=False,
    )


def _frames(run: Run, data: Evaluation, notify: ProgressCallback) -> Iterator[Frame]:
    """A frame for each epoch, evenly thinned; places as float16, which is what was kept."""
    epochs = thinned(run.snapshots(), run.config.epochs, FILM_FRAMES)
    before: np.ndarray | None = None
    for place, epoch in enumerate(epochs):
        notify("reading the epochs", place / len(epochs))
        frame = frame_of(run, epoch, data.labels, before)
        before = frame.points
        points = frame.points.astype(np.float16).astype(np.float32)
        yield Frame(epoch, points, frame.reconstructions)


def drawn_images(frames: int, reconstructions: np.ndarray) -> int:
    """How many of an epoch's reconstructions (I, C, H, W) the film shows: whole rows, fewer where
    images are large.
    """
    count, size = len(reconstructions), reconstructions[0].size
    most = FILM_BYTES // (frames * size) // FILM_ROW * FILM_ROW
    return min(count, max(FILM_ROW, most))
