"""The same run without the dashboard: a command line that trains it, and Python that loads it."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.text import command

SNIPPET = """from pathlib import Path

from autoencoder import inference
from autoencoder.runs import RunStore

run = RunStore(Path("models")).get("{key}")
network = inference.rebuild(run.config, run.weights())
images = run.evaluation().images[:5]                  # test images, (5, {shape}) uint8
latents = inference.encode(network, images)           # (5, {latent_dim})
reconstructions = inference.decode(network, latents)  # (5, {shape}), in [0, 1]"""


def same_run_elsewhere(run: Run) -> None:
    """Both, to copy, folded away."""
    with st.expander("The same run elsewhere", icon=":material/terminal:"):
        st.code(command(run.config), language="shell", wrap_lines=True)
        shape = ", ".join(str(size) for size in run.config.shape)
        st.code(
            SNIPPET.format(key=run.key, shape=shape, latent_dim=run.config.latent_dim),
            language="python",
        )
