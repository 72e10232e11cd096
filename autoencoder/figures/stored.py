"""Figures that were kept as JSON, drawn again in the colours of whoever shows them.

What was kept is not trusted: nothing of ours fetches anything.
"""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go

KINDS = {
    "scatter",
    "scattergl",
    "heatmap",
}  # of traces: others may fetch maps or images from elsewhere
# Up to so many points are drawn as SVG: without a graphics card WebGL needs longer to start than
# SVG to draw, and a browser has 16 WebGL contexts, of which a figure takes several.
MOST_SVG = 3_000


def stored(content: bytes) -> go.Figure:
    """A figure as `Figure.to_json` gave it. Raises ValueError for whatever is none of ours."""
    try:
        data = json.loads(content)
        traces, layout = data["data"], data["layout"]
        layout.pop("template", None)  # of the process that kept it
        if not all(trace.get("type") in KINDS for trace in traces) or "images" in layout:
            raise ValueError("it has traces or images that Latent Lab does not draw")
        return go.Figure({"data": _light(traces), "layout": layout})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"this is not a figure of Latent Lab: {str(error)[:200]}") from error


def _light(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The traces, without WebGL where they have few points."""
    points = sum(_length(trace.get("x", ())) for trace in traces if trace["type"] == "scattergl")
    if points > MOST_SVG:
        return traces
    return [
        {**trace, "type": "scatter"} if trace["type"] == "scattergl" else trace for trace in traces
    ]


def _length(values: Any) -> int:
    """Of a list, or of an array as Plotly writes it: its type, and its bytes in base64."""
    if isinstance(values, dict):
        return len(values["bdata"]) * 3 // 4 // max(1, np.dtype(values["dtype"]).itemsize)
    return len(values)
