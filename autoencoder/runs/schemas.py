"""The schemas of a run's npz files: a table of arrays for each, and one reader that checks them.

Sizes: N = images, D = latent_dim, C, H, W = channels, rows and columns of an image, P = C * H * W,
L = classes of the data set, A = axes of a projection, K = components of a mixture or of PCA, M =
reconstructions in a snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import numpy as np

from autoencoder.runs.files import Arrays, read_arrays


@dataclass(frozen=True)
class Array:
    """What an array must be.

    Attributes:
        kind: NumPy's letter: f for finite floats, i for integers, u for bytes (uint8).
        shape: A number or a name for each dimension, such as "N D". A name that the reader has no
            size for stands for whatever the first array has there, at least 1.
        optional: Whether the file may lack it.
        least, most: Of its values.
        below: A size that all its values lie below, for indices.
        once: What the array was called in format 1.
    """

    kind: str
    shape: str
    optional: bool = False
    least: float = -inf
    most: float = inf
    below: str = ""
    once: str = ""


Schema = Mapping[str, Array]

SHA256 = Array("u", "32")
LATENTS = Array("f", "N D", once="codes")
SCORE = Array("f", "1", optional=True, least=0, most=1)

SNAPSHOT: Schema = {
    "latents": LATENTS,
    "reconstructions": Array("u", "M C H W"),
}
EVALUATION: Schema = {
    "images": Array("u", "N C H W"),
    "labels": Array("i", "N", least=0, below="L"),
    "latents": replace(LATENTS, optional=True),
    "errors": Array("f", "N", optional=True),
}
LABELS: Schema = {"labels": EVALUATION["labels"]}
PCA: Schema = {
    "mean": Array("f", "P"),
    "components": Array("f", "K P"),
    "variance": Array("f", "K"),
    "total": Array("f", "1"),
}
PROJECTION: Schema = {
    "points": Array("f", "N A"),
    "sha256": Array("u", "32", optional=True),
    "trustworthiness": SCORE,
    "continuity": SCORE,
}
MIXTURE: Schema = {
    "weights": Array("f", "K"),
    "means": Array("f", "K D"),
    "factors": Array("f", "K D D", optional=True),
    "deviations": Array("f", "K D", optional=True),
    "classes": Array("i", "K", least=0, below="L"),
    "sha256": SHA256,
}
CLUSTERING: Schema = {
    "clusters": Array("i", "N", least=0),
    "densities": Array("f", "N", least=0.001, most=1_000),
    "nearest_other": Array("i", "N", least=-1, below="L"),
    "json": Array("u", "bytes"),
    "sha256": SHA256,
}


def read(path: Path, schema: Schema, **sizes: int) -> Arrays:
    """The arrays of `schema` in an npz file, each checked; `sizes` are those that are known.

    Raises:
        OSError: The file cannot be read.
        ValueError: It lacks an array, or one is not what the schema says.
    """
    once = {rule.once: name for name, rule in schema.items() if rule.once}
    stored = read_arrays(path, [*schema, *once])
    arrays = {once.get(name, name): array for name, array in stored.items()}
    for name, rule in schema.items():
        if name in arrays:
            _check(f"{name} in {path.name}", arrays[name], rule, sizes)
        elif not rule.optional:
            raise ValueError(f"{path.name} has no {name}")
    return arrays


def _check(name: str, array: np.ndarray, rule: Array, sizes: dict[str, int]) -> None:
    if array.dtype.kind != rule.kind or (rule.kind == "u" and array.dtype != np.uint8):
        raise ValueError(f"{name} holds numbers of type {array.dtype}")
    if not _fits(array.shape, rule.shape.split(), sizes):
        raise ValueError(f"{name} has shape {array.shape}, which should be ({rule.shape})")
    if rule.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} has numbers that are not finite")
    if (
        not rule.least
        <= array.min()
        <= array.max()
        <= min(rule.most, sizes.get(rule.below, inf) - 1)
    ):
        raise ValueError(f"{name} has numbers out of range")


def _fits(shape: tuple[int, ...], dimensions: list[str], sizes: dict[str, int]) -> bool:
    """Whether a shape is that of the rule; sizes that were not known are known afterwards."""
    if len(shape) != len(dimensions) or 0 in shape:
        return False
    expected = [
        int(dimension) if dimension.isdecimal() else sizes.setdefault(dimension, size)
        for size, dimension in zip(shape, dimensions, strict=True)
    ]
    return list(shape) == expected
