"""What somebody's images are, before they become a data set: classes, splits, sizes, colours, and
what has to be left out.

Files are listed, and the headers and pixels of SAMPLE of them looked at; nothing is written.

    leaves/oak/1.jpg             a folder for each class, with folders inside as one likes
    leaves/train/oak/1.jpg       train/ beside test/ (or val/, validation/): the split as given
    leaves/1.jpg                 images without classes
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from autoencoder.config.added_datasets import (
    LONGEST_SIDE,
    MOST_CLASSES,
    MOST_LETTERS,
    SHORTEST_SIDE,
)
from autoencoder.config.adding import FEWEST_TEST, FEWEST_TRAIN, AddOptions, Limits
from autoencoder.config.datasets import ImageShape
from autoencoder.data.adding.arrays import Arrays, idx, is_idx, npz
from autoencoder.data.adding.decoders import Decoded, Decoders, Picture
from autoencoder.data.adding.names import readable, readable_classes
from autoencoder.data.adding.sources import (
    EMPTY,
    TOO_LARGE,
    File,
    Source,
    Unread,
    open_source,
)
from autoencoder.data.decoding import READABLE
from autoencoder.errors import DatasetError
from autoencoder.progress import ProgressCallback, ignore

SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif")
TRAIN, TEST, UNDECIDED = 0, 1, 2  # of an image: its split, or that it has to be chosen
SPLITS = {"train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST}
VALIDATION = ("val", "valid", "validation")
SAMPLE = 300  # images that are looked at
EXAMPLES = 5  # names that are kept for each reason why files are skipped
MANY_INSIDE = 3  # folders inside one for a class: more need not be counted
USUAL_SIDE = 64  # pixels: larger images are made so small where nobody says another size
MULTIPLE = 8
NO_IMAGE = f"no {READABLE}, by its name"
EMPTY_FOLDER = "a folder without images"
BESIDE_CLASSES = "an image beside the folders of the classes"
BESIDE_SPLITS = "beside the folders train and test"
SECOND_TEST = "validation images beside a test folder"


class Skipped:
    """What is left out and why: a number, and the first few names, for each reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.examples: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        """Count one file or folder."""
        self.counts[reason] += 1
        names = self.examples.setdefault(reason, [])
        if len(names) < EXAMPLES:
            names.append(readable(name))


@dataclass(frozen=True, eq=False)
class Listing:
    """Every image that may become part of the data set, in the order in which they are read.

    Attributes:
        splits: (N,) int8: TRAIN, TEST or UNDECIDED.
        labels: (N,) int32: indices of classes.
        names: N names; those of arrays are made when they are asked for.
        digest: Changes when the source does.
        archive: The file that they are in, and its size and time of change; none for a folder.
    """

    splits: np.ndarray
    labels: np.ndarray
    digest: str
    files: Sequence[File] = ()
    source: Source | None = None
    arrays: Sequence[Arrays] = ()
    archive: tuple[Path, tuple[int, int]] | None = None

    def __len__(self) -> int:
        return len(self.splits)

    def require_unchanged(self) -> None:
        """Raise DatasetError where an archive is another one than was listed."""
        if self.archive is not None and _state_of(self.archive[0]) != self.archive[1]:
            raise DatasetError(
                f"the file {self.archive[0].name[:100]} changed while it was read: add it again"
            )

    def name(self, index: int) -> str:
        """Of an image, to be shown."""
        return self.files[index].path if self.files else f"image {index + 1:,}"

    def read(self, wanted: Sequence[int]) -> Iterator[Picture | tuple[int, Unread]]:
        """Some images, by their indices in ascending order. Raises DatasetError."""
        if self.source is not None and not self.arrays:
            contents = self.source.read([self.files[index] for index in wanted])
            for index, content in zip(wanted, contents, strict=True):
                if isinstance(content, Unread):
                    yield index, content
                else:
                    yield Picture(index, content)
            return
        chosen, index = iter(wanted), 0
        next_one = next(chosen, None)
        for array in self.arrays:
            for pixels in array.read():
                if next_one is None:
                    return
                if index == next_one:
                    yield Picture(index, pixels)
                    next_one = next(chosen, None)
                index += 1


