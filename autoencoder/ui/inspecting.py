"""What the network of a run learned: its kernels, what its units do, what each is worth, and what it makes of noise."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.loaded import evaluation
from autoencoder.ui.shell import explained, settle_memory

VIEWS = {"kernels": "Kernels", "activations": "Activations", "off": "Switch off", "denoising": "Denoising"}


@explained
def inspect_network(run: Run) -> None:
    """Draw the view that was chosen, with the choice of views above it."""
    from autoencoder.ui import inspecting_activity, inspecting_kernels, inspecting_noise, inspecting_switch  # they need torch

    settle_memory("torch")
    data = evaluation(run)
    view = st.segmented_control(
        "View", VIEWS, default="kernels", required=True, format_func=VIEWS.__getitem__, key="view", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    if view == "kernels":
        inspecting_kernels.kernel_walls(run)
    elif view == "activations":
        inspecting_activity.activity(run, data.images)
    elif view == "off":
        inspecting_switch.switch_off(run, data.images)
    else:
        inspecting_noise.denoising(run, data.images)
