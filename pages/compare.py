"""Runs against each other: side by side, over the bottleneck, over the weight of neighbours, over
seeds, against PCA.
"""

import streamlit as st

from autoencoder.ui import compare
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain

VIEWS = {
    "runs": ("Runs", compare.compare_runs),
    "bottleneck": ("Bottleneck", compare.bottleneck_finder),
    "neighbours": ("Neighbours", compare.neighbour_trade_off),
    "seeds": ("Seeds", compare.compare_seeds),
    "linear": ("Linear and PCA", compare.compare_linear),
}

shell.require_shell("pages/compare.py")

st.title("Compare", anchor=False)
shell.tick()
view = st.segmented_control(
    "What to compare",
    list(VIEWS),
    default="runs",
    required=True,
    format_func=lambda name: VIEWS[name][0],
    key="view",
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view or "runs"][1]()
explain(compare.EXPLANATION, compare.FORMULA)
