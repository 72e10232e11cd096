"""Messages that no script of ours would send: forged values for every live part of the pages, every
chart and every table that can be selected in.

A visitor who forges them may see a sentence, but no exception, and the page works afterwards.
"""

import json
import random
import shutil
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from websockets.exceptions import WebSocketException

from benchmarks.serving import Server
from benchmarks.viewers import Answer, PageError, Viewer, viewer
from tests.support.loops import done
from tests.support.places import MODELS

RUN = "digits-conv-d2-73c117ff"  # finished, two dimensions
DEPTH = 5_000  # of a nested list


@dataclass(frozen=True)
class Target:
    """Something on a page that the browser may send values for.

    Attributes:
        page, query: Where it is.
        key: Of the widget; "{run}" stands for the run's key, "{ending}" for the end of that.
        event: What a live component says; empty for charts and tables.
        good: A value that our scripts might send.
        part: The path of the part of it that is forged; what stands around it in a chart's or a
            table's value, Streamlit reads itself.
    """

    page: str
    query: str
    key: str
    event: str
    good: Mapping[str, Any]
    part: tuple[str, ...] = ()


MAP = "chart-{run}-projection-latents-n15-d2-s0"
POINTS = {"selection": {"points": [{"customdata": 1, "x": 0.5}], "box": [], "lasso": []}}
ROWS = {"selection": {"rows": [0], "columns": [], "cells": []}}
TARGETS = {
    "front page": Target("", "", "live-pad-{run}", "released", {"latent": [0.5, 0.5]}),
    "decoder": Target("decode", "", "live-{run}", "released", {"latent": [0.5, 0.5]}),
    "interpolation": Target(
        *("interpolate", "", "interpolation_view", "picked"),
        {"images": [1, 2], "frames": 12, "kind": "linear"},
    ),
    "image rows": Target("reconstruct", "", "reconstruct_image_rows", "picked", {"index": 3}),
    "sketch": Target("reconstruct", "own=Draw", "own_sketch", "drawn", {"pixels": ""}),
    "linked maps": Target("latent_space", "", "maps-{run}", "selected", {"indices": "AQA="}),
    "chart": Target("latent_space", "look=Plotly", MAP, "", POINTS, ("selection", "points")),
    "table of runs": Target("compare", "", "table_{ending}_1", "", ROWS, ("selection", "rows")),
}
VALUES: dict[str, str] = {  # in place of a whole value, or of a part of one: JSON, or not quite
    "nothing": "null",
    "true": "true",
    "text": '"x"',
    "long text": json.dumps(100_000 * "x"),
    "strange text": '"\\ud800\\u0000"',
    "html": '"<img src=http://192.0.2.1/x.png>"',
    "list": "[]",
    "object": "{}",
    "code": '{"code": 0}',
    "NaN": "NaN",
    "infinity": "-Infinity",
    "huge": "1e999",
    "huge whole": 400 * "9",
    "negative": "-1",
    "half": "0.5",
    "texts": '["a", "b"]',
    "nested": '{"a": {"b": {"c": []}}}',
    "many": json.dumps(20_000 * [1]),
    "deep": DEPTH * "[" + DEPTH * "]",
    "no JSON": "{",
}


def forged(target: Target) -> Iterator[tuple[str, str]]:
    """Every forged value for a target by its name: each of VALUES instead of the good value, and
    instead of each of its parts; a key more, and a key less.
    """
    if not target.part:
        yield from VALUES.items()
        yield "a key more", json.dumps({**target.good, "more": 1})
        yield "a key less", json.dumps(dict(list(target.good.items())[1:]))
    for place in _places(target.good):
        if place[: len(target.part)] == target.part:
            for name, text in VALUES.items():
                yield f"{name} as {'.'.join(map(str, place))}", _with(target.good, place, text)


def _places(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all parts of a JSON value."""
    parts = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, part in parts:
        yield (*place, key)
        if isinstance(part, Mapping | list):
            yield from _places(part, (*place, key))


def _with(good: Mapping[str, Any], place: Sequence[str | int], text: str) -> str:
    """The JSON of `good`, with `text` for what is at `place`."""
    copy = json.loads(json.dumps(good))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = "FORGED"
    return json.dumps(copy).replace('"FORGED"', text)


async def forge(
    visitor: Viewer, target: Target, texts: Mapping[str, str]
) -> tuple[str, str] | None:
    """Send each of `texts` for `target`, and the good value after it: the name of the first after
    which the page was broken, and how; None if there is none.
    """
    key = target.key.format(run=RUN, ending=RUN[-8:])
    await visitor.visit(target.page, f"run={RUN}&{target.query}" if target.page else "")
    for name, text in texts.items():
        try:
            await _say(visitor, target, key, text)
            await _say(visitor, target, key, json.dumps(target.good))
        except (PageError, WebSocketException) as error:
            return name, f"{type(error).__name__}: {str(error)[:100]}"
    return None


async def _say(visitor: Viewer, target: Target, key: str, text: str) -> None:
    if not target.event:
        if _is_read_by_streamlit(text):
            await _unbroken(visitor.select(key, text))
        return
    said = visitor.send(key, f'[{{"event": "{target.event}", "value": {text}}}]')
    if _is_read_by_streamlit(text):
        await _unbroken(said)
        await _unbroken(visitor.keep(key, f'{{"{target.event}": {text}}}'))
    else:
        with suppress(PageError):  # of Streamlit's, and gone with the next message
            await said


async def _unbroken(answer: Awaitable[Answer]) -> None:
    """Raises PageError if the page shows an exception; it may well say something in a sentence."""
    try:
        await answer
    except PageError as error:
        if "encountered an error" in str(error):
            raise


def _is_read_by_streamlit(text: str) -> bool:
    """Whether Streamlit itself can read the text. What is no JSON, or too deep for Python's reader,
    fails in Streamlit before any script of ours runs: once if it is said once, and until the page
    is loaded anew if it is sent as a state, which no script of ours has. Others do not notice.
    """
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


async def forge_all(
    address: str, target: Target, texts: Mapping[str, str], until: float = float("inf")
) -> tuple[int, list[str]]:
    """Send `texts` for a target, until a moment of `monotonic`: how many were sent, and a line for
    each that broke the page, which is opened anew after it.
    """
    left, broken, sent = dict(texts), [], 0
    while left and monotonic() < until:
        part = dict(list(left.items())[:20])
        async with viewer(address) as visitor:
            wrong = await forge(visitor, target, part)
        if wrong is not None:
            name, why = wrong
            broken.append(f"{target.page or 'home'}: {target.key}: {name}: {why}")
            part = dict(list(part.items())[: list(part).index(name) + 1])
        sent += len(part)
        left = {name: text for name, text in left.items() if name not in part}
    return sent, broken


def campaign(seed: int, seconds: float, folder: Path) -> tuple[int, list[str]]:
    """Forge values for every target in a shuffled order, about 700 if there is time; `folder` is an
    empty one to work in. How many were tried, and a line for each that was not survived.
    """
    chance, until = random.Random(seed), monotonic() + seconds
    shutil.copytree(MODELS / RUN, folder / "models" / RUN)
    server = Server(folder / "models", folder / "data")
    tried, broken = 0, []
    try:
        for target in chance.sample(list(TARGETS.values()), len(TARGETS)):
            texts = list(forged(target))
            chance.shuffle(texts)
            count, wrong = done(forge_all(server.address, target, dict(texts[:90]), until))
            tried, broken = tried + count, broken + wrong
    finally:
        server.stop()
    return tried, broken
