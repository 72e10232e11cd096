"""Figures that were kept as JSON, drawn again in the colours of whoever shows them.

What was kept is not trusted: nothing of ours fetches anything.
"""

import json

import plotly.graph_objects as go

KINDS = {
    "scatter",
    "scattergl",
    "heatmap",
}  # of traces: others may fetch maps or images from elsewhere


def stored(content: bytes) -> go.Figure:
    """A figure as `Figure.to_json` gave it. Raises ValueError for whatever is none of ours."""
    try:
        data = json.loads(content)
        traces, layout = data["data"], data["layout"]
        layout.pop("template", None)  # of the process that kept it
        if not all(trace.get("type") in KINDS for trace in traces) or "images" in layout:
            raise ValueError("it has traces or images that Latent Lab does not draw")
        return go.Figure({"data": traces, "layout": layout})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"this is not a figure of Latent Lab: {str(error)[:200]}") from error
