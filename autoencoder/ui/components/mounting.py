"""How a live component is registered with Streamlit: from the files of its folder."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from autoencoder.export.browser.bundle import bundle

COMMON = Path(__file__).parent / "common.css"


def component(name: str, folder: Path) -> ComponentRenderer:
    """The component of a folder with component.js and component.html, and with its styles, where it
    has some, after the common ones.

    Its data travel in a list of one, from which mounting.js takes them: among the values of a dict,
    Streamlit looks for tables, and imports pandas for that.
    """
    styles = sorted(folder.glob("*.css"))
    texts = [path.read_text(encoding="utf-8") for path in ([COMMON, *styles] if styles else [])]
    mount = st.components.v2.component(
        f"latent_lab.{name}",
        html=(folder / "component.html").read_text(encoding="utf-8"),
        css="\n".join(texts) or None,
        js=bundle(folder / "component.js"),
    )

    def renderer(*, data: Any = None, **options: Any) -> Any:
        return mount(data=[data] if isinstance(data, dict) else data, **options)

    return renderer
