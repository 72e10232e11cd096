"""The same run without the dashboard: the command that trains it, and Python that uses it."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.text import command

PYTHON = """import autoencoder as ae

run = ae.load("{key}")
images = run.images[:5]                # test images, (5, {shape}) uint8
latents = run.encode(images)           # (5, {latent_dim})
reconstructions = run.decode(latents)  # (5, {shape}), in [0, 1]"""


def same_run_elsewhere(run: Run) -> None:
    """Draw both, to copy, folded away."""
    with st.expander("Use this run on the command line or in Python", icon=":material/terminal:"):
        st.code(command(run.config), language="shell", wrap_lines=True)
        st.code(python_snippet(run), language="python")


def python_snippet(run: Run) -> str:
    """Python that loads the run and uses its network, to be run where the dashboard was started."""
    shape = ", ".join(str(size) for size in run.config.shape)
    return PYTHON.format(key=run.key, shape=shape, latent_dim=run.config.latent_dim)
