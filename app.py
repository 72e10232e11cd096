"""The frame of the dashboard: page config, navigation, and the way back to a deep link."""

import streamlit as st

from autoencoder.ui.shared import shell

# Before the navigation: a page that has no icon yet would fetch its menu's icon from a font server.
st.set_page_config(page_icon=shell.ICON, layout="wide")
shell.settle_memory("start")
shell.send_at_once()
st.session_state[shell.SHELL] = True
shell.remember_run()
page = st.navigation(
    [
        st.Page("pages/home.py", title="Runs", icon=":material/apps:", default=True),
        st.Page("pages/train.py", title="Train", icon=":material/play_arrow:"),
        st.Page("pages/reconstruct.py", title="Reconstruct", icon=":material/compare:"),
        st.Page("pages/latent_space.py", title="Latent space", icon=":material/scatter_plot:"),
        st.Page("pages/decode.py", title="Decode", icon=":material/tune:"),
        st.Page("pages/interpolate.py", title="Interpolate", icon=":material/linear_scale:"),
        st.Page("pages/inspect.py", title="Inspect", icon=":material/search_insights:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/balance:"),
        st.Page("pages/labs.py", title="Labs", icon=":material/science:"),
    ],
    position="top",
)
st.set_page_config(page_title=f"{page.title} · Latent Lab")
if shell.REQUESTED in st.session_state:
    path, query = st.session_state.pop(shell.REQUESTED)
    st.switch_page(path, query_params=query)
page.run()
