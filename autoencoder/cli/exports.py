"""`python -m autoencoder export` and `import`: take runs away as files, and bring them back."""

import argparse
import sys
from pathlib import Path

from autoencoder.config.exports import EXPORTS
from autoencoder.errors import ArchiveError, ExportError
from autoencoder.export.formats import export
from autoencoder.jobs import Queue
from autoencoder.progress import print_words
from autoencoder.runs.archive import read_archive, write_archive
from autoencoder.runs.disk_use import disk_use
from autoencoder.runs.files import replacing

ARCHIVE = "zip"  # the one format that takes several runs


def take_away(queue: Queue, arguments: argparse.Namespace) -> int:
    """Make a file of a run to take away, or an archive of several; the last line printed is its
    path.
    """
    runs = [queue.store.get(key) for key in dict.fromkeys(arguments.keys)]
    spec = EXPORTS[arguments.to]
    if len(runs) > 1 and arguments.to != ARCHIVE:
        raise ExportError(f"{spec.title} is made of one run at a time; got {len(runs)}")
    ending = spec.ending.removesuffix(".zip") if spec.is_folder else spec.ending
    title = runs[0].key if len(runs) == 1 else f"{len(runs)}-runs"
    out = Path(arguments.out or f"{title}{ending}").expanduser().absolute()
    if not out.parent.is_dir():
        raise ExportError(f"there is no folder {out.parent} to write to")
    if len(runs) == 1:
        export(arguments.to, runs[0], out, print_words)
    else:
        with replacing(out) as scratch:
            write_archive(runs, scratch, print_words)
    size = disk_use(out) if out.is_dir() else out.stat().st_size
    print(f"{spec.title}: {size:,} bytes", file=sys.stderr)
    print(out)
    return 0


def bring_back(queue: Queue, arguments: argparse.Namespace) -> int:
    """Put the runs of an archive into the models folder: all of them, or none if it is damaged."""
    path = Path(arguments.file).expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"there is no file {path}")
    done = read_archive(path, queue.settings.models, print_words)
    for key in done.added:
        print(f"{key} added")
    for key in done.present:
        print(f"{key} is here already")
    return 0
