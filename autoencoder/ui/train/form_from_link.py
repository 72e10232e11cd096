"""A training form that is filled with the options of the run that the address names."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.ui.shared.shell import LIKE, store
from autoencoder.ui.shared.text import sentence
from autoencoder.ui.train.form import fill_from


def fill_from_link() -> None:
    """If the address names a run to train again with changes, put its options into the form,
    once.
    """
    if (key := st.query_params.get(LIKE)) is None:
        return
    del st.query_params[LIKE]
    try:
        fill_from(store().get(key).config)
        st.toast(
            "The form shows the options of that run. You can change them.", icon=":material/edit:"
        )
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
