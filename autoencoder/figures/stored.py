"""Figures that were kept as JSON, drawn again in the colours of whoever shows them.

What was kept is not trusted. The classes below name every key that a figure of a lab has; one with
any other key is refused: with buttons, sliders, images or links. Values are numbers, words of a
short list, or texts, in which no tag has an effect but the few of our own figures. So a kept figure
makes the browser fetch nothing.
"""

import base64
import binascii
import math
import re
from typing import Annotated, Any, Literal

import numpy as np
import plotly.graph_objects as go
from msgspec import Meta, to_builtins

from autoencoder.validation import Exact, Finite, decode

# Up to so many points are drawn as SVG: without a graphics card WebGL needs longer to start than
# SVG to draw, and a browser has 16 WebGL contexts, of which a figure takes several.
MOST_SVG = 3_000
MOST_BYTES = 8 << 20  # of the JSON
MOST_POINTS = 50_000  # of all traces; cells of a heatmap count as points
MOST_TRACES = 1_000
MOST_TICKS = 1_000

FOREIGN_TAG = re.compile(r"<(?!(?:br|extra|/extra)>)")

Text = Annotated[str, Meta(max_length=400)]
Row = Annotated[list[Finite | None], Meta(max_length=MOST_POINTS)]
Ticks = Annotated[list[Finite], Meta(max_length=MOST_TICKS)]
Texts = Annotated[list[Text], Meta(max_length=MOST_POINTS)]
Size = Annotated[float, Meta(ge=-1_000, le=1_000)]
Opacity = Annotated[float, Meta(ge=0, le=1)]


