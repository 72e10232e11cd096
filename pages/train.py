"""Choose a config, start the training, watch it, stop it, go on with it."""

import streamlit as st

from autoencoder import ui
from autoencoder.errors import AutoencoderError

ui.require_shell("pages/train.py")

st.title("Train", anchor=False)
ui.tick()
config = ui.training_form()

go = st.button("Train", type="primary", icon=":material/play_arrow:", key="train", disabled=config is None, width=240)
if go and config is not None:
    try:
        st.query_params["run"] = ui.queue().submit(config).key
    except AutoencoderError as error:
        st.error(ui.sentence(str(error)), icon=":material/error:")

live = [run for run in ui.store().runs() if run.is_live]
watched = st.query_params.get("run") or next((run.key for run in live if run.state == "running"), None)
others = [run for run in live if run.key != watched]
if others:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Also under way:")
        for run in others:
            st.page_link(
                "pages/train.py", label=f"{ui.literal(ui.name(run.config))} ({run.state})", query_params={"run": run.key}
            )
st.divider()
if watched:
    st.query_params["run"] = watched  # so that it stays on the page when it has ended
    ui.watch(watched)
else:
    st.info(
        "Nothing is being trained. Choose above and press Train; the loss and the images appear here.",
        icon=":material/monitoring:",
    )
ui.explain("train")
