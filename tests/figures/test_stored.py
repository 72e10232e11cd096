"""Kept figures: ours come back as they were, and nothing in any other reaches the page."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from autoencoder import figures
from autoencoder.figures.comparison import Curve, curves
from autoencoder.figures.stored import MOST_POINTS, MOST_TRACES, stored

POINTS = np.arange(120, dtype=np.float32).reshape(60, 2)
NAN = float("nan")
OURS = {
    "map": figures.latent_scatter(POINTS, np.arange(60) % 2, ["a", "<b>"], equal=True),
    "line": figures.latent_scatter(POINTS[:, :1], np.arange(60) % 2, ["a", "b"], axes=["z0"]),
    "no points": figures.latent_scatter(POINTS[:0], np.arange(0), ["a", "b"]),
    "many points": figures.latent_scatter(np.zeros((4_000, 2)), np.zeros(4_000, int), ["a"]),
    "curves": curves([Curve("a & b", range(1, 4), [1.0, 2.0, 0.0])], x_title="Epoch"),
    "no curves": curves([], x_title="Epoch"),
    "matrix": figures.class_matrix(
        np.array([[NAN, 1.5], [200.0, NAN]]), ["a", "<b>"], "Standard<br>deviations", unit=" %"
    ),
}
SPAN = '<span style="background-image:url(http://192.0.2.1/x)">x</span>'
LINK = '<a href="http://192.0.2.1/">x</a>'
TRACE = {"type": "scatter", "x": [1, 2], "y": [1, 2]}
IMAGE = {"source": "http://192.0.2.1/x.png"}
BUTTON = {"label": SPAN, "method": "relayout", "args": [{"images": [IMAGE]}]}
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # of a trace, of the layout
    "images": ({}, {"images": [IMAGE]}),
    "buttons": ({}, {"updatemenus": [{"buttons": [BUTTON]}]}),
    "sliders": ({}, {"sliders": [{"steps": [BUTTON]}]}),
    "annotations": ({}, {"annotations": [{"text": LINK, "clicktoshow": "onoff"}]}),
    "shapes": ({}, {"shapes": [{"type": "path", "path": "M0,0", "label": {"text": SPAN}}]}),
    "title": ({}, {"title": {"text": SPAN}}),
    "map": ({}, {"map": {"style": "http://192.0.2.1/style.json"}}),
    "globe": ({}, {"geo": {"resolution": 50}}),
    "font": ({}, {"font": {"family": "url(http://192.0.2.1/f)"}}),
    "hover label": ({"hoverlabel": {"font": {"family": "x"}}}, {}),
    "meta": ({"meta": SPAN}, {}),
    "categories": ({"x": [SPAN, "b"]}, {}),
    "texts as points": ({"customdata": [LINK, "b"]}, {}),
    "dates": ({}, {"xaxis": {"type": "date", "tickformat": SPAN}}),
    "other axis": ({}, {"yaxis2": {"title": {"text": SPAN}}}),
    "colours": ({"marker": {"color": "url(http://192.0.2.1/c)"}}, {}),
    "array too short": ({"x": {"dtype": "f8", "bdata": "AAAA"}}, {}),
    "array of another kind": ({"x": {"dtype": "O", "bdata": "AAAA"}}, {}),
    "no base64": ({"x": {"dtype": "u1", "bdata": "*"}}, {}),
    "shape": ({"x": {"dtype": "u1", "bdata": "AAAA", "shape": "9999, 9999"}}, {}),
    "number too large": ({}, {"margin": {"l": 1e9}}),
    "text too long": ({"name": 500 * "x"}, {}),
    "too many points": ({"x": (MOST_POINTS + 1) * [0]}, {}),
    "deep": ({}, {"template": 5_000 * "[" + 5_000 * "]"}),
}
TEXTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {  # in every place that takes one
    "name": ({"name": SPAN}, {}),
    "hover": ({"hovertemplate": SPAN + LINK}, {}),
    "axis": ({}, {"xaxis": {"title": {"text": LINK + SPAN}}}),
    "ticks": ({}, {"yaxis": {"tickvals": [1], "ticktext": [SPAN]}}),
    "legend": ({}, {"legend": {"title": {"text": SPAN.upper()}}}),
    "break": ({"name": '<br style="background:url(http://192.0.2.1/x)">'}, {}),
    "half a tag": ({"name": "<span style='background:url(http://192.0.2.1/x)'"}, {}),
    "matrix": ({"type": "heatmap", "text": [[SPAN]], "customdata": [[LINK]]}, {}),
    "scale": ({"type": "heatmap", "colorbar": {"title": {"text": SPAN}}}, {}),
}


def kept(trace: dict[str, Any], layout: dict[str, Any]) -> bytes:
    """A figure of one trace, a scatter unless it says otherwise, as a file."""
    return json.dumps({"data": [{**TRACE, **trace}], "layout": layout}).encode()


def plain(figure: go.Figure) -> dict[str, Any]:
    """A figure without its template."""
    content: dict[str, Any] = json.loads(figure.to_json())
    content["layout"].pop("template", None)
    return content


@pytest.mark.parametrize("name", OURS)
def test_our_figures_come_back_as_they_were(name: str) -> None:
    """A figure that a lab keeps is drawn with all it had, but for WebGL where points are few."""
    ours = OURS[name]
    same = plain(ours)
    if name != "many points":
        same["data"] = [
            {**trace, "type": trace["type"].removesuffix("gl")} for trace in same["data"]
        ]

    assert plain(stored(ours.to_json().encode())) == same


@pytest.mark.parametrize("name", REFUSED)
def test_what_our_figures_do_not_have_is_refused(name: str) -> None:
    """Whatever else Plotly can draw, by one sentence."""
    trace, layout = REFUSED[name]
    content = kept(trace, layout)
    if name == "deep":
        content = content.replace(b'"[', b"[").replace(b']"', b"]")

    with pytest.raises(ValueError, match=r"^this is not a figure of Latent Lab: [^\n]*$"):
        stored(content)


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_a_kept_figure_have_no_tags(name: str) -> None:
    """A tag in a text is printed as it is: it fetches no image, and links to nothing."""
    trace, layout = TEXTS[name]
    if trace.get("type") == "heatmap":
        content = json.dumps({"data": [trace], "layout": layout}).encode()
    else:
        content = kept(trace, layout)
    drawn = json.dumps(plain(stored(content))).replace("\\u003c", "<").replace("\\u003e", ">")

    assert "<" not in drawn
    assert "&lt;" in drawn


def test_too_many_traces_are_refused() -> None:
    """A figure has at most a thousand traces."""
    content = json.dumps({"data": (MOST_TRACES + 1) * [TRACE], "layout": {}}).encode()

    with pytest.raises(ValueError, match="not a figure of Latent Lab"):
        stored(content)
