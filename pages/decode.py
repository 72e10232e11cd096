"""Decode any code: live, in the browser; the latent plane as a grid; new images from the codes' distribution."""

import streamlit as st

from autoencoder import ui

VIEWS = {"live": "Live", "manifold": "Manifold", "samples": "Samples"}

ui.require_shell("pages/decode.py")

run = ui.title("Decode")
bar = st.container(horizontal=True, vertical_alignment="center", gap="medium")
view = bar.segmented_control(
    "View", VIEWS, default="live", required=True, format_func=VIEWS.get, key="view", bind="query-params",
    label_visibility="collapsed",
)  # fmt: skip
if view == "live":
    ui.live_decode(run, bar)
elif view == "manifold":
    ui.manifold(run)
else:
    ui.samples(run)
ui.explain("decode")
