"""Hostile images: small files that ask a decoder for minutes, gigabytes, or nonsense.

A function per file, a name per case in HOSTILE; `mutated` damages good files by a seed. Each must
end in pixels or in an UploadError, within the limits of the process that decodes it.
"""

import functools
import io
import json
import random
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from autoencoder.data.decoding import CPU_SECONDS, FORMATS, MEMORY
from tests.support.places import ROOT

SLACK = 0.3  # seconds: of the process that reads, and the kernel looks at the time now and then
SIDE = 5_000  # pixels: 25 million in all, the most that is allowed


def as_file(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """The image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG file."""
    check = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


def png(*chunks: bytes, size: tuple[int, int] = (64, 64), bits: int = 8, colour: int = 0) -> bytes:
    """A PNG file of a header and these chunks."""
    header = struct.pack(">IIBBBBB", *size, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def pixel_data(size: int) -> bytes:
    """The chunk with so many bytes of pixels, all of them 0."""
    return chunk(b"IDAT", zlib.compress(b"\0" * size, 1))


def png_of_chunks(count: int = 700_000) -> bytes:
    """A small PNG with so many empty chunks before its pixels."""
    return png(chunk(b"tEXt", b"") * count, pixel_data(64 * 65))


def png_of_pixel_chunks(count: int = 700_000) -> bytes:
    """A PNG whose pixels come in so many empty chunks."""
    return png(chunk(b"IDAT", b"") * count, pixel_data(64 * 65))


def png_of_text_bombs() -> bytes:
    """A PNG with compressed texts of many megabytes."""
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 1_000_000, 9))
    return png(text * 2_000, pixel_data(64 * 65))


def zlib_bomb(times: int) -> bytes:
    """So many times ten megabytes of zeros, compressed; the check at the end is missing."""
    packer = zlib.compressobj(9)
    start = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    return start + (packer.compress(b"\0" * 10**7) + packer.flush(zlib.Z_FULL_FLUSH)) * times


def png_of_profile_bomb() -> bytes:
    """A PNG whose colour profile unpacks to two gigabytes."""
    return png(chunk(b"iCCP", b"a\0\0" + zlib_bomb(200)), pixel_data(64 * 65))


def png_of_pixel_bomb() -> bytes:
    """A small PNG whose pixels unpack to eight gigabytes."""
    return png(chunk(b"IDAT", zlib_bomb(800)))


def png_of_16_bits(colour: int = 6) -> bytes:
    """The largest PNG of 16 bits: 25 million pixels with colours and transparency."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    data = pixel_data(SIDE * (1 + 2 * channels * SIDE))
    return png(data, size=(SIDE, SIDE), bits=16, colour=colour)


def interlaced_png() -> bytes:
    """The largest interlaced PNG."""
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 1)
    data = pixel_data(SIDE * SIDE * 4 + 8 * SIDE)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def animation(kind: str, frames: int = 100, side: int = 300) -> bytes:
    """An animated image of many frames."""
    first, *others = (Image.new("RGB", (side, side), (k % 256, 0, 0)) for k in range(frames))
    return as_file(first, kind, save_all=True, append_images=others)


def scans_of(content: bytes) -> tuple[bytes, list[bytes]]:
    """A JPEG file: what comes before its first scan, and its scans with the tables of each."""
    starts = [0]
    at = 2
    while content[at + 1] != 0xD9:
        marker, (length,) = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])
        end = at + 2 + length
        if marker == 0xDA:
            while content[end] != 0xFF or content[end + 1] in (0, *range(0xD0, 0xD8)):
                end += 1
            starts.append(end)
        at = end
    first = content.index(b"\xff\xda")
    return content[:first], [content[max(start, first) : end] for start, end in pairwise(starts)]


def jpeg_of_scans(count: int = 400, side: int = 4_900) -> bytes:
    """A progressive JPEG whose last scan, which says nothing, comes again and again."""
    plain = as_file(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    before, scans = scans_of(plain)
    return before + b"".join(scans) + scans[-1] * count + b"\xff\xd9"


def jpeg_of_fill(size: int = 9_000_000) -> bytes:
    """A JPEG with so many fill bytes before a marker."""
    content = as_file(Image.new("RGB", (64, 64)), "JPEG")
    return content[:2] + b"\xff" * size + content[2:]


def jpeg_of_comments(count: int = 1_500_000) -> bytes:
    """A JPEG with so many empty comments."""
    content = as_file(Image.new("RGB", (64, 64)), "JPEG")
    return content[:2] + b"\xff\xfe\0\2" * count + content[2:]


def jpeg_of_restarts(size: int = 5_000_000) -> bytes:
    """A JPEG of the largest size that holds nothing but restart markers."""
    content = as_file(Image.new("RGB", (SIDE, SIDE)), "JPEG")
    start = content.index(b"\xff\xda") + 14
    return content[:start] + b"\xff\xd0" * (size // 2) + b"\xff\xd9"


def jpeg_with_profile(size: int = 8_000_000) -> bytes:
    """A JPEG with a colour profile of so many bytes, most of them a table."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[:4] = struct.pack(">I", size)
    return as_file(
        Image.new("RGB", (64, 64)), "JPEG", icc_profile=bytes(profile).ljust(size, b"\7")
    )


