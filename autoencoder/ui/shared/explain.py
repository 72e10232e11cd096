""" "What am I looking at?": a few sentences for a student, at the foot of every page."""

import streamlit as st


def explain(text: str, formula: str = "") -> None:
    """A text in Markdown, and a formula in LaTeX below it, folded away."""
    with st.expander("What am I looking at?", icon=":material/help:"):
        st.markdown(text)
        if formula:
            st.latex(formula)
