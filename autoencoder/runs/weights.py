"""weights.safetensors and checkpoint.safetensors.

How large they may be follows from the config: four bytes for each number of its network. Weights
may be kept in two bytes each (float16), too, and are read as float32. Of a safetensors file the
first eight bytes say how long its header is, which is JSON; the arrays follow.
"""

from collections.abc import Mapping
from math import prod
from pathlib import Path

import numpy as np
from msgspec import Struct, field
from safetensors.numpy import load

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import BYTES, blueprint_of, state_shapes
from autoencoder.runs import files
from autoencoder.training.progress import Checkpoint
from autoencoder.validation import decode

LENGTH = 8  # bytes before the header that say how long it is
MAX_HEADER = 256 << 10  # bytes
RANDOM = 1 << 20  # bytes of the random states in a checkpoint, of all processes
COPIES = 5  # of the network in a checkpoint: its weights, the best ones, the optimiser's state


class _Header(Struct):
    """The header of a safetensors file, without what it says of the arrays."""

    metadata: dict[str, str] = field(name="__metadata__", default_factory=dict)


def read_content(path: Path, config: RunConfig) -> bytes:
    """weights.safetensors as it is, if it is not larger than the config's network needs."""
    return files.read_bytes(path, MAX_HEADER + _bytes(config))


def read_checkpoint(path: Path, config: RunConfig) -> Checkpoint:
    """checkpoint.safetensors, if it is not larger than the config's network needs."""
    content = files.read_bytes(path, MAX_HEADER + RANDOM + COPIES * _bytes(config))
    length = int.from_bytes(content[:LENGTH], "little")
    return Checkpoint(load(content), _metadata(content[LENGTH : LENGTH + min(length, MAX_HEADER)]))


def read_checkpoint_header(path: Path) -> dict[str, str]:
    """What stands in checkpoint.safetensors beside the arrays, which are not read."""
    with files.opened(path) as handle:
        length = int.from_bytes(handle.read(LENGTH), "little")
        if length > MAX_HEADER:
            raise ValueError(f"{path.name} has a header of more than {MAX_HEADER:,} bytes")
        return _metadata(handle.read(length))


def as_float32(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same numbers, those of float16 as float32."""
    return {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in weights.items()
    }


def are_numbers(weights: Mapping[str, np.ndarray]) -> bool:
    """Whether all are finite float32 numbers, or the counters of a batch norm."""
    return all(
        array.dtype == (np.int64 if name.endswith("num_batches_tracked") else np.float32)
        and bool(np.isfinite(array).all())
        for name, array in weights.items()
    )


def are_of(weights: Mapping[str, np.ndarray], config: RunConfig) -> bool:
    """Whether the config's network has arrays of these names and shapes, and no others."""
    shapes = {name: array.shape for name, array in weights.items()}
    return shapes == state_shapes(blueprint_of(config))


def _metadata(header: bytes) -> dict[str, str]:
    return decode(header, _Header).metadata


def _bytes(config: RunConfig) -> int:
    """Of the arrays of the config's network; its counters have twice as many as its numbers."""
    shapes = state_shapes(blueprint_of(config)).values()
    return sum(BYTES * prod(shape) if shape else 2 * BYTES for shape in shapes)
