"""What the network of a run learned: its kernels, what its units do, what each is worth, and what
it makes of noise.
"""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.inspect.kernels import kernel_walls
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
    if view == "kernels":
        kernel_walls(run)
    else:
        _look_inside(run, view)


def _look_inside(run: Run, view: str) -> None:
    """The views that measure with torch."""
    with st.spinner("Loading torch"):
        from autoencoder.ui.inspect import activations, denoising, switch_off

        settle_memory("torch")
    images = evaluation(run).images
    if view == "activations":
        activations.activations(run, images)
    elif view == "off":
        switch_off.switch_off(run, images)
    else:
        denoising.denoising(run, images)