@dataclass(frozen=True, eq=False)
class Survey:
    """What was understood of a folder or a file.

    Attributes:
        source: Where it is.
        kind: "folder", "zip", "tar", "npz" or "idx".
        class_names: By class index; empty where the images are not sorted into classes.
        train, test, undecided: Images of each class in each split as given, and those for which
            the split has to be chosen; one number where there are no classes.
        sizes: Heights and widths found among `looked_at` images, with how often; most first.
        is_colour: Whether any of those has colours.
        size: Height and width that fit them.
        skipped: Why files are left out -> how many; `examples`: -> names of the first few.
        notes: What a person should know, a sentence each.
    """

    source: Path
    kind: str
    class_names: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    undecided: tuple[int, ...]
    sizes: tuple[tuple[tuple[int, int], int], ...]
    looked_at: int
    is_colour: bool
    size: tuple[int, int]
    skipped: dict[str, int]
    examples: dict[str, tuple[str, ...]]
    notes: tuple[str, ...]
    listing: Listing = field(repr=False)

    @property
    def images(self) -> int:
        """All that may become part of the data set."""
        return len(self.listing)

    @property
    def is_split(self) -> bool:
        """Whether the images say themselves which ones are to test on."""
        return any(self.test)

    def shape(self, options: AddOptions) -> ImageShape:
        """Of the images with these options."""
        height, width = (*options.size, *options.size)[:2] if options.size else self.size
        is_colour = {"auto": self.is_colour, "grey": False, "rgb": True}[options.colour]
        return ImageShape(3 if is_colour else 1, height, width)


def survey(source: Path, limits: Limits | None = None, notify: ProgressCallback = ignore) -> Survey:
    """What is in a folder; a .zip, .tar or .tar.gz of one; a .npz; or IDX files.

    Args:
        source: The folder or file.
        limits: What is read at most.
        notify: Hears what takes time.

    Raises:
        DatasetError: It cannot be read, breaks a limit, or holds too few images.
    """
    limits, skipped = limits or Limits(), Skipped()
    notify("listing the files")
    state = _state_of(source)
    if source.suffix.lower() == ".npz" and source.is_file():
        listing, names = _of_arrays(npz(source, limits), repr(state))
        kind = "npz"
    else:
        opened = open_source(source, limits)
        kind = opened.kind
        files = list(_images(opened, limits, skipped))
        if files and is_idx(files[0].path):
            listing, names = _of_arrays(idx(opened, files, limits), _digest(state, files))
            kind = "idx"
        else:
            listing, names = _of_files(opened, files, state, skipped)
    _check(listing, names, skipped)
    if state is not None:
        listing = replace(listing, archive=(source, state))
    notify("looking at some images")
    return _looked_at(source, kind, listing, names, skipped)


