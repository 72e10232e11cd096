"""Watch a training; choose a config, see what it costs, start it, stop it, go on with it."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.ui import train
from autoencoder.ui.shared import shell
from autoencoder.ui.shared.explain import explain
from autoencoder.ui.shared.text import sentence

shell.require_shell("pages/train.py")

st.title("Train", anchor=False)
shell.tick()
train.fill_from_link()
watched = train.queue_list(st.query_params.get("run"))
if watched:
    st.query_params["run"] = watched  # so that it stays on the page when it has ended
    train.watch(watched)
    st.divider()
    st.subheader("Train another run", anchor=False)

form, own = st.container(), st.container()
with own:  # first, since the form then shows what was added just now
    train.own_images()
with form:
    config = train.training_form()
if config is not None:
    train.network_picture(config)
    train.data_preview(config)
with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    go = st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        key="train",
        disabled=config is None,
        width=200,
    )
    if config is not None:
        train.sweep_button(config)
        with st.container(width="stretch"):
            train.estimate(config)
if go and config is not None:
    try:
        st.query_params["run"] = train.start(config)
    except AutoencoderError as error:
        st.error(sentence(str(error)), icon=":material/error:")
    else:
        st.rerun()
explain(train.EXPLANATION, train.FORMULA)
