"""What the network of a run learned: its kernels, what its units do, what each is worth, and what
it makes of noise.
"""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.shell import explained, settle_memory

VIEWS = {
    "kernels": "Kernels",
    "activations": "Activations",
    "off": "Switch off",
    "denoising": "Denoising",
}


@explained
def inspect_network(run: Run) -> None:
    """Draw the view that was chosen, with the choice of views above it."""
    view = st.segmented_control(
        "View",
        VIEWS,
        default="kernels",
        required=True,
        format_func=VIEWS.__getitem__,
        key="view",
        bind="query-params",
        label_visibility="collapsed",
    )
    with st.spinner("Loading torch"):
        from autoencoder.ui.inspect import activations, denoising, kernels, switch_off

        settle_memory("torch")
    data = evaluation(run)
    if view == "kernels":
        kernels.kernel_walls(run)
    elif view == "activations":
        activations.activations(run, data.images)
    elif view == "off":
        switch_off.switch_off(run, data.images)
    else:
        denoising.denoising(run, data.images)
