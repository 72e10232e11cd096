"""Small images in folders and archives, for data sets that are added."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

Files = Mapping[str, bytes]


def levels(seed: int, height: int = 12, width: int = 16, channels: int = 3) -> np.ndarray:
    """Noise, (H, W, C) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)


def png(seed: int, height: int = 12, width: int = 16, channels: int = 3) -> bytes:
    """Noise as a PNG file."""
    pixels = levels(seed, height, width, channels)
    return saved(Image.fromarray(pixels[:, :, 0] if channels == 1 else pixels))


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """An image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def classes(names: Sequence[str], each: int = 4, inside: str = "") -> dict[str, bytes]:
    """So many images for each class, all of them different."""
    return {
        f"{inside}{name}/{number}.png": png(100 * place + number)
        for place, name in enumerate(names)
        for number in range(each)
    }


def in_folder(root: Path, files: Files) -> Path:
    """A folder of these files; a path that ends with / is an empty folder."""
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return root


def zipped(path: Path, files: Files, packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip archive of these files, whatever their names."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    return path


def tarred(path: Path, files: Files) -> Path:
    """A tar archive of these files, whatever their names, packed if its name ends with .gz."""
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def idx(values: np.ndarray) -> bytes:
    """An IDX file of uint8, packed."""
    head = (0x800 + values.ndim).to_bytes(4, "big")
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return gzip.compress(head + sizes + values.tobytes(), mtime=0)
