"""What the live view is measured against: a slider of Streamlit's own in a fragment, torch,
st.image.
"""

import numpy as np
import streamlit as st

from autoencoder.config.settings import Settings
from autoencoder.data.images import to_bytes
from autoencoder.networks import inference
from autoencoder.runs import RunStore


@st.cache_resource
def network():  # type: ignore[no-untyped-def]
    """The only run there is."""
    run = RunStore(Settings.from_environment().models).runs()[0]
    inference.use_one_thread()
    return inference.rebuild(run.config, run.weights()), run.config.latent_dim


@st.fragment
def live() -> None:
    """One slider, one image."""
    model, latent_dim = network()
    value = st.slider("z0", -3.0, 3.0, 0.0, 0.01)
    image = inference.decode(model, np.array([[value] + [0.0] * (latent_dim - 1)]))[0, 0]
    st.image(to_bytes(image), width=280)


live()
