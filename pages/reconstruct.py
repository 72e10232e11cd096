"""Test originals beside what came back."""

import numpy as np
import streamlit as st

from autoencoder import ui

SHOWN = 64
ORDERS = {"first": "First", "worst": "Worst", "best": "Best"}

ui.require_shell("pages/reconstruct.py")

run = ui.title("Reconstruct")
data = ui.evaluation(run)
with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
    order = st.segmented_control(
        "Test images", ORDERS, default="first", required=True, format_func=ORDERS.get, key="order", bind="query-params",
        disabled=data.errors is None,
    )  # fmt: skip
    with_pca = st.toggle("Add PCA at the same size", key="pca", bind="query-params", disabled=run.state != "finished")

chosen = np.arange(min(SHOWN, len(data.images)))
if data.errors is not None and order != "first":
    ranked = np.argsort(data.errors, kind="stable")
    chosen = (ranked[::-1] if order == "worst" else ranked)[:SHOWN]
rows = [data.images[chosen], ui.reconstructions(run, chosen)]
if with_pca:
    rows.append(ui.baseline(run, data.images[chosen]))
names = ["original", "reconstruction", "PCA"][: len(rows)]
wall, numbers = st.columns([6, 1], gap="large")
with wall:
    ui.pairs(rows, size=56, columns=16, alt=f"{len(chosen)} test images: {', '.join(names)}")
    st.caption(f"Each stack: {', '.join(names)}. {ORDERS[order]} {len(chosen)} of {len(data.images):,} test images.")
with numbers:
    ui.scores(run)
ui.explain("reconstruct")
