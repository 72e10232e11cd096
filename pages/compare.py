"""Runs against each other: side by side, over the bottleneck, over seeds, against PCA."""

import streamlit as st

from autoencoder import ui

VIEWS = {
    "runs": ("Runs", ui.compare_runs), "bottleneck": ("Bottleneck", ui.bottleneck_finder), "seeds": ("Seeds", ui.seeds),
    "linear": ("Linear and PCA", ui.linear_and_pca),
}  # fmt: skip

ui.require_shell("pages/compare.py")

st.title("Compare", anchor=False)
ui.tick()
view = st.segmented_control(
    "What to compare", list(VIEWS), default="runs", required=True, format_func=lambda name: VIEWS[name][0], key="view",
    bind="query-params", label_visibility="collapsed",
)  # fmt: skip
VIEWS[view or "runs"][1]()
ui.explain("compare")
