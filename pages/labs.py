"""The exercises as experiments: each trains what it needs, and says which textbook claims hold here."""

import streamlit as st

from autoencoder import ui

ui.require_shell("pages/labs.py")

st.title("Labs", anchor=False)
ui.tick()
ui.exercises()
ui.explain("labs")
