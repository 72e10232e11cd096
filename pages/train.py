"""Watch a training; choose a config, see what it costs, start it, stop it, go on with it."""

import streamlit as st

from autoencoder import ui
from autoencoder.errors import AutoencoderError

ui.require_shell("pages/train.py")

st.title("Train", anchor=False)
ui.tick()
ui.fill_from_link()
watched = ui.under_way(st.query_params.get("run"))
if watched:
    st.query_params["run"] = watched  # so that it stays on the page when it has ended
    ui.watch(watched)
    st.divider()
    st.subheader("Train another", anchor=False)

config = ui.training_form()
if config is not None:
    ui.network_picture(config)
    ui.data_preview(config)
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    go = st.button("Train", type="primary", icon=":material/play_arrow:", key="train", disabled=config is None, width=200)
    if config is not None:
        ui.sweep_button(config)
        with st.container(width="stretch"):
            ui.estimate(config)
if go and config is not None:
    try:
        with st.spinner("Starting"):
            st.query_params["run"] = ui.queue().submit(config).key
    except AutoencoderError as error:
        st.error(ui.sentence(str(error)), icon=":material/error:")
    else:
        st.rerun()
ui.explain("train")
