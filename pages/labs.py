"""The exercises as experiments: each trains what it needs, and says which claims hold here."""

import streamlit as st

from autoencoder.ui import labs
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain

shell.require_shell("pages/labs.py")

st.title("Labs", anchor=False)
shell.tick()
labs.exercises()
explain("labs")
