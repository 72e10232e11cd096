"""How a live component is registered with Streamlit: from the files of its folder."""

from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from autoencoder.export.browser.bundle import bundle

COMMON = Path(__file__).parent / "common.css"


def component(name: str, folder: Path) -> ComponentRenderer:
    """The component of a folder with component.js and component.html, and with its styles, where it
    has some, after the common ones.
    """
    styles = sorted(folder.glob("*.css"))
    texts = [path.read_text(encoding="utf-8") for path in ([COMMON, *styles] if styles else [])]
    return st.components.v2.component(
        f"latent_lab.{name}",
        html=(folder / "component.html").read_text(encoding="utf-8"),
        css="\n".join(texts) or None,
        js=bundle(folder / "component.js"),
    )
