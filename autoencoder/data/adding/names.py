"""Names of files and folders made fit to be shown: one line, readable, not too long."""

import os
import unicodedata
from collections.abc import Sequence

from autoencoder.config.added_datasets import LONGEST_NAME

JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them
NOT_SHOWN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")  # Unicode's categories


def readable(name: str, longest: int = LONGEST_NAME) -> str:
    """A name on one line without marks that change the direction of text; "?" if nothing is left.

    A longer one is cut at its end.
    """
    text = os.fsencode(name).decode(errors="replace") if _has_surrogates(name) else name
    text = unicodedata.normalize("NFC", text)
    shown = "".join(_shown(letter) for letter in text[: 4 * longest])
    return " ".join(shown.split())[:longest].strip() or "?"


def _has_surrogates(name: str) -> bool:
    """Whether it holds bytes that are no UTF-8, as Python keeps them in names of files."""
    return any("\ud800" <= letter <= "\udfff" for letter in name)


def _shown(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return letter if letter in JOINERS else ""
    return " " if category in NOT_SHOWN else letter


def readable_classes(folders: Sequence[str]) -> tuple[str, ...]:
    """The names of classes, by those of their folders; two that would be alike get numbers."""
    names: dict[str, None] = {}
    for folder in folders:
        name, number = readable(folder), 1
        while name in names:
            number += 1
            name = f"{readable(folder, LONGEST_NAME - 12)} ({number})"
        names[name] = None
    return tuple(names)
