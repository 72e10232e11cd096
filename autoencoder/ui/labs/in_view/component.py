"""The place of something that takes the browser long to draw, until the visitor scrolls near it.

The browser's half is component.js beside this file.
"""

from pathlib import Path

import streamlit as st

from autoencoder.ui.components.mounting import component

_mount = component("in_view", Path(__file__).parent)


def in_view(words: str, *, height: int, key: str) -> bool:
    """Whether the visitor has been near this place; until then, keep `height` CSS pixels free for
    what will stand there. Call it in a fragment, which reruns when that changes.

    Args:
        words: What stands there meanwhile.
        height: Of what will stand there.
        key: Of the place, in this visitor's session.
    """
    seen = f"{key}_seen"
    if st.session_state.get(seen, False):
        return True
    _mount(
        key=key,
        data={"words": words, "height": height},
        on_near_change=lambda: st.session_state.update({seen: True}),
    )
    return False
