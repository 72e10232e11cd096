"""What the browser says to a page: a value of the type that our own scripts send, or nothing.

A browser may send anything. Whatever is of another type, too long or out of range counts as nothing
said: the value that the visitor had before stays.
"""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

T = TypeVar("T")

MOST_SELECTED = 100_000  # points of a chart, rows of a table
Index = Annotated[int, Meta(ge=0, le=2**31 - 1)]
LatentValue = Annotated[float, Meta(ge=-1e30, le=1e30)]  # what a float32 holds


class _Point(Struct, frozen=True):
    customdata: Index | None = None


class _Points(Struct, frozen=True):
    points: Annotated[list[_Point], Meta(max_length=MOST_SELECTED)]


class _ChartState(Struct, frozen=True):
    selection: _Points


class _Rows(Struct, frozen=True):
    rows: Annotated[list[Index], Meta(max_length=MOST_SELECTED)]


class _TableState(Struct, frozen=True):
    selection: _Rows


def received(value: object, kind: type[T]) -> T | None:
    """A value from the browser as an object of `kind`; None if it is none."""
    try:
        return msgspec.convert(value, kind)
    except (ValueError, RecursionError):
        return None


def selected_points(state: object, count: int) -> Sequence[int] | None:
    """The `customdata`, below `count`, of the points that are selected on a chart, each once,
    ascending.

    Args:
        state: What Streamlit keeps of the chart; None before there is one.
        count: Of the things that points may stand for.

    Returns:
        None if the browser said something else than a selection of these.
    """
    if state is None:
        return ()
    if (chart := received(state, _ChartState)) is None:
        return None
    points = chart.selection.points
    indices = sorted({each.customdata for each in points if each.customdata is not None})
    return indices if all(index < count for index in indices) else None


def selected_rows(state: object, count: int) -> Sequence[int] | None:
    """The places of the rows that are selected in a table of `count` rows, in the order in which
    they were selected; None if the browser said something else than a selection of these.
    """
    if (table := received(state, _TableState)) is None:
        return None
    rows = table.selection.rows
    return rows if all(row < count for row in rows) else None
