"""Decode any latent: live, in the browser; the latent plane as a grid; samples."""

import streamlit as st

from autoencoder.ui import decode
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.title import title

VIEWS = {"live": "Live", "manifold": "Manifold", "samples": "Samples"}

shell.require_shell("pages/decode.py", reads=["z"])

run = title("Decode")
bar = st.container(horizontal=True, vertical_alignment="center", gap="medium")
view = bar.segmented_control(
    "View",
    VIEWS,
    default="live",
    required=True,
    format_func=VIEWS.get,
    key="view",
    bind="query-params",
    label_visibility="collapsed",
)
if view == "live":
    decode.live_decode(run, bar)
elif view == "manifold":
    decode.manifold(run)
else:
    decode.samples(run)
explain(decode.EXPLANATION)
