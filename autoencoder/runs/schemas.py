"""The schemas of a run's npz files: a table of arrays for each, and one reader that checks them.

Sizes: N = images, D = latent_dim, C, H, W = channels, rows and columns of an image, P = C * H * W,
L = classes of the data set, A = axes of a projection, K = components of a mixture or of PCA, M =
reconstructions in a snapshot, F = steps of a projection. Type and shape of every array are checked
before it is unpacked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import numpy as np

from autoencoder.analysis.projections.descent import EPOCHS
from autoencoder.runs.npz import ArrayHeader, Arrays, read_arrays, read_headers


@dataclass(frozen=True)
class Array:
    """What an array must be.

    Attributes:
        kind: NumPy's letter: f for finite floats, i for integers, u for bytes (uint8).
        shape: A number or a name for each dimension, such as "N D". A name that the reader has no
            size for stands for whatever the first array has there, at least 1 and at most what the
            reader says.
        optional: Whether the file may lack it.
        least, most: Of its values.
        below: A size that all its values lie below, for indices.
        once: What the array was called in format 1.
        itemsize: The most bytes of one number.
    """

    kind: str
    shape: str
    optional: bool = False
    least: float = -inf
    most: float = inf
    below: str = ""
    once: str = ""
    itemsize: int = 8


Schema = Mapping[str, Array]
NO_LIMITS: Mapping[str, int] = {}

LARGEST = 1e15  # of latents and the like: the squares of many can be summed as float32
SHA256 = Array("u", "32")
LATENTS = Array("f", "N D", least=-LARGEST, most=LARGEST, once="codes", itemsize=4)
SCORE = Array("f", "1", optional=True, least=0, most=1)

SNAPSHOT: Schema = {
    "latents": LATENTS,
    "reconstructions": Array("u", "M C H W"),
}
EVALUATION: Schema = {
    "images": Array("u", "N C H W"),
    "labels": Array("i", "N", least=0, below="L"),
    "latents": replace(LATENTS, optional=True),
    "errors": Array("f", "N", optional=True, least=0, most=LARGEST),
}
LABELS: Schema = {"labels": EVALUATION["labels"]}
IMAGES: Schema = {"images": EVALUATION["images"]}
PCA: Schema = {
    "mean": Array("f", "P", least=-2, most=2),
    "components": Array("f", "K P", least=-2, most=2),  # of length one
    "variance": Array("f", "K", least=0, most=LARGEST),
    "total": Array("f", "1", least=0, most=LARGEST),
}
PROJECTION: Schema = {
    "points": Array("f", "N A", least=-LARGEST, most=LARGEST),
    "sha256": Array("u", "32", optional=True),
    "library": Array("u", "letters", optional=True),
    "trustworthiness": SCORE,
    "continuity": SCORE,
}
STEPS: Schema = {
    "epochs": Array("i", "F", least=0, most=EPOCHS),
    "points": Array("f", "F N A", least=-LARGEST, most=LARGEST, itemsize=2),
    "losses": Array("f", "F", least=0, most=LARGEST),
    "sha256": Array("u", "32", optional=True),
}
MIXTURE_DIAGONAL: Schema = {
    "weights": Array("f", "K"),
    "means": Array("f", "K D"),
    "deviations": Array("f", "K D", optional=True),
    "classes": Array("i", "K", least=0, below="L"),
    "sha256": SHA256,
}
MIXTURE_FULL: Schema = {**MIXTURE_DIAGONAL, "factors": Array("f", "K D D", optional=True)}
CLUSTERING: Schema = {
    "clusters": Array("i", "N", least=0),
    "densities": Array("f", "N", least=0.001, most=1_000),
    "nearest_other": Array("i", "N", least=-1, below="L"),
    "json": Array("u", "bytes"),
    "sha256": SHA256,
}


def read(
    path: Path,
    schema: Schema,
    most: Mapping[str, int] = NO_LIMITS,
    /,
    *,
    rows: int | None = None,
    **sizes: int,
) -> Arrays:
    """The arrays of `schema` in an npz file, each checked.

    Args:
        path: Of the file.
        schema: Of the file.
        most: The largest size that a dimension may have whose size is not known.
        rows: As for `read_arrays`.
        sizes: Those that are known.

    Raises:
        OSError: The file cannot be read.
        ValueError: It lacks an array, or one is not what the schema says.
    """
    rules = {**schema, **{rule.once: rule for rule in schema.values() if rule.once}}

    def check(headers: Mapping[str, ArrayHeader]) -> None:
        for name, rule in schema.items():
            if not (rule.optional or name in headers or rule.once in headers):
                raise ValueError(f"{path.name} has no {name}")
        for name, header in headers.items():
            _check_header(f"{name} in {path.name}", header, rules[name], sizes, most)

    stored = read_arrays(path, rules, check, rows)
    for name, array in stored.items():
        _check_values(f"{name} in {path.name}", array, rules[name], sizes)
    once = {rule.once: name for name, rule in schema.items() if rule.once}
    return {once.get(name, name): array for name, array in stored.items()}


def first_size(path: Path, name: str, rule: Array) -> int:
    """The size of an array's first dimension, without unpacking it. Raises OSError or
    ValueError.
    """
    header = read_headers(path, [name]).get(name)
    if header is None or len(header.shape) != len(rule.shape.split()) or not header.shape[0]:
        raise ValueError(f"{path.name} has no {name}")
    return header.shape[0]


def _check_header(
    name: str,
    header: ArrayHeader,
    rule: Array,
    sizes: dict[str, int],
    most: Mapping[str, int],
) -> None:
    """Raises ValueError unless the array has the type and the shape of its rule."""
    dtype = header.dtype
    if (
        dtype.kind != rule.kind
        or dtype.itemsize > rule.itemsize
        or (rule.kind == "u" and dtype != np.uint8)
    ):
        raise ValueError(f"{name} holds numbers of type {dtype}")
    dimensions = rule.shape.split()
    if not _fits(header.shape, dimensions, sizes):
        expected = ", ".join(str(sizes.get(dimension, dimension)) for dimension in dimensions)
        raise ValueError(f"{name} has shape {header.shape}, which should be ({expected})")
    for size, dimension in zip(header.shape, dimensions, strict=True):
        if size > most.get(dimension, inf):
            raise ValueError(f"{name} has {size:,} entries, at most {most[dimension]:,} can be")


def _check_values(name: str, array: np.ndarray, rule: Array, sizes: Mapping[str, int]) -> None:
    least, most = array.min().item(), array.max().item()  # undefined where a number is
    if not (np.isfinite(least) and np.isfinite(most)):
        raise ValueError(f"{name} has numbers that are not finite")
    if not rule.least <= least <= most <= min(rule.most, sizes.get(rule.below, inf) - 1):
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
