"""The exercises as experiments: each trains what it needs, and says which claims hold here."""

import streamlit as st

from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain

shell.require_shell("pages/labs.py")

st.title("Labs", anchor=False)
shell.tick()
from autoencoder.ui import labs  # noqa: E402 - brings torch: not before the title stands

shell.settle_memory("torch")
labs.exercises()
explain("labs")
