"""Why a run exists: the labs, sweeps and series of seeds that it belongs to.

They stand in the run's folder as series.json, a list. A run that nobody but a person asked for has
no such file; one that is damaged counts as none.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from autoencoder import validation
from autoencoder.errors import RunError
from autoencoder.runs import files
from autoencoder.validation import JsonObject, one_of

FILE = "series.json"
KINDS = ("lab", "sweep", "seeds")
MAX_BYTES = 512 << 10  # of the file
MOST = 100  # series that one run belongs to
Words = Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True)
class Membership:
    """One run's place in a series of runs.

    Attributes:
        kind: One of KINDS.
        name: Of the series, the same for all its runs, such as "E3-mnist-quick".
        role: The run's part in it, such as "1,024 hidden units, 2 numbers".
        created: Whether the run was made for it; False if it was there before and is used by it.
    """

    kind: Annotated[str, one_of(KINDS)]
    name: Words
    role: Words = ""
    created: bool = True


def read_series(folder: Path) -> list[Membership]:
    """The series that the run in `folder` belongs to, oldest first; what cannot be read is left
    out.
    """
    try:
        objects = files.read_json(folder / FILE, list[JsonObject], MAX_BYTES)[:MOST]
    except (OSError, ValueError):
        return []
    return _once([each for item in objects for each in _read(item)])


def join_series(folder: Path, membership: Membership) -> None:
    """Add the run in `folder` to a series; nothing changes if it belongs to that already.

    Raises RunError if the folder cannot be written. Of two that write at the same instant one may
    be lost.
    """
    before = read_series(folder)
    after = _once([*before, membership])
    if after == before:
        return
    text = json.dumps([asdict(each) for each in after], indent=1) + "\n"
    try:
        files.write_bytes(folder / FILE, text.encode())
    except OSError as error:
        raise RunError(f"cannot write the series of {folder.name}: {error.strerror}") from error


def _read(item: JsonObject) -> list[Membership]:
    try:
        return [validation.decode(json.dumps(item), Membership)]
    except ValueError:
        return []


def _once(memberships: Sequence[Membership]) -> list[Membership]:
    """The first of each series."""
    first: dict[tuple[str, str], Membership] = {}
    for each in memberships:
        first.setdefault((each.kind, each.name), each)
    return list(first.values())
