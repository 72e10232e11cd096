"""A data set made of somebody's images: decoded once, written as arrays, and there when all is.

    added/.leaves.part/     while it is made: images at their final places, and which are done
    added/leaves/           afterwards (see data/added.py)

Each image has its place in its split before anything is decoded: the split and the order are drawn
by the seed. So what was done is kept when the work is stopped or killed, and the same source with
the same options goes on from there. Images that cannot be decoded, and test images that are
training images too, leave gaps, which the last images of the split fill in the end.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from autoencoder.config.added_datasets import LONGEST_NAME, check, check_name, info_of
from autoencoder.config.adding import FEWEST_TEST, FEWEST_TRAIN, AddOptions
from autoencoder.config.datasets import ImageShape
from autoencoder.data.added import (
    DESCRIPTION,
    AddedDataset,
    folder_of,
    read_description,
    require_free,
)
from autoencoder.data.adding.decoders import Decoders, Picture
from autoencoder.data.adding.names import readable
from autoencoder.data.adding.surveying import TEST, TRAIN, UNDECIDED, Listing, Skipped, Survey
from autoencoder.data.dataset import Dataset, Split, fingerprint
from autoencoder.errors import DatasetError
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.system import FileLock

VERSION = 1  # of what lies in a folder that is not finished
SYNC = 5.0  # seconds between two times that what was done is on the disk for certain
ROOM = 50_000_000  # bytes of the disk that are left free
HASH = 16  # bytes
STALE = 7 * 24 * 3600.0  # seconds after which what was left unfinished is removed
DUPLICATE = "a test image that is a training image, too"
SPLIT_NAMES = {TRAIN: "train", TEST: "test"}
WORDS = 10  # times that the words say anew how far it is
HEAD = 128  # bytes of an npy file before its values


def prepare(
    survey: Survey,
    name: str,
    options: AddOptions,
    data: Path,
    *,
    title: str = "",
    notify: ProgressCallback = ignore,
    is_stopped: Callable[[], bool] = lambda: False,
    processes: int = 0,
) -> AddedDataset | None:
    """Add the data set `name`, which is there for everybody when this returns.

    Args:
        survey: What it is made of.
        name: By which runs choose it.
        options: How the images are made alike, and which are tested on.
        data: The data folder.
        title: On pages; empty: the name.
        notify: Hears how far it is.
        is_stopped: Asked after each batch. What is done by then is kept.
        processes: That decode; 0: one for each core.

    Returns:
        Its description; None if it was stopped.

    Raises:
        ConfigError: There can be no data set of that name.
        DatasetError: There is one already, another process is adding one, or the images cannot be
            read any more or are too few.
        OSError: The data folder cannot be written.
    """
    check_name(name)
    folder = folder_of(name, data)
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder.with_name(f".{name}.lock"))
    if not lock.acquire():
        raise DatasetError(f"somebody else is adding a data set {name} now: choose another name")
    try:
        require_free(name, data)
        _remove_stale(folder.parent)
        return _Preparation(survey, name, options, data, title, notify, is_stopped, processes).run()
    finally:
        lock.release()  # its file stays: another may wait for it


class _Preparation:
    """One session at one data set."""

    def __init__(
        self,
        survey: Survey,
        name: str,
        options: AddOptions,
        data: Path,
        title: str,
        notify: ProgressCallback,
        is_stopped: Callable[[], bool],
        processes: int,
    ) -> None:
        self.survey, self.name, self.options, self.data = survey, name, options, data
        self.title = readable(title) if title.strip() else name
        self.notify, self.is_stopped, self.processes = notify, is_stopped, processes
        self.listing: Listing = survey.listing
        self.shape: ImageShape = survey.shape(options)
        self.folder = folder_of(name, data)
        self.part = self.folder.with_name(f".{name}.part")
        self.splits, self.rows = _places(self.listing, options)
        self.skipped = Skipped()
        self.done = np.zeros(len(self.listing), np.uint8)
        self.hashes = np.zeros((len(self.listing), HASH), np.uint8)

    def run(self) -> AddedDataset | None:
        """The whole story, top to bottom."""
        try:
            self._begin()
            with contextlib.ExitStack() as stack:
                files: dict[int, BinaryIO] = {
                    split: stack.enter_context((self.part / f"{split_name}-images.npy").open("r+b"))
                    for split, split_name in SPLIT_NAMES.items()
                }
                if not self._decode(files):
                    return None
                self.listing.require_unchanged()
                counts = {split: self._close_gaps(split, files[split]) for split in files}
            return self._publish(counts)
        except Exception:
            shutil.rmtree(self.part, ignore_errors=True)
            raise

    # What is done

    def _begin(self) -> None:
        """Take up what an earlier session left of the same work, or begin anew."""
        plan = self.part / "plan.json"
        digest = self._digest()
        with contextlib.suppress(OSError, ValueError):
            if json.loads(plan.read_text()) == {"digest": digest}:
                self.done = _read_array(self.part / "done", self.done)
                self.hashes = _read_array(self.part / "hashes", self.hashes)
                return
        shutil.rmtree(self.part, ignore_errors=True)
        self._require_room()
        self.part.mkdir()
        for split, split_name in SPLIT_NAMES.items():
            count = int(np.count_nonzero(self.splits == split))
            path = self.part / f"{split_name}-images.npy"
            path.write_bytes(_head((count, *self.shape)))
            os.truncate(path, HEAD + count * self.shape.pixels)
        for file_name, array in (("done", self.done), ("hashes", self.hashes)):
            (self.part / file_name).write_bytes(array.tobytes())
        plan.write_text(json.dumps({"digest": digest}))

    def _digest(self) -> str:
        told = [VERSION, self.listing.digest, self.options.to_dict(), tuple(self.shape)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def _require_room(self) -> None:
        needed = len(self.listing) * (self.shape.pixels + 8 + HASH + 1)
        free = shutil.disk_usage(self.folder.parent).free - ROOM
        if needed > free:
            raise DatasetError(
                f"the data set needs {needed / 1e6:,.0f} MB of the disk, which has"
                f" {max(0, free) / 1e6:,.0f} MB free: make room, or choose a smaller size"
            )

    def _decode(self, files: dict[int, BinaryIO]) -> bool:
        """Decode what is not done yet, True, or until stopped, False."""
        wanted = np.flatnonzero(self.done == 0).tolist()
        saved, fresh = time.monotonic(), []
        with Decoders(self.processes) as decoders:
            for batch in decoders.decode(self._pictures(wanted), self.shape, self.options.fit):
                for decoded in batch:
                    index = decoded.index
                    if decoded.pixels is None:
                        self.skipped.add(decoded.outcome.problem, self.listing.name(index))
                        continue
                    self._write(files[int(self.splits[index])], self.rows[index], decoded.pixels)
                    self.hashes[index] = np.frombuffer(decoded.hash, np.uint8)
                    fresh.append(index)
                if time.monotonic() - saved > SYNC or self.is_stopped():
                    self._save(files, fresh)
                    saved, fresh = time.monotonic(), []
                if self.is_stopped():
                    return False
                if batch:
                    self._tell(batch[-1].index + 1)
        self._save(files, fresh)
        return True

    def _tell(self, done: int) -> None:
        """Say how far it is: new words now and then, for a terminal."""
        count = len(self.listing)
        step = max(1, count // WORDS)
        words = f"decoding the images: {done // step * step:,} of {count:,}"
        self.notify(words, done / count)

    def _pictures(self, wanted: list[int]) -> Iterator[Picture]:
        """The images to decode; others are counted."""
        for each in self.listing.read(wanted):
            if isinstance(each, Picture):
                yield each
            else:
                index, unread = each
                self.skipped.add(unread.problem, self.listing.name(index))

    def _write(self, file: BinaryIO, row: int, pixels: np.ndarray) -> None:
        content = pixels.tobytes()
        at = HEAD + int(row) * self.shape.pixels
        if os.pwrite(file.fileno(), content, at) != len(content):
            raise OSError(28, "No space left on device")

    def _save(self, files: dict[int, BinaryIO], fresh: list[int]) -> None:
        """Remember which images are done, after they are on the disk."""
        if not fresh:
            return
        for file in files.values():
            os.fdatasync(file.fileno())
        self.done[fresh] = 1
        first, end = min(fresh), max(fresh) + 1
        for name, array in (("done", self.done), ("hashes", self.hashes)):
            with (self.part / name).open("r+b") as file:
                file.seek(first * array[0].nbytes)
                file.write(array[first:end].tobytes())

    # The end

    def _close_gaps(self, split: int, file: BinaryIO) -> int:
        """Leave out duplicates, and fill gaps by the split's last images; returns how many there
        are, and writes their labels. Doing it twice is doing it once.
        """
        members = np.flatnonzero(self.splits == split)
        row_of = self.rows[members]
        by_row = np.full(len(members), -1, np.int64)  # row -> index of its image; -1: a gap
        by_row[row_of] = np.where(self._is_kept(members, split), members, -1)
        kept = int(np.count_nonzero(by_row >= 0))
        gaps = np.flatnonzero(by_row[:kept] < 0)
        last = kept + np.flatnonzero(by_row[kept:] >= 0)
        size = self.shape.pixels
        for gap, row in zip(gaps.tolist(), last.tolist(), strict=True):
            content = os.pread(file.fileno(), size, HEAD + row * size)
            if content:  # else it was moved before this work was killed
                os.pwrite(file.fileno(), content, HEAD + gap * size)
            by_row[gap] = by_row[row]
        self._require_enough(split, kept)
        os.pwrite(file.fileno(), _head((kept, *self.shape)), 0)
        os.fsync(file.fileno())
        os.ftruncate(file.fileno(), HEAD + kept * size)
        os.fsync(file.fileno())
        labels = self.listing.labels[by_row[:kept]].astype(np.int64)
        np.save(self.part / f"{SPLIT_NAMES[split]}-labels.npy", labels)
        return kept

    def _is_kept(self, members: np.ndarray, split: int) -> np.ndarray:
        """Whether each is decoded, and in the test split whether it is in no other."""
        done = self.done[members] == 1
        if split == TEST:
            training = np.flatnonzero((self.splits == TRAIN) & (self.done == 1))
            duplicate = done & np.isin(_keys(self.hashes[members]), _keys(self.hashes[training]))
            for index in members[duplicate].tolist():
                self.skipped.add(DUPLICATE, self.listing.name(index))
            return done & ~duplicate
        return done

    def _require_enough(self, split: int, count: int) -> None:
        fewest = {TRAIN: FEWEST_TRAIN, TEST: FEWEST_TEST}[split]
        if count < fewest:
            reasons = ", ".join(f"{n:,}: {why}" for why, n in self.skipped.counts.most_common(3))
            raise DatasetError(
                f"there must be at least {fewest} image(s) to {SPLIT_NAMES[split]} on; {count} are"
                " left" + (f" (skipped: {reasons})" if reasons else "")
            )

    def _publish(self, counts: dict[int, int]) -> AddedDataset:
        """Describe the data set, and give it its name."""
        self.notify("checking the images", 1.0)
        splits = []
        for name in SPLIT_NAMES.values():
            images = np.load(self.part / f"{name}-images.npy", mmap_mode="r", allow_pickle=False)
            labels = np.load(self.part / f"{name}-labels.npy", allow_pickle=False)
            splits.append(Split(images, labels))
        skipped = {**self.survey.skipped}
        examples = {reason: list(names) for reason, names in self.survey.examples.items()}
        for reason, count in self.skipped.counts.items():
            skipped[reason] = skipped.get(reason, 0) + count
            examples[reason] = self.skipped.examples[reason]
        description = AddedDataset(
            title=self.title[:LONGEST_NAME],
            shape=(self.shape.channels, self.shape.height, self.shape.width),
            class_names=list(self.survey.class_names),
            train=counts[TRAIN],
            test=counts[TEST],
            fingerprint=fingerprint(Dataset(*splits), self.survey.class_names),
            origin=readable(self.survey.source.name),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            counts=self._counts_by_class(splits),
            skipped=skipped,
            examples=examples,
        )
        check(self.name, info_of(description))
        self._rename(description)
        return read_description(self.name, self.data)

    def _counts_by_class(self, splits: list[Split]) -> dict[str, list[int]]:
        classes = max(1, len(self.survey.class_names))
        counts = [np.bincount(split.labels, minlength=classes).tolist() for split in splits]
        return dict(zip(SPLIT_NAMES.values(), counts, strict=True))

    def _rename(self, description: AddedDataset) -> None:
        for name in ("plan.json", "done", "hashes"):
            (self.part / name).unlink()
        with (self.part / DESCRIPTION).open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(description)))
            file.flush()
            os.fsync(file.fileno())
        try:
            self.part.rename(self.folder)
        except OSError as error:
            require_free(self.name, self.data)
            raise error


def _places(listing: Listing, options: AddOptions) -> tuple[np.ndarray, np.ndarray]:
    """The split of each image, and its row in that: drawn by the seed, class by class."""
    generator = np.random.default_rng(options.seed)
    splits = listing.splits.copy()
    if not (splits == TEST).any():
        splits[:] = UNDECIDED
        by_class = np.argsort(listing.labels, kind="stable")
        ends = np.cumsum(np.bincount(listing.labels))
        for members in np.split(by_class, ends[:-1]):
            shuffled = generator.permutation(members)
            count = _test_count(len(members), options.test)
            splits[shuffled[:count]] = TEST
        splits[splits == UNDECIDED] = TRAIN
        if not (splits == TEST).any():  # no class has two images
            splits[generator.integers(len(splits))] = TEST
    splits[splits == UNDECIDED] = TRAIN
    rows = np.zeros(len(splits), np.int64)
    for split in SPLIT_NAMES:
        members = np.flatnonzero(splits == split)
        rows[members] = generator.permutation(len(members))
    return splits, rows


def _test_count(count: int, share: float) -> int:
    """Test images of a class: at least one, but not the only one."""
    return min(max(1, round(count * share)), count - 1) if count > 1 else 0


def _head(shape: tuple[int, ...]) -> bytes:
    """The first HEAD bytes of an npy file of uint8, format 1.0."""
    about = {"descr": "|u1", "fortran_order": False, "shape": shape}
    text = repr(about).ljust(HEAD - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def _keys(hashes: np.ndarray) -> np.ndarray:
    """(N, HASH) uint8 as N values that can be compared."""
    return np.ascontiguousarray(hashes).view(f"V{HASH}").ravel()


def _read_array(path: Path, like: np.ndarray) -> np.ndarray:
    """Raises OSError, or ValueError where its size is another."""
    return np.fromfile(path, like.dtype).reshape(like.shape)


def _remove_stale(folder: Path) -> None:
    """Remove what was left unfinished long ago."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE:
                shutil.rmtree(part, ignore_errors=True)
