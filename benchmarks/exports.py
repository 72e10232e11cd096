"""How large each export of each run is, and how long it takes: the tables of docs/exports.md.

`python -m benchmarks.exports [--models DIR] [--to FORMAT ...] [--repeat N]`; every export is a
process of its own, as on a page: imports are part of its time.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from autoencoder.config.exports import EXPORTS
from autoencoder.config.settings import Settings
from autoencoder.export.formats import EXPORTERS
from autoencoder.formatting import byte_size
from autoencoder.runs import Run, RunStore
from autoencoder.runs.disk_use import disk_use

HEAD = "| run | said before | folder | packed | seconds | CPU seconds |\n|---|---|---|---|---|---|"


def main() -> None:
    """Print a table for each format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Settings.from_environment().models)
    parser.add_argument("--to", nargs="+", choices=tuple(EXPORTS), default=tuple(EXPORTS))
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    runs = RunStore(arguments.models).runs()
    for name in arguments.to:
        print(f"\n{EXPORTS[name].title}\n\n{HEAD}")
        for run in sorted(runs, key=lambda run: run.key):
            print(row(run, name, arguments.repeat), flush=True)


def row(run: Run, name: str, repeat: int) -> str:
    """Sizes of a run's export, and the medians of its times."""
    with tempfile.TemporaryDirectory() as place:
        times = [exported(run, name, Path(place) / str(number)) for number in range(repeat)]
        folder = byte_size(disk_use(Path(place) / "0")) if EXPORTS[name].is_folder else "-"
        exported(run, name, Path(place) / "0.zip")
        packed = byte_size((Path(place) / "0.zip").stat().st_size)
    seconds, cpu = (statistics.median(column) for column in zip(*times, strict=True))
    said = byte_size(EXPORTERS[name].size(run))
    return f"| {run.key} | {said} | {folder} | {packed} | {seconds:.1f} | {cpu:.1f} |"


def exported(run: Run, name: str, out: Path) -> tuple[float, float]:
    """Seconds on the clock and of the processor that an export takes."""
    command = [sys.executable, "-m", "autoencoder", "export", run.key, "--to", name]
    command += ["--out", str(out), "--models", str(run.folder.parent)]
    before, started = _child_seconds(), perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ)
    return perf_counter() - started, _child_seconds() - before


def _child_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
