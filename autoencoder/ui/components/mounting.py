"""How a live component is registered with Streamlit: from the files of its folder."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from autoencoder.export.browser.bundle import bundle
from autoencoder.export.browser.views import markup


def component(name: str, folder: Path, view: Path | None = None) -> ComponentRenderer:
    """The component of a folder with component.js. HTML and styles are in the folder, too, or in
    that of a `view` that it shares with files.

    Its data travel in a list of one, from which mounting.js takes them: among the values of a dict,
    Streamlit looks for tables, and imports pandas for that.
    """
    html, css = markup(view or folder)
    mount = st.components.v2.component(
        f"latent_lab.{name}",
        html=html,
        css=css or None,
        js=bundle(folder / "component.js"),
    )

    def renderer(*, data: Any = None, **options: Any) -> Any:
        return mount(data=[data] if isinstance(data, dict) else data, **options)

    return renderer
