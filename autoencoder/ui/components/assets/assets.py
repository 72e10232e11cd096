"""What the live components draw from: a run's decoder and latents, test images, maps. Brought to
the page once, kept there.

In the browser, component.js beside this file receives the assets and asset_store.js keeps them. The
visible components are told ids only.
"""

import hashlib
from pathlib import Path

import numpy as np

from autoencoder.analysis.dimensions import spacing
from autoencoder.analysis.projections import Projection
from autoencoder.export.assets import channels_last, images_asset, map_asset, run_asset
from autoencoder.export.packing import packed
from autoencoder.runs import Run
from autoencoder.ui.components.mounting import component
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run

MOST_IMAGES = 5_000  # test images that go to the browser: the first
MOST_BYTES = 4_000_000  # of their pixels, and of their latents
HOLE_CELLS = 48  # along one side of a hole map
REACH = 1.6  # of a hole map: of the half side of the square that holds all latents

_mount = component("assets", Path(__file__).parent)


def send_run(run: Run, *, key: str, beside: str = "") -> tuple[str, str]:
    """Bring the run's decoder and latents, and its test images unless those are `beside` already;
    returns both ids.
    """
    run_id, name = _name(run), images_id(run)
    if name != beside:
        send_images(run, key=f"{key}-images")
    _mount(key=f"{key}-{run_id}", data=_run_bytes(run, name))
    return run_id, name


def images_id(run: Run) -> str:
    """What `send_images` returns, without bringing them."""
    return image_bytes(run, live_count(run))[0]


def send_images(run: Run, *, key: str) -> str:
    """Bring the run's test images, which other runs on the same data share; returns their id."""
    name, content = image_bytes(run, live_count(run))
    _mount(key=f"{key}-{name}", data=content)
    return name


def send_map(run: Run, projection: Projection, *, key: str) -> str:
    """Bring a projection of the run's test images (K = 2) that the browser cannot compute; returns
    its id.
    """
    name = f"{_name(run)}/{projection.settings.method}"
    points = projection.points[: live_count(run)]
    _mount(key=f"{key}-{name}", data=_map_bytes(run, name, projection.axis_names, points))
    return name


def send_holes(run: Run, *, key: str) -> str:
    """Bring the run's hole map over its latent plane (of a run with at least two dimensions);
    returns its id.
    """
    _mount(key=f"{key}-{_name(run)}", data=_hole_bytes(run))
    return f"{_name(run)}/holes"


def bring(content: bytes, *, key: str) -> None:
    """Bring bytes that `packed` made, of a kind that export/browser/assets.js knows."""
    _mount(key=key, data=content)


def live_count(run: Run) -> int:
    """How many test images go to the browser: the first 5,000, fewer where they or their latents
    are large.
    """
    count = len(run_data.evaluation(run).images)
    return max(
        1,
        min(
            count,
            MOST_IMAGES,
            MOST_BYTES // run.config.shape.pixels,
            MOST_BYTES // (4 * run.config.latent_dim),
        ),
    )


def latent_plane(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The mean latent (D,) and two orthogonal unit vectors (2, D): the plane a flat map shows. z0
    and z1 themselves for D = 2.
    """
    if run.config.latent_dim == 2:
        return np.zeros(2, np.float32), np.eye(2, dtype=np.float32)
    _, pca = run_data.latent_pca(run)
    return pca.mean, pca.components


def _name(run: Run) -> str:
    return f"{run.key}@{run.version[1]}"


@cached_per_run(max_entries=8, spinner="Preparing the images")
def image_bytes(run: Run, count: int) -> tuple[str, bytes]:
    """The first `count` test images and their labels as an asset, after its name."""
    data = run_data.evaluation(run)
    labels, images = data.labels[:count], data.images[:count]
    digest = hashlib.sha256(labels.astype("<u2").tobytes() + channels_last(images)).hexdigest()
    name = f"images-{digest[:12]}"
    return name, images_asset(run.config, name, labels, images)


@cached_per_run(max_entries=8, spinner="Preparing the live view")
def _run_bytes(run: Run, images_id: str) -> bytes:
    return run_asset(
        run,
        _name(run),
        images_id,
        run_data.decoder(run),
        run_data.latents(run)[: live_count(run)],
        run_data.dimensions(run),
        latent_plane(run)[1],
    )


@cached_per_run(max_entries=8)
def _map_bytes(run: Run, name: str, axes: tuple[str, ...], _points: np.ndarray) -> bytes:
    return map_asset(name, axes, _points)


@cached_per_run(max_entries=8)
def _hole_bytes(run: Run) -> bytes:
    values, extent = _holes(run)
    header = {
        "kind": "holes",
        "id": f"{_name(run)}/holes",
        "size": HOLE_CELLS,
        "extent": extent.tolist(),
    }
    return packed(header, [values])


@cached_per_run(
    max_entries=8, spinner="Measuring the round-trip distance: decoding, then encoding", on_disk=1
)
def _holes(run: Run) -> list[np.ndarray]:
    """How far from itself each cell's latent lands, in latents' distances from each other
    (HOLE_CELLS squared,), and the map's left, right, lower and upper end (4,).
    """
    mean, axes = latent_plane(run)
    latents = run_data.latents(run)
    points = (latents - mean) @ axes.T
    low, high = points.min(axis=0), points.max(axis=0)
    (x, y), half = (low + high) / 2, REACH * float((high - low).max()) / 2 or 1.0
    steps = (np.arange(HOLE_CELLS) + 0.5) / HOLE_CELLS * 2 - 1
    right, up = np.meshgrid(x + half * steps, y + half * steps)
    grid = np.column_stack([right.ravel(), up.ravel()]).astype(np.float32) @ axes + mean
    values = run_data.come_back(run, grid) / spacing(latents)
    extent = np.array([x - half, x + half, y - half, y + half], dtype=float)
    return [values.astype("<f4"), extent]
