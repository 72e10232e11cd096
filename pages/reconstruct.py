"""Test originals beside what came back."""

import numpy as np
import streamlit as st

from autoencoder import ui

SHOWN = 64
ORDERS = {"first": "First", "worst": "Worst", "best": "Best"}

ui.require_shell("pages/reconstruct.py")

run = ui.title("Reconstruct")
data = ui.evaluation(run)
left, right = st.columns([3, 1], vertical_alignment="bottom")
with left:
    order = st.segmented_control(
        "Test images", ORDERS, default="first", required=True, format_func=ORDERS.get, key="order", bind="query-params",
        disabled=data.errors is None,
    )  # fmt: skip
with right:
    with_pca = st.toggle("PCA at the same size, too", key="pca", bind="query-params", disabled=run.state != "finished")

chosen = np.arange(min(SHOWN, len(data.images)))
if data.errors is not None and order != "first":
    ranked = np.argsort(data.errors, kind="stable")
    chosen = (ranked[::-1] if order == "worst" else ranked)[:SHOWN]
rows = [data.images[chosen], ui.reconstructions(run, chosen)]
if with_pca:
    rows.append(ui.baseline(run, data.images[chosen]))
names = ["original", "reconstruction", "PCA"][: len(rows)]
ui.pairs(rows, size=56, columns=16, alt=f"{len(chosen)} test images: {', '.join(names)}")
st.caption(f"Each stack: {', '.join(names)}. {ORDERS[order]} {len(chosen)} of {len(data.images):,} test images.")

if metrics := run.metrics:
    tiles = (
        ("mse", "Test MSE", "lower"),
        ("sse", "SSE per image", "lower"),
        ("psnr", "PSNR, dB", "higher"),
        ("ssim", "SSIM", "higher"),
    )
    for column, (key, label, better) in zip(st.columns(len(tiles)), tiles, strict=True):
        value, pca = metrics[key]["run"], metrics[key]["pca"]
        column.metric(
            label,
            ui.number(value),
            delta=f"{ui.number(pca)} with PCA",
            delta_color="off",
            delta_arrow="off",
            help=f"{better} is better",
        )
    st.caption(f"Mean over {metrics['samples']:,} images of the {metrics['split']} split · seed {metrics['seed']}")
ui.explain("reconstruct")
