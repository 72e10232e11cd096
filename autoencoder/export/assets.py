"""What views draw from, as bytes for the browser: a run's decoder and latents, test images, maps.

browser/assets.js reads them, and says what they hold. Shapes: N = images, D = latent_dim.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from autoencoder.analysis.dimensions import BINS, Dimensions, spacing
from autoencoder.config.run_config import RunConfig
from autoencoder.export.packing import packed
from autoencoder.runs import Run

QUICK = 4  # zlib's level: half the time of its usual one, for 4 % more bytes of MNIST


def run_asset(
    run: Run,
    name: str,
    images: str,
    decoder: bytes,
    latents: np.ndarray,
    dims: Dimensions,
    plane: np.ndarray,
    *,
    short: bool = False,
) -> bytes:
    """A run as views want it.

    Args:
        run: Says what its classes are called and what it was trained for.
        name, images: Ids of this asset and of the test images.
        decoder: What `decoder_bytes` returns.
        latents: Of those test images, (N, D).
        dims: Of all test images.
        plane: Two orthogonal unit vectors (2, D), which a flat map shows; only used for D > 2.
        short: Whether the decoder is what `short_decoder_bytes` returns.
    """
    header = {
        "kind": "run",
        "id": name,
        "images": images,
        "latentDim": run.config.latent_dim,
        "count": len(latents),
        "classes": list(run.class_names),
        "spacing": spacing(latents),
        "variational": run.config.is_variational,
        "order": dims.order.tolist(),
        "dead": dims.dead.tolist(),
        "bins": BINS,
        "short": short,
        "bytes": len(decoder),
    }
    planes = [plane.astype("<f4")] if run.config.latent_dim > 2 else []
    floats: Sequence[np.ndarray] = [latents, dims.mean, dims.low, dims.high, dims.importance]
    return packed(
        header, [decoder, *(array.astype("<f4") for array in floats), dims.density, *planes]
    )


def images_asset(
    config: RunConfig, name: str, labels: np.ndarray, images: np.ndarray, *, level: int = QUICK
) -> bytes:
    """Test images (N, C, H, W) uint8 and their labels (N,), under that id, compressed by zlib."""
    compressed = zlib.compress(channels_last(images), level)
    header = {
        "kind": "images",
        "id": name,
        "shape": config.shape,
        "count": len(labels),
        "bytes": len(compressed),
    }
    return packed(header, [labels.astype("<u2"), compressed])


def map_asset(name: str, axes: Sequence[str], points: np.ndarray) -> bytes:
    """A projection of the test images, (N, 2), under that id."""
    header = {
        "kind": "map",
        "id": name,
        "axes": axes,
        "count": len(points),
        "spacing": spacing(points),
    }
    return packed(header, [np.asarray(points, "<f4")])


def values_asset(name: str, values: np.ndarray) -> bytes:
    """A number for each test image, (N,), under that id."""
    header = {"kind": "values", "id": name, "count": len(values)}
    return packed(header, [np.asarray(values, "<f4")])


def channels_last(images: np.ndarray) -> bytes:
    """Images (N, C, H, W) as the bytes of (N, H, W, C)."""
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1)).tobytes()