def jpeg_with_exif_loop() -> bytes:
    """A JPEG whose camera data point back at themselves."""
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 4_000) + entry * 4_000 + b"\x08\0\0\0"
    return as_file(Image.new("RGB", (64, 64)), "JPEG", exif=exif)


def bmp_of_runs(side: int = 4_900) -> bytes:
    """A BMP compressed in runs of one pixel each: two bytes for every pixel."""
    count = min(side * side, 4_900_000)
    data = b"\1\0" * count + b"\0\1"
    palette = b"\0\0\0\0" * 256
    offset = 54 + len(palette)
    header = struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset)
    info = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(data), 0, 0, 256, 0)
    return header + info + palette + data


def bmp_of_promises() -> bytes:
    """A BMP that promises 25 million pixels and has none."""
    header = struct.pack("<2sIHHI", b"BM", 54, 0, 0, 54)
    return header + struct.pack("<IiiHHIIiiII", 40, SIDE, SIDE, 1, 32, 0, 0, 0, 0, 0, 0)


def webp_of_promises(side: int = 12_000, height: int = 2_000) -> bytes:
    """A WebP of some bytes that promises a canvas of 24 million pixels, with a frame on it."""
    frame = as_file(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    edges = struct.pack("<I", side - 1)[:3] + struct.pack("<I", height - 1)[:3]
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\2\0\0\0" + edges
    anim = b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    place = b"\0" * 6 + b"\0" * 6 + b"\1\0\0" + b"\0"
    anmf = b"ANMF" + struct.pack("<I", len(place) + len(frame)) + place + frame
    body = b"WEBP" + canvas + anim + anmf
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif_of_promises(side: int = SIDE) -> bytes:
    """A GIF of one pixel on a screen of 25 million."""
    content = bytearray(as_file(Image.new("P", (1, 1)), "GIF"))
    content[6:10] = struct.pack("<HH", side, side)
    return bytes(content)


def gif_of_empty_blocks(count: int = 2_000_000) -> bytes:
    """A GIF with so many empty comments before its first frame."""
    content = as_file(Image.new("P", (64, 64)), "GIF")
    start = content.index(b",", 13)
    return content[:start] + b"!\xfe\0" * count + content[start:]


def gif_of_frames(count: int = 300_000) -> bytes:
    """A GIF of so many frames of one pixel on a large screen."""
    content = as_file(Image.new("P", (1, 1)), "GIF")
    start = content.index(b",", 13)
    return content[:start] + content[start:-1] * count + b";"


def truncated(kind: str) -> bytes:
    """A large image without its second half."""
    levels = np.random.default_rng(1).integers(0, 256, (30, 30, 3), np.uint8)
    mode = "P" if kind == "GIF" else "RGB"
    image = Image.fromarray(levels).convert(mode).resize((1_500, 1_500), Image.Resampling.NEAREST)
    content = as_file(image, kind)
    return content[: len(content) // 2]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "JPEG of 400 scans": jpeg_of_scans,
    "BMP of one-pixel runs": bmp_of_runs,
    "PNG of 700,000 chunks": png_of_chunks,
    "JPEG of 9 MB of fill bytes": jpeg_of_fill,
    "WebP that promises 24 million pixels": webp_of_promises,
    "WebP that promises 15 million pixels": lambda: webp_of_promises(7_500, 2_000),
    "PNG of 700,000 pixel chunks": png_of_pixel_chunks,
    "PNG of compressed texts": png_of_text_bombs,
    "PNG of a huge profile": png_of_profile_bomb,
    "PNG of too many pixels": png_of_pixel_bomb,
    "PNG of 16 bits, colours": png_of_16_bits,
    "PNG of 16 bits, grey": lambda: png_of_16_bits(0),
    "PNG of 16 bits, grey and transparent": lambda: png_of_16_bits(4),
    "interlaced PNG": interlaced_png,
    "animated PNG": lambda: animation("PNG"),
    "animated WebP": lambda: animation("WEBP", 60),
    "animated GIF": lambda: animation("GIF"),
    "JPEG of comments": jpeg_of_comments,
    "JPEG of restart markers": jpeg_of_restarts,
    "JPEG with a huge profile": jpeg_with_profile,
    "JPEG with a loop in its camera data": jpeg_with_exif_loop,
    "BMP that promises 25 million pixels": bmp_of_promises,
    "GIF that promises 25 million pixels": gif_of_promises,
    "GIF that promises 4 billion pixels": lambda: gif_of_promises(65_535),
    "GIF of empty blocks": gif_of_empty_blocks,
    "GIF of 300,000 frames": gif_of_frames,
    **{f"half a {kind}": functools.partial(truncated, kind) for kind in FORMATS},
}


@functools.cache
def good_files() -> list[bytes]:
    """A small file of each format, some of them with a profile, a palette or several frames."""
    levels = np.random.default_rng(2).integers(0, 256, (40, 60, 3), np.uint8)
    image = Image.fromarray(levels)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return [
        *(as_file(image, kind) for kind in FORMATS),
        as_file(image, "JPEG", progressive=True, icc_profile=profile),
        as_file(image.convert("CMYK"), "JPEG"),
        as_file(image.quantize(16), "PNG", transparency=3),
        as_file(image.convert("L"), "BMP"),
        animation("GIF", 3, 20),
        animation("PNG", 3, 20),
        animation("WEBP", 3, 20),
    ]


def mutated(generator: random.Random) -> bytes:
    """A good file with some bytes changed, taken away, or repeated."""
    content = bytearray(generator.choice(good_files()))
    for _ in range(generator.randint(1, 8)):
        reach = len(content) if generator.random() < 0.5 else min(64, len(content))
        at = generator.randrange(reach)
        kind = generator.randrange(4)
        if kind == 0:
            content[at] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        elif kind == 1:
            content[at : at + 4] = generator.choice(
                (b"\xff" * 4, b"\0" * 4, generator.randbytes(4))
            )
        elif kind == 2 and len(content) > 100:
            del content[at : at + generator.randint(1, 30)]
        else:
            content[at:at] = content[at : at + generator.randint(1, 200)] * generator.randint(1, 5)
    return bytes(content)


READER = """
import json, resource, sys
from pathlib import Path
from autoencoder.data import uploads
from autoencoder.errors import UploadError

def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)

for path in sys.stdin:
    content, before, answer = Path(path[:-1]).read_bytes(), cpu_seconds(), {}
    try:
        pixels = uploads.read_image(content)
        answer["image"] = [str(pixels.dtype), *pixels.shape]
    except UploadError as error:
        answer["refusal"] = str(error)
    except BaseException as error:
        answer["error"] = repr(error)
    answer["cpu_seconds"] = cpu_seconds() - before
    answer["peak"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    print(json.dumps(answer), flush=True)
"""


class Reader:
    """A process that reads uploads as the server does, and says what each came to and cost.

    A process of its own, because the kernel's measure of a child's memory includes what its parent
    had: here that is little.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "upload.bin"
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.kill()
        self.process.communicate()

    def read(self, content: bytes) -> dict[str, Any]:
        """Under "image" its type and shape, or under "refusal" why there is none; "cpu_seconds"
        of this one, "peak" bytes of memory of the largest so far.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.path.write_bytes(content)
        self.process.stdin.write(f"{self.path}\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


def problem(answer: dict[str, Any]) -> str:
    """What reading a file did that it must not do; "" if nothing."""
    if "error" in answer:
        return f"raises {answer['error']}"
    if answer["cpu_seconds"] > CPU_SECONDS + SLACK:
        return f"used {answer['cpu_seconds']:.2f} s of a processor"
    if answer["peak"] > MEMORY:
        return f"used {answer['peak'] / 1e6:.0f} MB"
    if "image" in answer:
        kind, *shape = answer["image"]
        is_image = kind == "uint8" and len(shape) == 3 and shape[2] in (1, 3)
        return "" if is_image else f"gives {kind} {shape}"
    words = answer["refusal"]
    return "" if 10 < len(words) < 250 and "\n" not in words else f"says {words!r}"


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Every hostile file, then damaged ones for the rest of the time: how many were tried, and one
    line for each that was not survived. Its file is then in `folder`.
    """
    until, generator = time.monotonic() + seconds, random.Random(seed)
    tried, problems = 0, []
    cases = iter(HOSTILE.items())
    with Reader(folder) as reader:
        while time.monotonic() < until:
            name, build = next(cases, ("", lambda: mutated(generator)))
            content = build()
            tried += 1
            if words := problem(reader.read(content)):
                name = name or f"damaged file {tried} of seed {seed}"
                (folder / f"upload-{tried}.bin").write_bytes(content)
                problems.append(f"{name} {words}")
    return tried, problems
