"""How each file of `config/exports.py` is made.

To add one, write a file like `tables.py`, and an entry here and there.
"""

import shutil
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from autoencoder.config.exports import EXPORTS, HOW_TO_INSTALL
from autoencoder.errors import ExportError
from autoencoder.export import figures, html, tables
from autoencoder.export.huggingface import huggingface_bytes, write_huggingface
from autoencoder.export.onnx import onnx_bytes, write_onnx
from autoencoder.export.tensorboard import projector_bytes, write_projector
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs import Run
from autoencoder.runs.archive import archive_bytes, write_archive


@dataclass(frozen=True)
class Exporter:
    """What makes a format.

    Attributes:
        write: Writes a run's file to a path; of a format of several files, into an empty folder.
        size: About how many bytes that takes, without making it.
    """

    write: Callable[[Run, Path, ProgressCallback], None]
    size: Callable[[Run], int]


EXPORTERS: dict[str, Exporter] = {
    "html": Exporter(html.write_html, html.html_bytes),
    "onnx": Exporter(write_onnx, onnx_bytes),
    "huggingface": Exporter(write_huggingface, huggingface_bytes),
    "tensorboard": Exporter(write_projector, projector_bytes),
    "tables": Exporter(tables.write_tables, tables.table_bytes),
    "figures": Exporter(figures.write_figures, figures.figure_bytes),
    "zip": Exporter(lambda run, path, notify: write_archive([run], path, notify), archive_bytes),
}


def missing_packages(name: str) -> list[str]:
    """The packages that the format needs and this machine has not."""
    return [package for package in EXPORTS[name].packages if find_spec(package) is None]


def require_packages(name: str) -> None:
    """Raise ExportError where the format cannot be made on this machine."""
    if missing := missing_packages(name):
        raise ExportError(
            f"{EXPORTS[name].title} needs {' and '.join(missing)}, which this machine has not:"
            f" {HOW_TO_INSTALL}"
        )


def export(name: str, run: Run, out: Path, notify: ProgressCallback = ignore) -> None:
    """Make the file `out`, completely or not at all; of a format of several files a folder, or a
    zip file where the name ends in .zip. A file that is there is replaced; a folder is not.

    Raises:
        ExportError: A package is missing, the run has no weights yet, or there is such a folder.
        CorruptRunError: The run is damaged.
        OSError: The disk is full, or something cannot be read.
    """
    require_packages(name)
    if not run.is_trained:
        raise ExportError(f"{run.key} has nothing to take away before its first epoch is done")
    if out.is_dir():
        raise ExportError(f"the folder {out} exists already: choose another name")
    scratch = out.with_name(f".{out.name[:100]}.{uuid.uuid4().hex[:6]}")
    try:
        if not EXPORTS[name].is_folder:
            EXPORTERS[name].write(run, scratch, notify)
        elif out.suffix == ".zip":
            folder = scratch.with_name(f"{scratch.name}.folder")
            _write_folder(name, run, folder, part_of(notify, 0.0, 0.9))
            notify("packing", 0.9)
            _pack(folder, scratch, out.stem)
        else:
            _write_folder(name, run, scratch, notify)
        scratch.replace(out)
    except PermissionError as error:
        raise ExportError(f"cannot write to {out.parent}: {error.strerror}") from error
    finally:
        for left in (scratch, scratch.with_name(f"{scratch.name}.folder")):
            shutil.rmtree(left) if left.is_dir() else left.unlink(missing_ok=True)


def _write_folder(name: str, run: Run, folder: Path, notify: ProgressCallback) -> None:
    folder.mkdir()
    EXPORTERS[name].write(run, folder, notify)


def _pack(folder: Path, file: Path, title: str) -> None:
    """A folder as a zip file, in which it is called `title`."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, f"{title}/{path.relative_to(folder).as_posix()}")