class Packed(Exact, frozen=True, omit_defaults=True, kw_only=True):
    """An array as Plotly writes it: its type, and its bytes in base64."""

    dtype: Literal["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"]
    bdata: str
    shape: Annotated[str, Meta(pattern=r"^\d{1,5}, \d{1,5}\Z")] | None = None

    def __post_init__(self) -> None:
        try:
            size = len(base64.b64decode(self.bdata, validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError("an array is not in base64") from error
        if size != len(self) * np.dtype(self.dtype).itemsize:
            raise ValueError("an array has not the length that its shape says")

    def __len__(self) -> int:
        if self.shape is not None:
            return math.prod(map(int, self.shape.split(", ")))
        return len(self.bdata.rstrip("=")) * 3 // 4 // np.dtype(self.dtype).itemsize


Values = Row | Packed


class Title(Exact, frozen=True, omit_defaults=True):
    """Of an axis, a legend or a scale of colours."""

    text: Text | None = None


class Line(Exact, frozen=True, omit_defaults=True):
    """How a line is drawn."""

    dash: Literal["solid", "dash", "dot", "dashdot", "longdash", "longdashdot"] | None = None


class Marker(Exact, frozen=True, omit_defaults=True):
    """How points are drawn."""

    opacity: Opacity | None = None
    size: Size | None = None
    symbol: Literal["circle", "diamond", "square", "cross", "x"] | None = None


class Unselected(Exact, frozen=True, omit_defaults=True):
    """How points are drawn while others are selected."""

    marker: Marker | None = None


class Scatter(Exact, frozen=True, omit_defaults=True, tag_field="type", tag="scatter"):
    """Points or lines."""

    x: Values | None = None
    y: Values | None = None
    customdata: Values | None = None
    mode: Literal["lines", "markers", "lines+markers"] | None = None
    name: Text | None = None
    text: Texts | None = None
    hovertemplate: Text | None = None
    legendgroup: Text | None = None
    showlegend: bool | None = None
    visible: bool | Literal["legendonly"] | None = None
    line: Line | None = None
    marker: Marker | None = None
    unselected: Unselected | None = None

    def __len__(self) -> int:
        return max(len(values or ()) for values in (self.x, self.y, self.customdata, self.text))


class ScatterGL(Scatter, frozen=True, omit_defaults=True, tag_field="type", tag="scattergl"):
    """The same, drawn by WebGL."""


class ColourBar(Exact, frozen=True, omit_defaults=True):
    """The scale of the colours."""

    title: Title | None = None


class Heatmap(Exact, frozen=True, omit_defaults=True, tag_field="type", tag="heatmap"):
    """A table of numbers as colours."""

    z: Packed | Annotated[list[Row], Meta(max_length=MOST_TICKS)] | None = None
    text: Annotated[list[Texts], Meta(max_length=MOST_TICKS)] | None = None
    customdata: Annotated[list[Texts], Meta(max_length=MOST_TICKS)] | None = None
    texttemplate: Text | None = None
    hovertemplate: Text | None = None
    xgap: Size | None = None
    ygap: Size | None = None
    colorbar: ColourBar | None = None

    def __len__(self) -> int:
        tables = [table for table in (self.text, self.customdata) if table is not None]
        counts = [sum(map(len, table)) for table in tables]
        if isinstance(self.z, Packed):
            return max([len(self.z), *counts])
        return max([sum(map(len, self.z or ())), *counts])


class Axis(Exact, frozen=True, omit_defaults=True):
    """Either axis."""

    title: Title | None = None
    type: Literal["linear", "log"] | None = None
    rangemode: Literal["tozero"] | None = None
    tickvals: Ticks | None = None
    ticktext: Annotated[list[Text], Meta(max_length=MOST_TICKS)] | None = None
    tickformat: Literal["~g"] | None = None
    ticks: Literal["", "inside", "outside"] | None = None
    showgrid: bool | None = None
    zeroline: bool | None = None
    side: Literal["top", "bottom"] | None = None
    constrain: Literal["domain"] | None = None
    autorange: bool | Literal["reversed"] | None = None
    scaleanchor: Literal["x"] | None = None
    scaleratio: Annotated[float, Meta(gt=0, le=1_000)] | None = None


class Legend(Exact, frozen=True, omit_defaults=True):
    """Where the names of traces stand, and how."""

    title: Title | None = None
    orientation: Literal["h", "v"] | None = None
    yanchor: Literal["top", "bottom"] | None = None
    x: Annotated[float, Meta(ge=-2, le=3)] | None = None
    y: Annotated[float, Meta(ge=-2, le=3)] | None = None
    itemsizing: Literal["constant"] | None = None
    tracegroupgap: Annotated[float, Meta(ge=0, le=100)] | None = None


class Margin(Exact, frozen=True, omit_defaults=True):
    """Room around the axes, in pixels."""

    b: Annotated[float, Meta(ge=0, le=200)] | None = None
    l: Annotated[float, Meta(ge=0, le=200)] | None = None  # noqa: E741  # Plotly's name
    r: Annotated[float, Meta(ge=0, le=200)] | None = None
    t: Annotated[float, Meta(ge=0, le=200)] | None = None


class Layout(Exact, frozen=True, omit_defaults=True):
    """All but the traces. The template is that of the process that kept the figure."""

    template: object = None
    dragmode: Literal["pan", "zoom"] | bool | None = None
    legend: Legend | None = None
    margin: Margin | None = None
    showlegend: bool | None = None
    uirevision: Literal["kept"] | None = None
    xaxis: Axis | None = None
    yaxis: Axis | None = None


class Figure(Exact, frozen=True, omit_defaults=True):
    """What `to_json` of our own figures gives."""

    data: Annotated[list[Scatter | ScatterGL | Heatmap], Meta(max_length=MOST_TRACES)]
    layout: Layout

    def __post_init__(self) -> None:
        if sum(map(len, self.data)) > MOST_POINTS:
            raise ValueError(f"a figure may have at most {MOST_POINTS:,} points")


def stored(content: bytes) -> go.Figure:
    """A figure as `Figure.to_json` gave it. Raises ValueError for whatever is none of ours."""
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it may have at most {MOST_BYTES >> 20} MB")
        figure = decode(content, Figure)
        plain = to_builtins(figure)
        plain["layout"].pop("template", None)
        data, layout = _without_tags(plain["data"]), _without_tags(plain["layout"])
        return go.Figure({"data": _light(figure, data), "layout": layout})
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is not a figure of Latent Lab: {str(error)[:200]}") from error


def _without_tags(value: Any) -> Any:
    """The same JSON; in its texts every tag is printed literally that none of our figures has."""
    if isinstance(value, str):
        return FOREIGN_TAG.sub("&lt;", value)
    if isinstance(value, list):
        return [_without_tags(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_tags(each) for key, each in value.items()}
    return value


def _light(figure: Figure, traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The traces, without WebGL where they have few points."""
    points = sum(len(trace) for trace in figure.data if isinstance(trace, ScatterGL))
    if points > MOST_SVG:
        return traces
    return [
        {**trace, "type": "scatter"} if trace["type"] == "scattergl" else trace for trace in traces
    ]
