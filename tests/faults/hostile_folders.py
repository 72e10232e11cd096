"""Run folders as an enemy would make them: builders, one for each way to spoil a good run.

A builder changes the folder of a good run, which has every file that a run may have. What becomes
of it is read by `read_all` in a process of its own (tests/faults/measured_reading.py), and every
page is opened on it by tests/faults/test_hostile_folders.py and by the campaign.
"""

import hashlib
import io
import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from autoencoder.config.projections import ProjectionSettings

Builder = Callable[[Path], object]
Change = Callable[[Path], object]

SETTINGS = ProjectionSettings.usual("umap")
SNAPSHOT = "snapshots/0001.npz"
PROJECTION = f"{SETTINGS.name}.npz"
STEPS = f"{SETTINGS.steps_name}.npz"
JSON = ("config.json", "state.json", "dataset.json", "metrics.json", "label.json", "series.json")
NPZ = (
    *("evaluation.npz", "pca.npz", SNAPSHOT, PROJECTION, STEPS),
    *("mixture.npz", "clustering.npz"),
)
TENSORS = ("weights.safetensors", "checkpoint.safetensors")
FILES = (*JSON, "history.jsonl", *NPZ, *TENSORS)
MARKUP = "<img src=x onerror=alert(1)> **bold** ![](http://x.invalid/y.png) [a](javascript:b)"
MEGABYTE = 1 << 20


# Any file


def empty(path: Path) -> None:
    """Nothing in it."""
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    """Random bytes."""
    path.write_bytes(np.random.default_rng(0).bytes(3_000))


def half(path: Path) -> None:
    """Cut off in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def doubled(path: Path) -> None:
    """Twice the same content."""
    path.write_bytes(path.read_bytes() * 2)


def zeros(path: Path) -> None:
    """As long as it was, all zero."""
    path.write_bytes(bytes(path.stat().st_size))


def folder(path: Path) -> None:
    """A folder of that name."""
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    """A pipe that nobody writes into: opening it would wait for ever."""
    path.unlink()
    os.mkfifo(path)


def link_to(target: str, path: Path) -> None:
    """A link to `target`; to itself if that is empty."""
    path.unlink()
    path.symlink_to(target or path)


def link_to_other_run(path: Path) -> None:
    """A link to the same file of another run."""
    run = path.parents[len(path.parents) - 1 - path.parts.index("models") - 1]
    others = [each for each in run.parent.iterdir() if each.is_dir() and each != run]
    path.unlink()
    path.symlink_to(others[0] / path.relative_to(run))


def forbidden(path: Path) -> None:
    """Nobody may read it (but root)."""
    path.chmod(0)


def sparse(path: Path) -> None:
    """Three gigabytes that take no room."""
    os.truncate(path, 3 << 30)


def sparse_after_the_start(path: Path) -> None:
    """As it was, and zeros after it, two gigabytes in all."""
    os.truncate(path, 2 << 30)


ANY_FILE: dict[str, Change] = {
    "missing": Path.unlink,
    "empty": empty,
    "garbage": garbage,
    "half": half,
    "doubled": doubled,
    "zeros": zeros,
    "folder": folder,
    "pipe": pipe,
    "link to itself": partial(link_to, ""),
    "link to /etc/passwd": partial(link_to, "/etc/passwd"),
    "link to /dev/zero": partial(link_to, "/dev/zero"),
    "link to another run": link_to_other_run,
    "forbidden": forbidden,
    "sparse": sparse,
    "sparse after the start": sparse_after_the_start,
}


# JSON


def change(path: Path, /, **changes: Any) -> None:
    """Replace keys of a JSON file; a value may be a function of the old one."""
    stored = json.loads(path.read_text())
    for name, value in changes.items():
        stored[name] = value(stored[name]) if callable(value) else value
    path.write_text(json.dumps(stored))


def without(path: Path, *names: str) -> None:
    """Leave out keys of a JSON file."""
    stored = json.loads(path.read_text())
    path.write_text(json.dumps({k: value for k, value in stored.items() if k not in names}))


def first_key(text: str, path: Path) -> None:
    """Put `text` in place of the value of the first key of a JSON object, or of all else."""
    line = path.read_text() if path.suffix == ".json" else path.read_text().splitlines()[0]
    stored = json.loads(line)
    if isinstance(stored, dict):
        name, *others = stored
        rest = json.dumps({other: stored[other] for other in others})
        text = f"{{{json.dumps(name)}: {text}, {rest[1:]}"
    path.write_text(text + "\n")


MANY_KEYS = json.dumps({str(n): n for n in range(200_000)})
ANY_JSON: dict[str, Change] = {
    "list": lambda path: path.write_text("[1, 2]"),
    "number": lambda path: path.write_text("7"),
    "null": lambda path: path.write_text("null"),
    "no keys": lambda path: path.write_text("{}"),
    "deep": lambda path: path.write_text('{"a":' * 100_000),
    "deep value": partial(first_key, "[" * 5_000 + "]" * 5_000),
    "many digits": partial(first_key, "9" * 50_000),
    "huge exponent": partial(first_key, "1e999999999"),
    "NaN": partial(first_key, "NaN"),
    "minus infinity": partial(first_key, "-Infinity"),
    "lone surrogate": partial(first_key, '"\\ud800"'),
    "no UTF-8": lambda path: path.write_bytes(b'{"a": "\xff\xfe"}'),
    "UTF-16": lambda path: path.write_bytes(path.read_text().encode("utf-16")),
    "many keys": lambda path: path.write_text(MANY_KEYS),
    "long text": partial(first_key, json.dumps("x" * 4 * MEGABYTE)),
    "key twice": lambda path: path.write_text(path.read_text().replace("{", '{"a": 1, "a": 2,', 1)),
}


# npz


def arrays(path: Path) -> dict[str, np.ndarray]:
    """What an npz file holds."""
    with np.load(path) as stored:
        return dict(stored)


def with_arrays(path: Path, /, **changes: Any) -> None:
    """Replace arrays of an npz file; None leaves one out, a function changes the old one."""
    stored: dict[str, Any] = arrays(path)
    for name, value in changes.items():
        stored[name] = value(stored[name]) if callable(value) else value
    np.savez_compressed(path, **{k: array for k, array in stored.items() if array is not None})


def each_array(make: Callable[[np.ndarray], np.ndarray], path: Path) -> None:
    """Every array of an npz file as `make` makes it."""
    np.savez_compressed(path, **{name: make(array) for name, array in arrays(path).items()})


def npy(array: np.ndarray, *, version: tuple[int, int] | None = None) -> bytes:
    """An npy file."""
    content = io.BytesIO()
    np.lib.format.write_array(content, array, version=version)
    return content.getvalue()


def npy_header(descr: str, shape: str, *, order: str = "False", version: bytes = b"\1\0") -> bytes:
    """The start of an npy file, which says anything."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".ljust(117) + "\n"
    length = len(text).to_bytes(2 if version[0] == 1 else 4, "little")
    return b"\x93NUMPY" + version + length + text.encode()


