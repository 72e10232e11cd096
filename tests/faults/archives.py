"""Hostile archives: what is given away as images of a data set and asks for too much, leads
elsewhere, or is damaged.

A function per archive, a name per case in HOSTILE, with the sentence it ends in; `made` gives one
of any number by a seed. Each must end in a survey or in a DatasetError, in little memory.
"""

import gzip
import io
import random
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from autoencoder.config.adding import UPLOADED, AddOptions
from autoencoder.data import added
from autoencoder.data.adding import prepare, survey
from autoencoder.errors import DatasetError
from tests.faults.uploads import mutated
from tests.support.image_files import classes, idx, in_folder, levels, png, tarred, zipped
from tests.support.places import ROOT

MOST_MEMORY = 300_000_000  # bytes that an archive may take of the process that adds it

TREES = classes(["oak", "elm"])


def zip_of_paths(path: Path) -> Path:
    """Names that lead out of the archive, beside good ones."""
    outside = ("../x.png", "/etc/x.png", "oak/../../x.png", "C:/x.png", "..\\x.png")
    return zipped(path, {**TREES, **dict.fromkeys(outside, png(1))})


def zip_of_links(path: Path) -> Path:
    """A link to a file of this machine."""
    with zipfile.ZipFile(zipped(path, TREES), "a") as archive:
        link = zipfile.ZipInfo("oak/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/hostname")
    return path


