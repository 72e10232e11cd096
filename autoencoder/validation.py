"""Reading JSON that anybody may have written: typed classes, and numbers with bounds.

A class names its fields and their types; `decode` gives an object of that class or a ValueError in
one sentence. JSON from Python may say NaN or Infinity; here these are refused like any other text
that is not JSON. True and false are no numbers, and 1.0 is no whole number.

    dataclass           keys that the class does not know are ignored: files of later versions
    Exact               keys that the class does not know are refused
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

T = TypeVar("T")

JsonObject = dict[str, Any]  # any JSON object, for files that have no class of their own
Finite = Annotated[float, Meta(ge=-1e300, le=1e300)]
NotNegative = Annotated[float, Meta(ge=0, le=1e300)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]  # up to 30 years
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
PositiveCount = Annotated[int, Meta(ge=1, le=2**63 - 1)]


class Exact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object that has the fields of the class and no others."""


def matching(pattern: re.Pattern[str]) -> Meta:
    """For the type of a text: the whole of it must match `pattern`."""
    return Meta(pattern=rf"^(?:{pattern.pattern})\Z")


def one_of(words: Iterable[str]) -> Meta:
    """For the type of a text: it must be one of `words`."""
    return matching(re.compile("|".join(map(re.escape, words))))


def decode(text: bytes | str, kind: type[T]) -> T:
    """The JSON `text` as an object of `kind`.

    Raises:
        ValueError: It is not JSON, or not what `kind` says.
    """
    try:
        return _decoder(kind).decode(text)  # type: ignore[arg-type]  # classes are hashable
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply") from error


def convert(value: Any, kind: type[T]) -> T:
    """What a JSON value that has been read says, as an object of `kind`. Raises ValueError."""
    return msgspec.convert(value, kind)


@cache
def _decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Made once for each class: making one takes longer than reading a file."""
    return msgspec.json.Decoder(kind)