def archive(
    path: Path, members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED
) -> None:
    """A zip archive of these members."""
    with zipfile.ZipFile(path, "w", compression) as stored:
        for name, content in members.items():
            stored.writestr(f"{name}.npy", content)


def each_member(make: Callable[[bytes], bytes], path: Path, compression: int = 8) -> None:
    """Every member of an npz file as `make` makes it."""
    archive(path, {k: make(npy(array)) for k, array in arrays(path).items()}, compression)


def bomb(path: Path, compression: int = zipfile.ZIP_DEFLATED, size: int = 64 * MEGABYTE) -> None:
    """The first array is of `size` zeros, which make a small file; its header says so."""
    stored = arrays(path)
    name, first = next(iter(stored.items()))
    rows = max(1, size // first[:1].nbytes)
    start = npy_header(repr(first.dtype.str), str((rows, *first.shape[1:])))
    with zipfile.ZipFile(path, "w", compression) as written:
        for each, array in stored.items():
            with written.open(f"{each}.npy", "w") as member:
                member.write(start if each == name else npy(array))
                for _ in range(rows * first[:1].nbytes // MEGABYTE if each == name else 0):
                    member.write(bytes(MEGABYTE))
                if each == name:
                    member.write(bytes(rows * first[:1].nbytes % MEGABYTE))


def hidden_bomb(path: Path) -> None:
    """The header of every array is right, and sixty megabytes of zeros follow it."""
    each_member(lambda content: content + bytes(60 * MEGABYTE // 4), path)


def many_members(path: Path) -> None:
    """A hundred thousand members beside the arrays."""
    members = {name: npy(array) for name, array in arrays(path).items()}
    archive(path, {**members, **{f"x{n}": b"" for n in range(100_000)}}, zipfile.ZIP_STORED)


def one_name_twice(path: Path) -> None:
    """The last array stands there twice."""
    content = path.read_bytes()
    *_, (name, array) = arrays(path).items()
    with zipfile.ZipFile(path, "a") as stored:
        same = name[:-1] + "~"
        stored.writestr(f"{same}.npy", npy(array))
    path.write_bytes(path.read_bytes().replace(f"{same}.npy".encode(), f"{name}.npy".encode()))
    assert len(content) < path.stat().st_size


def patched_directory(offset: int, value: bytes, path: Path) -> None:
    """Bytes at `offset` in the first entry of the archive's table of contents are others."""
    content = bytearray(path.read_bytes())
    first = content.index(b"PK\1\2")
    content[first + offset : first + offset + len(value)] = value
    path.write_bytes(content)


def patched_end(offset: int, value: bytes, path: Path) -> None:
    """Bytes at `offset` in the record that ends the archive are others."""
    content = bytearray(path.read_bytes())
    end = content.rindex(b"PK\5\6")
    content[end + offset : end + offset + len(value)] = value
    path.write_bytes(content)


def nested(path: Path) -> None:
    """An npz file in the place of every array of an npz file."""
    content = path.read_bytes()
    each_member(lambda member: content, path)


def zip64_locator(path: Path) -> None:
    """The archive says that its table of contents is too large for the usual record."""
    content = path.read_bytes()
    end = content.rindex(b"PK\5\6")
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2**40, 2**40, 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    path.write_bytes(content[:end] + record + locator + content[end:])


def header(start: bytes) -> Change:
    """Every array has another start, and no content."""
    return partial(each_member, lambda content: start)


def _pickled(array: np.ndarray) -> np.ndarray:
    return np.array([{"a": array.size}], dtype=object)


ANY_NPZ: dict[str, Change] = {
    "bzip2": partial(each_member, bytes, compression=zipfile.ZIP_BZIP2),
    "stored": partial(each_member, bytes, compression=zipfile.ZIP_STORED),
    "one name twice": one_name_twice,
    "nested": nested,
    "wrong checksum": partial(patched_directory, 16, b"\1\2\3\4"),
    "wrong packed size": partial(patched_directory, 20, b"\xfe\xff\xff\x7f"),
    "wrong size": partial(patched_directory, 24, b"\xfe\xff\xff\x7f"),
    "size 0": partial(patched_directory, 24, bytes(4)),
    "wrong offset": partial(patched_directory, 42, b"\xfe\xff\xff\x7f"),
    "encrypted": partial(patched_directory, 8, b"\1\0"),
    "unknown compression": partial(patched_directory, 10, b"\x63\0"),
    "long name": partial(patched_directory, 28, b"\xff\xff"),
    "wrong count": partial(patched_end, 10, b"\xff\xff"),
    "huge directory": partial(patched_end, 12, b"\xff\xff\xff\x7f"),
    "huge zip64 directory": zip64_locator,
    "no array": partial(each_member, lambda content: b"text"),
    "version 2": partial(each_member, lambda content: npy(np.ones(3), version=(2, 0))),
    "version 3": partial(each_member, lambda content: npy(np.ones(3), version=(3, 0))),
    "header of 4 GB": header(b"\x93NUMPY\2\0\xff\xff\xff\xff"),
    "shape of a billion": header(npy_header("'<f4'", "(1000000000,)")),
    "shape of 10**12": header(npy_header("'<f4'", "(1000000, 1000000)")),
    "shape of 10**4000": header(npy_header("'<f4'", "(1" + "0" * 4_000 + ",)")),
    "negative shape": header(npy_header("'<f4'", "(-1, 2)")),
    "shape of truths": header(npy_header("'<f4'", "(True, True)")),
    "no shape": header(npy_header("'<f4'", "()") + bytes(4)),
    "objects": partial(each_array, _pickled),
    "pickle instead of an array": header(npy_header("'|O'", "(1,)") + b"cos\nsystem\n(S'x'\ntR."),
    "texts": partial(each_array, lambda array: np.array(["text"] * max(1, len(array)))),
    "structures": header(npy_header("[('a', '<f4'), ('b', 'O')]", "(1,)") + bytes(12)),
    "code in the header": header(npy_header("__import__('os').abort()", "(1,)")),
    "deep header": header(npy_header("'<f4'", "(" * 3_000)),
    "big-endian": partial(each_array, lambda a: a.astype(a.dtype.newbyteorder(">"))),
    "complex": partial(each_array, lambda array: array.astype(np.complex64)),
    "truths": partial(each_array, lambda array: array.astype(bool)),
    "dates": partial(each_array, lambda array: array.astype(np.int64).astype("M8[s]")),
    "as floats": partial(each_array, lambda array: array.astype(np.float32)),
    "as whole numbers": partial(each_array, lambda array: array.astype(np.int64)),
    "by columns": partial(each_array, np.asfortranarray),
    "nothing in the arrays": partial(each_array, lambda array: array[:0]),
    "one image": partial(each_array, lambda array: array[:1]),
    "one axis more": partial(each_array, lambda array: array[..., None]),
    "ten times as many": partial(each_array, lambda array: np.repeat(array, 10, axis=0)),
    "negative": partial(each_array, lambda a: -a if a.dtype.kind in "if" else a),
    "huge": partial(each_array, lambda a: np.full_like(a, 6e4) if a.dtype.kind == "f" else a),
    "not finite": partial(each_array, lambda a: a * np.nan if a.dtype.kind == "f" else a),
}


BOMBS: dict[str, Builder] = {
    "evaluation.npz: bomb": lambda path: bomb(path / "evaluation.npz", size=256 * MEGABYTE),
    "evaluation.npz: bzip2 bomb": lambda path: bomb(path / "evaluation.npz", zipfile.ZIP_BZIP2),
    "evaluation.npz: lzma bomb": lambda path: bomb(path / "evaluation.npz", zipfile.ZIP_LZMA),
    "evaluation.npz: zeros behind": lambda path: hidden_bomb(path / "evaluation.npz"),
    "evaluation.npz: many members": lambda path: many_members(path / "evaluation.npz"),
    "snapshot: bomb": lambda path: bomb(path / SNAPSHOT),
    "steps: bomb": lambda path: bomb(path / STEPS),
    "steps: zeros behind": lambda path: hidden_bomb(path / STEPS),
    "mixture.npz: bomb": lambda path: bomb(path / "mixture.npz"),
    "mixture.npz: zeros behind": lambda path: hidden_bomb(path / "mixture.npz"),
}


# safetensors


def sign(path: Path) -> None:
    """Record the weights' present sha256, as whoever changes them can."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(path.with_name("state.json"), weights_sha256=digest)


def put(path: Path, content: bytes) -> None:
    """Replace the weights or the checkpoint, signed."""
    path.write_bytes(content)
    if path.name == "weights.safetensors":
        sign(path)


def tensors(make: Callable[[np.ndarray], np.ndarray], path: Path) -> None:
    """Every tensor of the network as `make` makes it, signed."""
    stored = load(path.read_bytes())
    changed = {name: np.ascontiguousarray(make(each)) for name, each in stored.items()}
    put(path, saved(changed, path))


def saved(stored: dict[str, np.ndarray], path: Path) -> bytes:
    """A safetensors file of these tensors, with what a checkpoint has beside them."""
    if path.name == "weights.safetensors":
        return save(stored)
    whole = hashlib.sha256()
    for name in sorted(stored):
        whole.update(name.encode())
        whole.update(stored[name].tobytes())
    return save(stored, {"sha256": whole.hexdigest(), "position": "{}", "best": "{}"})


def tensor_header(text: bytes, path: Path, content: bytes = bytes(64)) -> None:
    """A safetensors file with any header."""
    put(path, len(text).to_bytes(8, "little") + text + content)


def one_tensor(path: Path, dtype: str = "F32", shape: str = "[4]", offsets: str = "[0,16]") -> None:
    """A safetensors file whose header says anything of its only tensor."""
    text = f'{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}'
    tensor_header(text.encode(), path, bytes(16))


ANY_TENSORS: dict[str, Change] = {
    "truths": partial(tensors, lambda each: each.astype(bool)),
    "doubles": partial(tensors, lambda each: each.astype(np.float64)),
    "halves": partial(tensors, lambda each: each.astype(np.float16)),
    "bytes": partial(tensors, lambda each: each.astype(np.uint8)),
    "not finite": partial(tensors, lambda each: each * np.float32(np.nan)),
    "infinite": partial(tensors, lambda each: each + np.float32(np.inf)),
    "huge": partial(tensors, lambda each: np.full_like(each, 3e38 if each.ndim else 0)),
    "all zero": partial(tensors, np.zeros_like),
    "one row less": partial(tensors, lambda each: each[1:] if each.ndim else each),
    "flat": partial(tensors, np.ravel),
    "none": lambda path: put(path, save({})),
    "other names": lambda path: put(
        path, save({f"x.{k}": each for k, each in load(path.read_bytes()).items()})
    ),
    "one more": lambda path: put(
        path, save({**load(path.read_bytes()), "more": np.zeros(9, np.float32)})
    ),
    "header of 2**63 bytes": lambda path: put(path, b"\xff" * 7 + b"\x7f" + bytes(90)),
    "header of 50 MB": lambda path: tensor_header(b'{"a":"' + b"x" * 50 * MEGABYTE + b'"}', path),
    "deep header": lambda path: tensor_header(b'{"a":' * 50_000, path),
    "header of 5,000 tensors": lambda path: tensor_header(
        json.dumps(
            {str(n): {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(5_000)}
        ).encode(),
        path,
        b"",
    ),
    "huge shape": partial(one_tensor, shape="[4611686018427387904,4]"),
    "empty huge shape": partial(one_tensor, shape="[0,9223372036854775807]", offsets="[0,0]"),
    "negative shape": partial(one_tensor, shape="[-4]"),
    "offsets behind the end": partial(one_tensor, offsets="[0,99999999]"),
    "offsets backwards": partial(one_tensor, offsets="[16,0]"),
    "unknown type": partial(one_tensor, dtype="F7"),
    "bfloat16": partial(one_tensor, dtype="BF16", shape="[8]"),
    "text as metadata": lambda path: tensor_header(b'{"__metadata__": "x"}', path, b""),
    "long sha256": lambda path: put(path, save({"a": np.ones(2)}, {"sha256": "f" * 100_000})),
    "markup as sha256": lambda path: put(path, save({"a": np.ones(2)}, {"sha256": MARKUP})),
}


# Readable, but odd; and the folder as a whole


def lines(make: Callable[[list[dict[str, Any]]], list[Any]], path: Path) -> None:
    """The lines of a history as `make` makes them."""
    stored = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(line) + "\n" for line in make(stored)))


def epochs(path: Path, **changes: Any) -> None:
    """Every line of a history with these values."""
    lines(lambda stored: [{**line, **changes} for line in stored], path)


def unfinished(path: Path) -> None:
    """A run that was stopped, with nothing but a checkpoint."""
    change(path / "state.json", state="stopped", weights_sha256="")
    (path / "weights.safetensors").unlink()


def only_checkpoint(damage: Change, path: Path) -> None:
    """A run that was stopped, and whose checkpoint is damaged."""
    unfinished(path)
    damage(path / "checkpoint.safetensors")


def few_images(count: int, path: Path) -> None:
    """Every array of images holds only the first `count` of them."""
    for name in ("evaluation.npz", SNAPSHOT, "snapshots/0002.npz"):
        each_array(lambda array: array[:count], path / name)
    with_arrays(path / PROJECTION, points=lambda points: points[:count])
    with_arrays(path / STEPS, points=lambda points: points[:, :count])


def scores(path: Path, **changes: Any) -> None:
    """The JSON in clustering.npz with other values."""

    def changed(array: np.ndarray) -> np.ndarray:
        stored = json.loads(array.tobytes())
        stored["scores"].update(changes)
        return np.frombuffer(json.dumps(stored).encode(), np.uint8)

    with_arrays(path, json=changed)


def long_json(path: Path) -> None:
    """Scores that go on for sixteen megabytes."""
    content = np.full(16 * MEGABYTE, ord(" "), np.uint8)
    with_arrays(path, json=lambda array: np.concatenate([array, content]))


def many_snapshots(path: Path) -> None:
    """Five thousand files that look like snapshots, of epochs that there never were."""
    content = (path / SNAPSHOT).read_bytes()[:50]
    for epoch in range(3, 5_003):
        (path / "snapshots" / f"{epoch:04d}.npz").write_bytes(content)


def odd_names(path: Path) -> None:
    """Files and folders with names that look like a run's, paths, markup and several lines."""
    for name in ("a b", "a\nb", "<b>x<b>", "-rf", "\u202ecba", "x" * 250, ".lock", "\udcff"):
        (path / name).write_bytes(b"x")
        (path / "snapshots" / f"{name[:200]}.npz").write_bytes(b"x")
    for name in ("\u0661.npz", "1.npz", "00001.npz", "-1.npz", "0000.npz", f"{'9' * 200}.npz"):
        (path / "snapshots" / name).write_bytes(b"x")
    (path / f"{path.name}").mkdir()
    shutil.copy(path / "config.json", path / path.name / "config.json")


def snapshots_elsewhere(path: Path) -> None:
    """The folder of snapshots is a link to a folder that goes on for ever."""
    shutil.rmtree(path / "snapshots")
    (path / "snapshots").symlink_to("/proc", target_is_directory=True)


def _file(name: str, damage: Change) -> Builder:
    return lambda path: damage(path / name)


def _set(file: str, /, **changes: Any) -> Builder:
    return lambda path: change(path / file, **changes)


def _arrays(file: str, /, **changes: Any) -> Builder:
    return lambda path: with_arrays(path / file, **changes)


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


ODD: dict[str, Builder] = {
    **{f"{count} test images": partial(few_images, count) for count in (1, 2, 3, 5, 16, 359)},
    "3 test images, snapshots of 360": lambda path: each_array(
        lambda array: array[:3], path / "evaluation.npz"
    ),
    "720 test images": lambda path: each_array(
        lambda array: np.concatenate([array, array]), path / "evaluation.npz"
    ),
    "5,000 points for 360 images": _arrays(PROJECTION, points=np.ones((5_000, 2), np.float32)),
    "points for 359 of 360 images": _arrays(PROJECTION, points=np.ones((359, 2), np.float32)),
    "all points in one place": _arrays(PROJECTION, points=np.ones((360, 2), np.float32)),
    "points at the ends": _arrays(PROJECTION, points=np.tile([-1e30, 1e30], (360, 1))),
    "steps for 359 of 360 images": _arrays(STEPS, points=lambda points: points[:, :359]),
    "steps in three dimensions": _arrays(STEPS, points=lambda points: points[..., [0, 1, 1]]),
    "a step without a loss": _arrays(STEPS, losses=lambda losses: losses[1:]),
    "41 steps": _file(
        STEPS, partial(each_array, lambda a: np.resize(a, (41, *a.shape[1:])) if len(a) < 4 else a)
    ),
    "steps backwards": _arrays(STEPS, epochs=lambda epochs: epochs[::-1]),
    "the same step again": _arrays(STEPS, epochs=lambda epochs: epochs * 0),
    "steps after the last": _arrays(STEPS, epochs=lambda epochs: epochs + 1),
    "steps that begin in the middle": _arrays(STEPS, epochs=lambda epochs: epochs // 2 + 250),
    "steps without an end": _arrays(STEPS, epochs=lambda epochs: epochs // 2),
    "steps in one place": _arrays(STEPS, points=lambda points: points * 0),
    "steps at the ends": _arrays(STEPS, points=lambda points: np.sign(points) * 65_504),
    "steps with losses of 0": _arrays(STEPS, losses=lambda losses: losses * 0),
    "steps with the least losses": _arrays(STEPS, losses=lambda losses: losses * 0 + 5e-324),
    "steps with huge losses": _arrays(STEPS, losses=lambda losses: losses + 9e14),
    "steps with negative losses": _arrays(STEPS, losses=lambda losses: -losses),
    "steps of other weights": _arrays(STEPS, sha256=lambda digest: digest * 0),
    "steps of no weights": _arrays(STEPS, sha256=None),
    "all latents in one place": _arrays(
        "evaluation.npz", latents=lambda latents: np.ones_like(latents)
    ),
    "huge latents": _arrays("evaluation.npz", latents=lambda a: a * np.float32(1e14)),
    "largest latents": _arrays("evaluation.npz", latents=lambda a: np.full_like(a, 3e38)),
    "latents of one run, errors of none": _arrays("evaluation.npz", errors=None),
    "errors without latents": _arrays("evaluation.npz", latents=None),
    "no latents, no errors": _arrays("evaluation.npz", latents=None, errors=None),
    "negative errors": _arrays("evaluation.npz", errors=lambda errors: -errors - 1),
    "errors of 0": _arrays("evaluation.npz", errors=lambda errors: errors * 0),
    "labels of one class": _arrays("evaluation.npz", labels=lambda labels: labels * 0 + 3),
    "labels out of range": _arrays("evaluation.npz", labels=lambda labels: labels + 5),
    "negative labels": _arrays("evaluation.npz", labels=lambda labels: labels - 9),
    "black images": _arrays("evaluation.npz", images=lambda images: images * 0),
    "images of another size": _arrays(
        "evaluation.npz", images=np.zeros((360, 1, 28, 28), np.uint8)
    ),
    "three components": _arrays(
        "pca.npz", components=np.eye(3, 64, dtype=np.float32), variance=np.ones(3)
    ),
    "one component": _arrays("pca.npz", components=np.eye(1, 64), variance=np.ones(1)),
    "negative variance": _arrays("pca.npz", variance=np.array([-1.0, -2.0])),
    "no variance": _arrays("pca.npz", variance=np.zeros(2), total=np.zeros(1)),
    "negative total": _arrays("pca.npz", total=np.array([-1.0])),
    "total of NaN": _arrays("pca.npz", total=np.array([np.nan])),
    "components that are zero": _arrays("pca.npz", components=np.zeros((2, 64), np.float32)),
    "huge components": _arrays("pca.npz", components=np.full((2, 64), 1e30, np.float32)),
    "a thousand parts of a mixture": _arrays(
        "mixture.npz",
        weights=np.full(1_000, 1e-3),
        means=np.zeros((1_000, 2)),
        factors=np.stack([np.eye(2)] * 1_000),
        classes=np.zeros(1_000, np.int64),
    ),
    "a mixture without scales": _arrays("mixture.npz", factors=None),
    "a mixture with both scales": _arrays("mixture.npz", deviations=np.ones((2, 2))),
    "a mixture of no weight": _arrays("mixture.npz", weights=np.zeros(2)),
    "a mixture of one class": _arrays("mixture.npz", classes=np.array([7, 7])),
    "a mixture far away": _arrays("mixture.npz", means=np.full((2, 2), 1e39)),
    "more clusters than classes": _arrays("clustering.npz", clusters=lambda a: a + 10),
    "no density": _arrays("clustering.npz", densities=lambda a: a * 0),
    "nearest class that there is not": _arrays("clustering.npz", nearest_other=lambda a: a * 0 + 9),
    "scores that are no JSON": _arrays("clustering.npz", json=_bytes("{")),
    "scores that are none": _arrays("clustering.npz", json=_bytes("{}")),
    "deep scores": _arrays("clustering.npz", json=_bytes('{"scores":' + "[" * 9_000)),
    "long scores": _file("clustering.npz", long_json),
    "scores of a thousand classes": _file(
        "clustering.npz", partial(scores, classes=list(range(1_000)), counts=[1] * 1_000)
    ),
    "scores without overlap": _file("clustering.npz", partial(scores, overlap={}, distances={})),
    "scores out of range": _file("clustering.npz", partial(scores, knn_10={"latents": None})),
    "errors of more than all": _arrays(
        "clustering.npz", json=lambda a: _bytes(a.tobytes().decode().replace("0.25", "1e300"))
    ),
    **{
        f"history with {words}": _file("history.jsonl", partial(epochs, **changes))
        for words, changes in {
            "no test losses": {"test": {}},
            "no training losses": {"train": {}},
            "no MSE": {"test": {"total": 1.0, "reconstruction": 1.0}},
            "other losses": {"train": {"x": 1.0}, "test": {"x": 1.0}},
            "markup for a loss": {"train": {MARKUP: 1.0}},
            "many losses": {"test": {str(n): 1.0 for n in range(50_000)}},
            "negative seconds": {"seconds": -1e299},
            "many seconds": {"seconds": 1e300},
            "huge losses": {"test": {"total": 1e300, "reconstruction": 1e300, "mse": 1e300}},
            "negative losses": {"test": {"total": -1.0, "reconstruction": -1.0, "mse": -1.0}},
            "losses of 0": {"test": {"total": 0.0, "reconstruction": 0.0, "mse": 0.0}},
            "more epochs than the config": {"epochs": 9_999},
            "the same epoch": {"epoch": 2},
            "epoch 0": {"epoch": 0},
            "no batches": {"batches": 0},
            "negative dead units": {"dead_units": {"Bottleneck": -1}},
            "too many dead units": {"dead_units": {"Bottleneck": 3}},
            "dead units of another network": {"dead_units": {"Encoder 99": 1}},
            "markup for a layer": {"dead_units": {MARKUP: 1}},
            "many layers": {"dead_units": {f"Encoder {n}": 0 for n in range(50_000)}},
            "unfinished epochs": {"epoch_done": False},
        }.items()
    },
    "history backwards": _file("history.jsonl", partial(lines, lambda stored: stored[::-1])),
    "history without its first epoch": _file(
        "history.jsonl", partial(lines, lambda stored: stored[1:])
    ),
    "history with an epoch twice": _file(
        "history.jsonl", partial(lines, lambda stored: [stored[0], stored[0]])
    ),
    "60 MB of empty objects": _file(
        "history.jsonl", lambda path: path.write_bytes(b"{}\n" * (20 * MEGABYTE))
    ),
    "60 MB of empty lines": _file(
        "history.jsonl", lambda path: path.write_bytes(b"\n" * (60 * MEGABYTE))
    ),
    "a line of 60 MB": _file(
        "history.jsonl", lambda path: path.write_bytes(b"[" * (60 * MEGABYTE) + b"\n")
    ),
    "thousands of good lines": _file(
        "history.jsonl", lambda path: path.write_text(path.read_text() * 5_000)
    ),
    **{
        f"metrics without {name}": _file(
            "metrics.json", lambda path, name=name: without(path, name)
        )
        for name in ("mse", "sse", "psnr", "ssim", "split", "samples", "seed", "dead_units")
    },
    **{
        f"metrics with {words}": _set("metrics.json", **changes)
        for words, changes in {
            "negative MSE": {"mse": {"run": -1.0, "pca": -1.0}},
            "MSE of 0": {"mse": {"run": 0.0, "pca": 0.0}},
            "huge MSE": {"mse": {"run": 1e300, "pca": 1e300}},
            "NaN as MSE": {"mse": {"run": float("nan"), "pca": 1.0}},
            "no number of PCA": {"mse": {"run": 1.0}},
            "no samples": {"samples": 0},
            "negative samples": {"samples": -5},
            "many samples": {"samples": 10**18},
            "a text as samples": {"samples": "360"},
            "markup as split": {"split": MARKUP},
            "a long split": {"split": "x" * 100_000},
            "negative dead units": {"dead_units": {"Bottleneck": -1}},
            "too many dead units": {"dead_units": {"Bottleneck": 1e300}},
            "dead units of another network": {"dead_units": {"Encoder 99": 1}},
            "a metric of the future": {"novel": {"run": 1.0, "pca": 2.0}},
            "markup as metric": {MARKUP: {"run": 1.0, "pca": 2.0}},
            "a seed of many digits": {"seed": 10**4_200},
            "split as metric": {"split": {"run": 1.0, "pca": 1.0}},
        }.items()
    },
    **{
        f"state with {words}": _set("state.json", **changes)
        for words, changes in {
            "place of 4,300 digits": {"place": 10**4_299},
            "negative place": {"place": -1},
            "the last place": {"place": 10**9},
            "pid of many digits": {"pid": 10**100},
            "negative pid": {"pid": -1},
            "pid 1": {"pid": 1, "state": "running"},
            "NaN in took": {"took": float("nan")},
            "NaN in predicted": {"predicted": float("nan")},
            "huge took": {"took": 1e300},
            "negative took": {"took": -1e299},
            "huge predicted": {"predicted": 1e300, "state": "running"},
            "share of 7": {"share": 7},
            "share of minus 1": {"share": -1.0},
            "long step": {"step": "x" * 60_000},
            "markup in every text": {"step": MARKUP, "error": MARKUP, "note": MARKUP},
            "long error": {"error": "y" * 60_000, "state": "failed"},
            "markup as error": {"error": MARKUP, "state": "failed"},
            "markup as device": {"device": MARKUP[:40], "layout": "<b>x</b>"},
            "a billion threads": {"threads": 10**9},
            "no date": {"created": "yesterday"},
            "date without a zone": {"created": "2026-01-01T00:00:00"},
            "date of the far future": {"created": "9999-12-31T23:59:59+00:00", "state": "queued"},
            "date before the beginning": {"created": "0001-01-01T00:00:00+14:00"},
            "started tomorrow": {"started": "2999-01-01T00:00:00+00:00", "state": "running"},
            "markup as engine": {"engine": MARKUP, "engine_job": MARKUP, "node": MARKUP},
            "a long job": {"engine": "ray:x", "engine_job": "x" * 60_000},
            "attempt of many digits": {"attempt": 10**100},
            "no sha256": {"weights_sha256": ""},
            "sha256 of a megabyte": {"weights_sha256": "a" * 60_000},
            "markup as sha256": {"weights_sha256": MARKUP},
            "another sha256": {"weights_sha256": "0" * 64},
            "another state": {"state": "queued"},
            "running": {"state": "running"},
            "failed": {"state": "failed"},
            "stopped": {"state": "stopped"},
            "unknown state": {"state": MARKUP},
            "no progress": {"progress": None},
            "unknown keys": {f"x{n}": n for n in range(3_000)},
        }.items()
    },
    **{
        f"progress with {words}": _set(
            "state.json", progress=lambda at, changes=changes: {**at, **changes}, state="stopped"
        )
        for words, changes in {
            "other epochs": {"epochs": 10_000},
            "epochs of 2**62": {"epochs": 2**62, "epoch": 1},
            "no losses": {"train": {}, "test": {}},
            "huge seconds": {"seconds": 1e300},
            "negative seconds": {"seconds": -1e299},
            "many images": {"images": 2**63 - 1, "seconds": 1e-300},
            "no images": {"images": 0, "seconds": 0},
            "the first batch": {"epoch": 1, "batch": 0},
            "2**62 batches": {"batches": 2**62, "batch": 1},
            "many layers": {"dead_units": {str(n): n for n in range(2_000)}},
        }.items()
    },
    **{
        f"config with {words}": _set("config.json", **changes)
        for words, changes in {
            "another seed": {"seed": 7},
            "100,000 epochs": {"epochs": 100_000},
            "10,000 epochs": {"epochs": 10_000},
            "4,300 digits": {"seed": 10**4_299},
            "another data set": {"dataset": "mnist"},
            "markup as data set": {"dataset": MARKUP},
            "wide layers": {"channels": [4_096, 4_096], "hidden": [4_096] * 8},
            "a thousand layers": {"hidden": [1] * 1_000},
            "an unknown option": {MARKUP: 1},
            "NaN": {"learning_rate": float("nan")},
            "format 1": {"format": 1},
            "format 3": {"format": 3},
            "format true": {"format": True},
        }.items()
    },
    **{
        f"data set with {words}": _set("dataset.json", **changes)
        for words, changes in {
            "another name": {"name": "mnist"},
            "markup as title": {"title": MARKUP},
            "another shape": {"shape": [3, 1_000, 1_000]},
            "no classes": {"class_names": []},
            "10,000 classes": {"class_names": [MARKUP] * 10_000},
            "no images": {"train": 0, "test": 0},
            "many images": {"train": 2**62, "test": 2**62},
        }.items()
    },
    **{
        f"label with {words}": _set("label.json", **changes)
        for words, changes in {
            "markup": {"title": MARKUP[:80], "note": MARKUP * 20},
            "long title": {"title": "x" * 81},
            "many lines": {"note": "\n" * 2_000},
            "control characters": {"title": "\x00\x1b[31m\u202e\u2028", "note": "\x00" * 100},
            "pinned as text": {"pinned": "yes"},
        }.items()
    },
    "series with markup": lambda path: (path / "series.json").write_text(
        json.dumps([{"kind": "lab", "name": MARKUP, "role": MARKUP, "created": True}])
    ),
    "ten thousand series": lambda path: (path / "series.json").write_text(
        json.dumps([{"kind": "sweep", "name": f"sweep {n}", "role": ""} for n in range(10_000)])
    ),
    "series of every kind": lambda path: (path / "series.json").write_text(
        json.dumps([{"kind": k, "name": "x", "role": ""} for k in ("lab", "sweep", "seeds", "?")])
    ),
    "unfinished": unfinished,
    "unfinished without a checkpoint": partial(only_checkpoint, Path.unlink),
    "weights lost": lambda path: (path / "weights.safetensors").unlink(),
    "weights and images lost": lambda path: [
        (path / name).unlink() for name in ("weights.safetensors", "evaluation.npz")
    ],
    "no snapshots": lambda path: shutil.rmtree(path / "snapshots"),
    "a file for the snapshots": lambda path: [
        shutil.rmtree(path / "snapshots"),
        (path / "snapshots").write_text("x"),
    ],
    "snapshots elsewhere": snapshots_elsewhere,
    "many snapshots": many_snapshots,
    "snapshots in the wrong order": lambda path: [
        with_arrays(path / "snapshots" / "0002.npz", latents=lambda latents: latents[::-1])
    ],
    "snapshots of 16 images": _arrays(
        SNAPSHOT, latents=lambda a: a[:16], reconstructions=lambda a: a[:1]
    ),
    "more snapshots than images": _arrays(
        SNAPSHOT, latents=lambda a: np.concatenate([a, a]), reconstructions=lambda a: a
    ),
    "odd names": odd_names,
    "a folder for the lock": lambda path: [(path / "lock").unlink(), (path / "lock").mkdir()],
    "a pipe for the lock": lambda path: [(path / "lock").unlink(), os.mkfifo(path / "lock")],
    "tasks without names": lambda path: [
        (path / name).write_text("x") for name in (".state.json", "x.state.json", "y.lock", ".lock")
    ],
    "a task of markup": lambda path: (path / f"{SETTINGS.name}.state.json").write_text(
        json.dumps({"state": "failed", "error": MARKUP})
    ),
    "a task with NaN": lambda path: (path / "mixture.state.json").write_text(
        '{"state": "running", "share": NaN}'
    ),
    "a task that waits for ever": lambda path: (path / "mixture.state.json").write_text(
        json.dumps({"state": "queued", "place": 10**9})
    ),
}

HOSTILE: dict[str, Builder] = {
    **{
        f"{name}: {words}": _file(name, damage)
        for name in (*FILES, "log.txt")
        for words, damage in ANY_FILE.items()
    },
    **{
        f"{name}: {words}": _file(name, damage)
        for name in (*JSON, "history.jsonl")
        for words, damage in ANY_JSON.items()
    },
    **{
        f"{name}: {words}": _file(name, damage) for name in NPZ for words, damage in ANY_NPZ.items()
    },
    **{
        f"{name}: {words}": _file(name, damage)
        for name in TENSORS
        for words, damage in ANY_TENSORS.items()
    },
    **{
        f"only a checkpoint: {words}": partial(only_checkpoint, damage)
        for words, damage in {**ANY_TENSORS, "half": half, "sparse": sparse}.items()
    },
    **BOMBS,
    **ODD,
}