def tar_of_links(path: Path) -> Path:
    """Links, a pipe and a device, and names that lead out of the archive."""
    with tarfile.open(tarred(path, TREES), "a") as archive:
        for name, kind in (
            ("oak/link.png", tarfile.SYMTYPE),
            ("oak/hard.png", tarfile.LNKTYPE),
            ("oak/pipe.png", tarfile.FIFOTYPE),
            ("oak/device.png", tarfile.CHRTYPE),
            ("../x.png", tarfile.REGTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/hostname"
            archive.addfile(info)
    return path


def zip_of_zeros(path: Path) -> Path:
    """Files of 60 MB, which take few bytes, with the names of images."""
    with zipfile.ZipFile(zipped(path, TREES), "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"oak/bomb{number}.png", b"\0" * 60_000_000)
    return path


def zip_of_one_content(path: Path, count: int = 5_000) -> Path:
    """Many entries that share one content, as a directory of a zip may say."""
    zipped(path, {"0.png": b"\0" * 10_000_000})
    content = bytearray(path.read_bytes())
    start = content.index(b"PK\x01\x02")
    entry, end = content[start : content.index(b"PK\x05\x06")], content[-22:]
    end[8:12] = struct.pack("<HH", count, count)
    end[12:16] = struct.pack("<L", count * len(entry))
    path.write_bytes(content[:start] + entry * count + end)
    return path


def zip_of_entries(path: Path, count: int = 1_000_100) -> Path:
    """More files than are read; its end says that there are three."""
    entry = bytearray(46) + b"a"
    entry[:4], entry[28] = b"PK\x01\x02", 1  # the length of its name
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(entry) * count, 0, 0)
    path.write_bytes(bytes(entry) * count + end)
    return path


def tar_of_entries(path: Path, count: int = 1_000_100) -> Path:
    """More files than are read, in few bytes."""
    block = tarfile.TarInfo("a").tobuf()
    with gzip.open(path, "wb", 1) as stream:
        for _ in range(count // 1_000 + 1):
            stream.write(block * 1_000)
    return path


def tar_with_a_broken_header(path: Path) -> Path:
    """Good files, then what is neither a file nor the end."""
    content = bytearray(tarred(path, TREES).read_bytes())
    at = content.index(b"elm/2.png")
    content[at : at + 9] = b"x" * 9  # its checksum is wrong now
    path.write_bytes(content)
    return path


def tar_of_a_long_name(path: Path) -> Path:
    """A file whose name has 3 GB."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 3_000_000_000
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"a" * 10_000))
    return path


def tar_of_zeros(path: Path) -> Path:
    """A file that goes on for two terabytes, if one believes it."""
    info = tarfile.TarInfo("oak/1.png")
    info.size = 2_000_000_000_000
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 100_000))
    return path


def half(pack: Callable[[Path], Path]) -> Callable[[Path], Path]:
    """An archive without its second half."""

    def made_half(path: Path) -> Path:
        content = pack(path).read_bytes()
        path.write_bytes(content[: len(content) // 2])
        return path

    return made_half


def locked_zip(path: Path) -> Path:
    """Files that are locked with a password, by what their headers say."""
    content = bytearray(zipped(path, TREES).read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)
    path.write_bytes(content)
    return path


def zip_in_zip(path: Path) -> Path:
    """Archives and nothing else."""
    inner = zipped(path, TREES).read_bytes()
    return zipped(path, {"oak/a.zip": inner, "elm/b.tar.gz": inner})


def idx_of_promises(path: Path) -> Path:
    """Four billion images, by what the header says."""
    head = struct.pack(">4I", 0x803, 2**32 - 1, 28, 28)
    return zipped(path, {"train-images-idx3-ubyte.gz": gzip.compress(head + b"\0" * 10_000)})


def idx_of_huge_images(path: Path) -> Path:
    """An image of 50,000 x 50,000 pixels."""
    head = struct.pack(">4I", 0x803, 3, 50_000, 50_000)
    return zipped(path, {"train-images-idx3-ubyte": head + b"\0" * 10_000})


# Any archive


NAMES = (
    *("1.png", "oak/1.png", "oak/2.jpg", "elm/1.png", "Oak/1.PNG", "train/oak/1.png"),
    *("test/oak/1.png", "val/elm/3.png", "test/9.gif", "a/b/c/d.bmp", "../up.png", "/abs.png"),
    *("oak/\n#x**.png", "\u202eoak/gnp.1.png", "\u6a39/1.webp", "x" * 250 + "/1.png", "notes.txt"),
    *(".hidden/1.png", "oak/", "empty/", "oak//2.png", "./3.png", "images.npy", "labels.npy"),
    *("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"),
)


def made(generator: random.Random, folder: Path) -> Path:
    """An archive, a .npz or a folder of any files, perhaps with some of its bytes changed."""
    names = generator.choice((NAMES[:6], NAMES[:-5], NAMES))
    files = {
        generator.choice(names).replace("1", str(generator.randrange(12))): _content(generator)
        for _ in range(generator.randrange(30))
    }
    kind = generator.randrange(5)
    if kind == 0:
        return in_folder(folder / "images", _storable(files))
    if kind == 1:
        images = levels(1, 9 * 8, 8, generator.choice((1, 3))).reshape(9, 8, 8, -1)
        buffer = io.BytesIO()
        np.savez(buffer, images=images, labels=np.arange(9) % 3)
        path, content = folder / "images.npz", buffer.getvalue()
    else:
        path = folder / ("images.zip", "images.tar", "images.tar.gz")[kind - 2]
        content = (zipped if kind == 2 else tarred)(path, files).read_bytes()
    path.write_bytes(_damaged(content, generator) if generator.random() < 0.6 else content)
    return path


def _content(generator: random.Random) -> bytes:
    values = levels(generator.randrange(9), 8, 8, 3)
    return generator.choice(
        (
            lambda: png(
                generator.randrange(20), generator.randint(1, 40), generator.randint(1, 40)
            ),
            lambda: mutated(generator),
            lambda: generator.randbytes(generator.randrange(200)),
            lambda: idx(values.transpose(2, 0, 1)),
            lambda: gzip.decompress(idx(values[:, 0, 0])),
        )
    )()


def _storable(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without names that lead out of a folder or that a disk refuses, and no file for a folder."""
    names = [name for name in files if ".." not in name and not name.startswith("/")]
    return {name: files[name] for name in names if not name.endswith("/")}


def _damaged(content: bytes, generator: random.Random) -> bytes:
    """With some bytes changed, taken away or repeated, often in the directory at the end."""
    changed = bytearray(content)
    for _ in range(generator.randint(1, 6)):
        if not changed:
            break
        last = len(changed) - 1
        at = last - generator.randrange(min(200, last + 1)) if generator.random() < 0.5 else 0
        at = at or generator.randrange(len(changed))
        kind = generator.randrange(4)
        if kind == 0:
            changed[at] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        elif kind == 1:
            changed[at : at + 4] = generator.choice((b"\xff" * 4, b"\0" * 4))
        elif kind == 2:
            del changed[at : at + generator.randint(1, 600)]
        else:
            changed[at:at] = changed[at : at + generator.randint(1, 600)]
    return bytes(changed)


def problem(source: Path, data: Path) -> str:
    """Add what lies at `source`, and remove it again: what that did that it must not do, or ""."""
    try:
        description = prepare(survey(source, UPLOADED), "any", AddOptions(size=(8,)), data)
        assert description is not None
    except DatasetError as error:
        words = str(error)
        is_sentence = 10 < len(words) < 500 and "\n" not in words and "\u202e" not in words
        wrong = "" if is_sentence else f"says {words!r}"
    except Exception:
        wrong = traceback.format_exc()
    else:
        whole = added.read("any", added.added(data)["any"], data)
        wrong = "" if len(whole.train) >= 2 and len(whole.test) >= 1 else "has too few images"
        added.remove("any", data)
    left = [path.name for path in (data / added.FOLDER).glob("*") if path.suffix != ".lock"]
    outside = {path.name for path in data.parent.iterdir()} - {data.name, source.name}
    return wrong or (f"leaves {left + sorted(outside)}" if left or outside else "")


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Every hostile archive, then any for the rest of the time, each added by a process of its own
    that decodes in others: how many were tried, and a line for each that was not survived. The
    source is then in `folder`.
    """
    until, generator = time.monotonic() + seconds, random.Random(seed)
    tried, problems = 0, []
    cases = iter(HOSTILE.items())
    while time.monotonic() < until:
        place = folder / f"case-{tried}"
        place.mkdir()
        name, (suffix, build, _) = next(cases, ("", ("", None, "")))
        source = build(place / f"images{suffix}") if build else made(generator, place)
        child = subprocess.run(
            [sys.executable, "-c", CHILD, str(source), str(place / "data")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=600,
        )
        tried += 1
        words = child.stdout.strip() if child.returncode == 0 else child.stderr.strip()
        if words:
            problems.append(f"{name or f'archive {tried} of seed {seed}'} in {source} {words}")
        else:
            shutil.rmtree(place)
    return tried, problems


CHILD = """
import sys
from pathlib import Path
from autoencoder.system import peak_memory
from tests.faults.archives import MOST_MEMORY, problem
before = peak_memory()
words = problem(Path(sys.argv[1]), Path(sys.argv[2]))
if not words and peak_memory() - before > MOST_MEMORY:
    words = f"took {(peak_memory() - before) / 1e6:.0f} MB"
print(words)
"""

ALL_SKIPPED = "there is no image in it; files that were skipped"
HOSTILE: dict[str, tuple[str, Callable[[Path], Path], str]] = {  # suffix, file, its sentence
    "names that lead out, in a zip": (".zip", zip_of_paths, ""),
    "links in a zip": (".zip", zip_of_links, ""),
    "links and devices in a tar": (".tar", tar_of_links, ""),
    "a zip of zeros": (".zip", zip_of_zeros, ""),
    "a zip of one content": (".zip", zip_of_one_content, "an archive must unpack to at most"),
    "a zip of a million files": (".zip", zip_of_entries, "must have at most 10,000 files"),
    "a tar of a million files": (".tar.gz", tar_of_entries, "must have at most 10,000 files"),
    "a tar with a name of 3 GB": (".tar.gz", tar_of_a_long_name, "damaged: a part of it is too"),
    "a tar that promises terabytes": (".tar.gz", tar_of_zeros, "must unpack to at most"),
    "a tar with a broken header": (
        ".tar",
        tar_with_a_broken_header,
        "goes on with what is no file",
    ),
    "half a zip": (".zip", half(lambda path: zipped(path, TREES)), "none of these or is damaged"),
    "half a tar": (".tar", half(lambda path: tarred(path, TREES)), "damaged"),
    "half a tar.gz": (".tar.gz", half(lambda path: tarred(path, TREES)), "damaged"),
    "a locked zip": (".zip", locked_zip, f"{ALL_SKIPPED}: 8: locked with a password"),
    "archives in an archive": (".zip", zip_in_zip, ALL_SKIPPED),
    "an empty zip": (".zip", lambda path: zipped(path, {}), "there is no image in it"),
    "IDX that promises 4 billion": (".zip", idx_of_promises, "there must be 1 to 1,000,000 images"),
    "IDX of huge images": (".zip", idx_of_huge_images, "at most 25 million pixels"),
}
