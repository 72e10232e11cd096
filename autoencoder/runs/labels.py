"""What a person says of a run: a title, a note, and whether it is pinned.

It lies in the run's folder as label.json, is no part of the run's key, and is never needed: a file
that is damaged counts as none.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from autoencoder.errors import RunError
from autoencoder.runs import files

FILE = "label.json"
MOST_TITLE = 80  # letters
MOST_NOTE = 2_000


@dataclass(frozen=True)
class RunLabel:
    """What a person says of a run; empty where nobody has said anything.

    Attributes:
        title: What to call it, in one line.
        note: Whatever else is worth knowing, in any number of lines.
        pinned: Whether it stands before all others.
    """

    title: Annotated[str, Meta(max_length=MOST_TITLE)] = ""
    note: Annotated[str, Meta(max_length=MOST_NOTE)] = ""
    pinned: bool = False


def read_label(folder: Path) -> RunLabel:
    """The label of the run in `folder`; an empty one if there is none that can be read."""
    try:
        label = files.read_json(folder / FILE, RunLabel)
    except (OSError, ValueError):
        return RunLabel()
    return replace(label, title=_line(label.title), note=_lines(label.note))


def write_label(folder: Path, label: RunLabel) -> RunLabel:
    """Replace the label of the run in `folder`; returns it as it was written.

    Characters that cannot be printed are left out. Of several writers the last one wins.

    Raises:
        RunError: The title or the note is too long, or the folder cannot be written.
    """
    written = replace(label, title=_line(label.title), note=_lines(label.note))
    _check("title", written.title, MOST_TITLE)
    _check("note", written.note, MOST_NOTE)
    try:
        files.write_json(folder / FILE, vars(written))
    except OSError as error:
        raise RunError(f"cannot write the label of {folder.name}: {error.strerror}") from error
    return written


def _check(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise RunError(f"a {what} may have at most {most} letters; got {len(text)}")


def _line(text: str) -> str:
    """Text in one line, without characters that cannot be printed."""
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _lines(text: str) -> str:
    """The same, line by line, without empty lines at either end."""
    return "\n".join(_line(line) for line in text.splitlines()).strip()
