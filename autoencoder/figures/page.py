"""A figure as a page of HTML that needs no server and no network, and saves it as PNG or SVG."""

from html import escape
from string import Template

import plotly.io as pio
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from autoencoder.config.palettes import CATEGORIES, SEQUENCE

__all__ = ["LIBRARY_FILE", "Figure", "library", "page_of"]

LIBRARY_FILE = "plotly.min.js"  # lies beside the pages
LAYOUT = {
    "template": {  # its colours of heatmaps would come before the colour scale below
        "layout": pio.templates["plotly_white"].layout.to_plotly_json(),
        "data": {"heatmap": [{"autocolorscale": True}]},
    },
    "colorway": CATEGORIES,
    "colorscale": {"sequential": SEQUENCE},
    "font": {"family": "system-ui, sans-serif", "size": 14},
    "autosize": True,
}

PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
  body { margin: 24px; font: 16px system-ui, sans-serif; color: #31333f; background: #fff; }
  h1 { font-size: 22px; margin: 0 0 4px; }
  p { margin: 0 0 12px; color: #6b6e79; }
  button { font: inherit; padding: 4px 12px; margin-right: 8px; border: 1px solid #c9cad1;
           border-radius: 8px; background: #fff; cursor: pointer; }
</style>
<h1>$title</h1>
<p>$about</p>
$figure
<button data-format="png">Save as PNG</button><button data-format="svg">Save as SVG</button>
<script>
  for (const button of document.querySelectorAll("button[data-format]")) {
    button.addEventListener("click", () => {
      const { format } = button.dataset;
      const scale = format === "png" ? 2 : 1;
      Plotly.downloadImage("figure", { format, scale, filename: "$name" });
    });
  }
</script>
</html>
""")


def library() -> str:
    """The JavaScript that draws figures, to be written beside the pages as LIBRARY_FILE."""
    return str(get_plotlyjs())


def page_of(
    figure: Figure, *, title: str, about: str, name: str, with_library: bool = False
) -> str:
    """The page: the title and what the figure shows as text above it; a picture of it is saved
    under the name, letters and hyphens, without its ending. With the library in it the page has
    nearly 5 MB; without, it looks for it beside itself.
    """
    drawn = (
        Figure(figure)
        .update_layout(LAYOUT)
        .to_html(
            full_html=False,
            include_plotlyjs=True if with_library else "directory",
            div_id="figure",
            default_height="max(380px, calc(100vh - 170px))",
            config={"displaylogo": False, "responsive": True, "scrollZoom": True},
        )
    )
    return PAGE.substitute(title=escape(title), about=escape(about), figure=drawn, name=name)
