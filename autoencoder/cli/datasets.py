"""`python -m autoencoder data`: add images as a data set; list, show and remove data sets."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from autoencoder.config.adding import AddOptions
from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.data.added import (
    AddedDataset,
    added,
    catalogue,
    read_description,
)
from autoencoder.errors import DatasetError
from autoencoder.jobs import Queue
from autoencoder.jobs.adding import Request, add_here

MOST_CLASSES = 30  # that are listed; the others are counted


def add(queue: Queue, arguments: argparse.Namespace) -> int:
    """Make a data set of images: a folder with a folder for each class, a .zip, .tar or .tar.gz of
    one, a .npz with images and labels, or IDX files; the last line printed is its name.
    """
    names = [each.name for each in fields(AddOptions)]
    options = AddOptions(**{name: getattr(arguments, name) for name in names})
    source = str(Path(arguments.source).expanduser().absolute())
    request = Request(arguments.name, source, arguments.title, options)
    ended = add_here(queue, request, _print_progress)
    if ended.state != "finished":
        sentence = ended.error or "the same command goes on where this one stopped"
        print(f"autoencoder: {arguments.name} {ended.state}: {sentence}", file=sys.stderr)
        return 130 if ended.state == "stopped" else 1
    for line in description_lines(read_description(arguments.name, queue.settings.data)):
        print(line)
    print(arguments.name)
    return 0


def list_all(queue: Queue, arguments: argparse.Namespace) -> int:
    """The data sets there are, those that were added last."""
    for name, info in catalogue(queue.settings.data).items():
        print(f"{name:24} {_in_short(info)}")
    return 0


def show(queue: Queue, arguments: argparse.Namespace) -> int:
    """What a data set is: its classes, how many images it has, and what was skipped."""
    if info := DATASETS.get(arguments.name):
        print(f"{info.title}: {_in_short(info)}")
        return 0
    for line in description_lines(read_description(arguments.name, queue.settings.data)):
        print(line)
    return 0


def remove(queue: Queue, arguments: argparse.Namespace) -> int:
    """Delete a data set that was added; runs of it stay."""
    if arguments.name in DATASETS and arguments.name not in added(queue.settings.data):
        raise DatasetError(f"{arguments.name} comes with the program and cannot be removed")
    queue.remove_dataset(arguments.name)
    print(f"removed {arguments.name}")
    return 0


def description_lines(description: AddedDataset) -> Iterator[str]:
    """What `data show` prints."""
    channels, height, width = description.shape
    colours = "colour" if channels == 3 else "grey"
    yield f"{description.title}, from {description.origin}, added {description.created}"
    yield (
        f"  {description.train:,} images to train on, {description.test:,} to test on, {height} x"
        f" {width} {colours}, fingerprint {description.fingerprint}"
    )
    yield from _class_lines(description.class_names, description.counts)
    for reason, count in description.skipped.items():
        names = ", ".join(description.examples.get(reason, ()))
        yield f"  skipped {count:,}: {reason} ({names})"


def _class_lines(names: Sequence[str], counts: Mapping[str, Sequence[int]]) -> Iterator[str]:
    if not names:
        yield "  no classes"
        return
    yield f"  {len(names):,} classes, with images to train on and to test on:"
    pairs = zip(counts["train"], counts["test"], strict=True) if counts else [(0, 0)] * len(names)
    for name, (train, test) in list(zip(names, pairs, strict=True))[:MOST_CLASSES]:
        yield f"    {train:8,} {test:8,}  {name}"
    if len(names) > MOST_CLASSES:
        yield f"    and {len(names) - MOST_CLASSES:,} more"


def _in_short(info: DatasetInfo) -> str:
    classes = f"{len(info.class_names):,} classes" if info.class_names else "no classes"
    return f"{info.train:>9,} + {info.test:>7,} images of {info.shape}, {classes}"


def _print_progress(words: str, fraction: float | None = None) -> None:
    print(f"{fraction or 0.0:4.0%} {words}", file=sys.stderr, flush=True)