def _state_of(path: Path) -> tuple[int, int] | None:
    """Size and time of change of a file; None for a folder, whose files have them each."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns) if path.is_file() else None


# Listing


def _images(source: Source, limits: Limits, skipped: Skipped) -> Iterator[File]:
    """The image files; if there are IDX files, those alone."""
    images: list[File] = []
    idx_files: list[File] = []
    folders: list[str] = []
    for file in source.files():
        if problem := file.problem:
            skipped.add(problem, file.path)
        elif file.path.endswith("/"):
            folders.append(file.path)
        elif problem := _problem(file, limits):
            skipped.add(problem, file.path)
        else:
            (idx_files if is_idx(file.path) else images).append(file)
    for folder in _empty(folders, idx_files or images):
        skipped.add(EMPTY_FOLDER, folder)
    if idx_files:
        for file in images:
            skipped.add("beside IDX files", file.path)
    yield from idx_files or images


def _empty(folders: Iterable[str], images: Sequence[File]) -> Iterator[str]:
    """The folders that no image lies in or below."""
    full: set[str] = set()
    for image in images:
        folder = image.path.rpartition("/")[0]
        while folder and f"{folder}/" not in full:
            full.add(f"{folder}/")
            folder = folder.rpartition("/")[0]
    return (folder for folder in folders if folder not in full)


def _problem(file: File, limits: Limits) -> str:
    if is_idx(file.path):
        return ""
    if not file.path.lower().endswith(SUFFIXES):
        return NO_IMAGE
    if not file.size:
        return EMPTY
    if file.size > limits.file_bytes:
        return TOO_LARGE.format(limits.file_bytes // 10**6)
    return ""


def _of_files(
    source: Source, files: list[File], state: tuple[int, int] | None, skipped: Skipped
) -> tuple[Listing, tuple[str, ...]]:
    """The listing of image files, and the names of classes."""
    prefix = _common_folder([file.path for file in files])
    places = [file.path[len(prefix) :].split("/") for file in files]
    splits = _splits_of(places)
    has_classes = any(len(parts) > (2 if splits else 1) for parts in places)
    chosen: list[File] = []
    which: list[int] = []
    folders: list[str] = []
    for file, parts in zip(files, places, strict=True):
        split, rest = (splits.get(parts[0].lower()), parts[1:]) if splits else (UNDECIDED, parts)
        if split is None or not rest:
            skipped.add(SECOND_TEST if _is_validation(parts[0]) else BESIDE_SPLITS, file.path)
        elif has_classes and len(rest) < 2:
            skipped.add(BESIDE_CLASSES, file.path)
        else:
            chosen.append(file)
            which.append(split)
            folders.append(rest[0] if has_classes else "")
    if TEST not in which:
        which = [UNDECIDED] * len(which)
    classes = sorted(set(folders))
    index = {folder: number for number, folder in enumerate(classes)}
    return Listing(
        np.array(which, np.int8),
        np.array([index[folder] for folder in folders], np.int32),
        _digest(state, chosen),
        chosen,
        source,
    ), readable_classes(classes) if has_classes else ()


def _common_folder(paths: Sequence[str]) -> str:
    """The folders that all images lie in, as "photos/leaves/": an archive often has one around
    everything.
    """
    if not paths:
        return ""
    common = paths[0].split("/")[:-1]
    for path in paths:
        parts = path.split("/")[:-1]
        while parts[: len(common)] != common:
            common.pop()
    return "".join(f"{part}/" for part in common)


def _splits_of(places: Sequence[Sequence[str]]) -> dict[str, int]:
    """Names of top folders -> their splits; empty unless there is train and one to test on."""
    names = {parts[0].lower() for parts in places if len(parts) > 1}
    splits = {name: split for name, split in SPLITS.items() if name in names}
    if TRAIN not in splits.values():
        return {}
    if TEST not in splits.values():
        splits |= {name: TEST for name in VALIDATION if name in names}
    return splits if TEST in splits.values() else {}


def _is_validation(name: str) -> bool:
    return name.lower() in VALIDATION


def _of_arrays(parts: Sequence[Arrays], state: str) -> tuple[Listing, tuple[str, ...]]:
    """The listing of arrays, and the names of classes."""
    counts = [part.shape[0] for part in parts]
    of_split = {"train": TRAIN, "test": TEST, "": UNDECIDED}
    has_test = any(part.split == "test" for part in parts)
    splits = [of_split[part.split] if has_test else UNDECIDED for part in parts]
    labels = [part.labels for part in parts if part.labels is not None]
    names: tuple[str, ...] = ()
    indices = np.zeros(sum(counts), np.intp)
    if len(labels) == len(parts):
        values, indices = np.unique(np.concatenate(labels), return_inverse=True)
        names = readable_classes([str(value) for value in values[: MOST_CLASSES + 1]])
    return Listing(
        np.repeat(np.array(splits, np.int8), counts),
        indices.astype(np.int32),
        hashlib.sha256(state.encode()).hexdigest(),
        arrays=parts,
    ), names


def _digest(state: tuple[int, int] | None, files: Sequence[File]) -> str:
    digest = hashlib.sha256(repr(state).encode())
    for file in files:
        digest.update(f"{file.path}\0{file.size}\0{file.changed}\0".encode(errors="replace"))
    return digest.hexdigest()


def _check(listing: Listing, names: Sequence[str], skipped: Skipped) -> None:
    """Raises DatasetError where the images cannot become a data set."""
    if not len(listing):
        reasons = ", ".join(f"{count:,}: {why}" for why, count in skipped.counts.most_common(3))
        raise DatasetError(
            "there is no image in it" + (f"; files that were skipped: {reasons}" if reasons else "")
        )
    fewest = FEWEST_TRAIN + FEWEST_TEST
    if len(listing) < fewest:
        raise DatasetError(
            f"a data set needs at least {fewest} images, {FEWEST_TRAIN} to train on and"
            f" {FEWEST_TEST} to test on; got {len(listing)}"
        )
    if len(names) > MOST_CLASSES:
        raise DatasetError(f"there must be at most {MOST_CLASSES:,} classes; there are more")
    if sum(map(len, names)) > MOST_LETTERS:
        raise DatasetError(
            f"the names of all classes together must have at most {MOST_LETTERS:,} letters"
        )
    train = np.count_nonzero(listing.splits != TEST)
    if train < FEWEST_TRAIN:
        raise DatasetError(f"there must be at least {FEWEST_TRAIN} images to train on; got {train}")


# Looking


def _looked_at(
    source: Path, kind: str, listing: Listing, names: tuple[str, ...], skipped: Skipped
) -> Survey:
    count = min(SAMPLE, len(listing))
    wanted = [number * len(listing) // count for number in range(count)]
    sizes: Counter[tuple[int, int]] = Counter()
    is_colour = False
    for decoded in decoded_some(listing, wanted):
        if not decoded.outcome.problem:
            sizes[decoded.outcome.size] += 1
            is_colour |= not decoded.outcome.is_grey
    if not sizes:
        raise DatasetError("none of the images that were looked at can be decoded")
    classes = max(1, len(names))
    counts = {
        split: np.bincount(listing.labels[listing.splits == split], minlength=classes)
        for split in (TRAIN, TEST, UNDECIDED)
    }
    return Survey(
        source=source,
        kind=kind,
        class_names=names,
        train=tuple(counts[TRAIN].tolist()),
        test=tuple(counts[TEST].tolist()),
        undecided=tuple(counts[UNDECIDED].tolist()),
        sizes=tuple(sizes.most_common()),
        looked_at=sizes.total(),
        is_colour=is_colour,
        size=suggested_size(sizes),
        skipped=dict(skipped.counts.most_common()),
        examples={reason: tuple(found) for reason, found in skipped.examples.items()},
        notes=(*_alike(names), *_nested(listing, names)),
        listing=listing,
    )


def decoded_some(
    listing: Listing,
    wanted: Sequence[int],
    shape: ImageShape | None = None,
    fit: str = "crop",
) -> Iterator[Decoded]:
    """Some images, by their indices in ascending order, decoded; those that cannot be read are
    missing. Raises DatasetError.
    """
    pictures = (each for each in listing.read(wanted) if isinstance(each, Picture))
    with Decoders(1 if len(wanted) < 32 else 0) as decoders:
        for batch in decoders.decode(pictures, shape, fit):
            yield from batch


def suggested_size(sizes: Counter[tuple[int, int]]) -> tuple[int, int]:
    """The size that all images have, if it is a usual one; else a square one."""
    (size, _), *others = sizes.most_common()
    if not others and SHORTEST_SIDE <= min(size) and max(size) <= USUAL_SIDE:
        return size
    shorter = median(min(size) for size in sizes.elements())
    side = int(shorter) // MULTIPLE * MULTIPLE
    side = min(max(side, SHORTEST_SIDE), USUAL_SIDE, LONGEST_SIDE)
    return side, side


def _alike(names: Sequence[str]) -> Iterator[str]:
    """A sentence for each two classes that a person may take for one."""
    folded: dict[str, str] = {}
    for name in names:
        if (other := folded.setdefault(name.casefold(), name)) != name:
            yield f"the classes {other} and {name} differ only in small and capital letters"


def _nested(listing: Listing, names: Sequence[str]) -> Iterator[str]:
    """A sentence for each class that has several folders inside: perhaps those are the classes."""
    if not names or not listing.files:
        return
    folders: dict[int, set[str]] = {}
    for file, label in zip(listing.files, listing.labels.tolist(), strict=True):
        inside = folders.setdefault(label, set())
        if len(inside) <= MANY_INSIDE:
            inside.add(file.path.rpartition("/")[0])
    for label, inside in folders.items():
        if len(inside) > 1:
            yield (
                f"the images of {names[label]} lie in several folders; they become one class. If"
                " those are the classes, choose the folder around them instead"
            )
            return
