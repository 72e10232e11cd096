"""The map: where the test images of a run land in its latent space."""

import numpy as np
import streamlit as st

from autoencoder import figures, ui
from autoencoder.projections import METHODS

MOST_SELECTED = 32

ui.require_shell("pages/latent_space.py")

run = ui.title("Latent space")
method = "codes"
if run.config.latent_dim > 2:
    method = st.segmented_control(
        "Projection", METHODS, default="pca", required=True, format_func=METHODS.get, key="method", bind="query-params"
    )
data = ui.evaluation(run)
made = ui.layout(run, method)

left, right = st.columns([2, 1], gap="large")
with left:
    count = len(made.points)
    figure = figures.latent_scatter(made.points, data.labels[:count], run.class_names, axes=made.axes, equal=method != "codes")
    event = st.plotly_chart(
        figure, key="latents", height=720, on_select="rerun", config={"scrollZoom": True, "displaylogo": False}
    )
    which = f"All {count:,}" if count == len(data.labels) else f"The first {count:,} of {len(data.labels):,}"
    st.caption(f"{which} test images · {made.about} · latent_dim {run.config.latent_dim} · run's seed {run.config.seed}")
with right:
    selected = np.array(sorted({int(point["customdata"]) for point in event.selection.points}), dtype=int)[:MOST_SELECTED]
    if len(selected):
        ui.pairs(
            [data.images[selected], ui.reconstructions(run, selected)],
            size=56,
            columns=8,
            alt="Selected images and reconstructions",
        )
        st.caption(f"{len(event.selection.points)} selected: originals above, reconstructions below")
    else:
        st.info(
            "Click a point, or drag a box or lasso (the tools above the map), to see the images there.",
            icon=":material/touch_app:",
        )
ui.explain("latent_space")
