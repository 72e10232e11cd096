"""Random changes of a good run's files: one file, one change, the same for the same seed."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from safetensors.numpy import load

from tests.faults.hostile_folders import (
    FILES,
    JSON,
    MARKUP,
    NPZ,
    Builder,
    arrays,
    put,
    saved,
    unfinished,
)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 0.5, -0.0, 7.25, 10**6, 2**31, 2**63 - 1, 2**64),
    *(10**400, 1e15, 1e300, -1e300, 5e-324, float("nan"), float("inf"), -float("inf")),
    *("", "x", MARKUP, "x" * 5_000, "\ud800", "\x00", "2026-01-01T00:00:00+00:00", "running"),
    *([], [1], [[]], {}, {"a": 1}, {"run": 1.0, "pca": 0.0}),
)


def mutation(seed: int, number: int) -> Builder:
    """Change number `number` of that seed."""
    return partial(_mutate, seed, number)


def _mutate(seed: int, number: int, folder: Path) -> None:
    random = Random(f"{seed}:{number}")
    if random.random() < 0.15:
        unfinished(folder)
    files = [name for name in FILES if (folder / name).exists()]
    path = folder / random.choice(files)
    if path.name in JSON:
        path.write_text(json.dumps(_changed(json.loads(path.read_text()), random)))
    elif path.name == "history.jsonl":
        _mutate_lines(path, random)
    elif str(path.relative_to(folder)) in NPZ:
        _mutate_arrays(path, random)
    else:
        _mutate_tensors(path, random)


def _mutate_lines(path: Path, random: Random) -> None:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    number = random.randrange(len(lines))
    lines[number] = _changed(lines[number], random)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def _changed(stored: Any, random: Random) -> Any:
    """JSON with one value somewhere in it changed, left out or moved."""
    if isinstance(stored, dict) and stored:
        name = random.choice(list(stored))
        if isinstance(stored[name], dict | list) and stored[name] and random.random() < 0.7:
            return {**stored, name: _changed(stored[name], random)}
        rest = {each: value for each, value in stored.items() if each != name}
        kind = random.randrange(8)
        if kind == 0:
            return rest
        if kind == 1:
            return {**rest, random.choice(("x", "", MARKUP, "run", "mse")): stored[name]}
        return {**stored, name: _other(stored[name], random)}
    if isinstance(stored, list) and stored:
        index = random.randrange(len(stored))
        changed = _changed(stored[index], random)
        return random.choice(
            ([*stored[:index], changed, *stored[index + 1 :]], stored[:index], stored * 3)
        )
    return _other(stored, random)


def _other(value: Any, random: Random) -> Any:
    """Another value; often a near one."""
    if isinstance(value, int | float) and random.random() < 0.5:
        near = (-value, value + 1, value - 1, value * 1e9, value * -1e299, value / 3, str(value))
        return random.choice(near)
    if isinstance(value, str) and random.random() < 0.5:
        return random.choice((value * 50, value[:1], value.upper(), MARKUP + value))
    return random.choice(VALUES)


def _change_one(stored: dict[str, np.ndarray], random: Random) -> None:
    """Take one of the arrays away, or put a changed one in its place."""
    name = random.choice(list(stored))
    if random.random() < 0.15:
        del stored[name]
    else:
        with np.errstate(all="ignore"):
            stored[name] = random.choice(ARRAY_CHANGES)(stored[name], random)


def _mutate_arrays(path: Path, random: Random) -> None:
    stored = arrays(path)
    _change_one(stored, random)
    np.savez_compressed(path, **stored)


def _mutate_tensors(path: Path, random: Random) -> None:
    stored = load(path.read_bytes())
    _change_one(stored, random)
    put(path, saved({k: np.ascontiguousarray(a) for k, a in stored.items()}, path))


def _one_value(array: np.ndarray, random: Random) -> np.ndarray:
    """One number of it is another."""
    changed = array.copy()
    if changed.size:
        value = random.choice((np.nan, np.inf, 1e30, -1e30, 1e14, 0, -1, 1, 255, 10, 3.4e38))
        changed.flat[random.randrange(changed.size)] = np.array(value).astype(changed.dtype)
    return changed


def _all_values(array: np.ndarray, random: Random) -> np.ndarray:
    value = random.choice((0, 1, -1, 1e10, -1e14, 9, 255, 1e-30))
    return np.full_like(array, np.array(value).astype(array.dtype))


def _as_type(array: np.ndarray, random: Random) -> np.ndarray:
    kinds = ("f2", "f4", "f8", "i1", "i4", "i8", "u1", "u2", "?")
    return array.astype(random.choice(kinds))


def _cut(array: np.ndarray, random: Random) -> np.ndarray:
    return array[: random.choice((0, 1, 2, 5, -1))] if array.ndim else array


def _longer(array: np.ndarray, random: Random) -> np.ndarray:
    return np.concatenate([array] * random.choice((2, 3, 30))) if array.ndim else array


def _reshaped(array: np.ndarray, random: Random) -> np.ndarray:
    shapes = (array[None], array[..., None], array.ravel(), array.T)
    return random.choice(shapes)


def _shuffled(array: np.ndarray, random: Random) -> np.ndarray:
    order = np.random.default_rng(random.randrange(2**32)).permutation(array.size)
    return array.ravel()[order].reshape(array.shape)


ARRAY_CHANGES: tuple[Callable[[np.ndarray, Random], np.ndarray], ...] = (
    *(_one_value, _one_value, _all_values, _as_type, _cut, _longer, _reshaped, _shuffled),
)
