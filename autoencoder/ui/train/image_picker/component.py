"""Choosing a folder or many images: packed into one zip in the browser, which then goes the way of
any upload.

Streamlit's uploader sends each file by itself, which takes minutes for a few thousand. The
browser's half is component.js beside this file; it hands the zip to the uploader.
"""

from pathlib import Path

from autoencoder.data.adding.surveying import SUFFIXES
from autoencoder.ui.components.mounting import component

_mount = component("image_picker", Path(__file__).parent)


def image_picker(uploader: str, megabytes: int, *, key: str) -> None:
    """Draw the buttons, and a place to drop a folder on.

    Args:
        uploader: The key of the `st.file_uploader` that is to get the zip.
        megabytes: The most that it takes.
        key: Of this place, in this visitor's session.
    """
    _mount(
        key=key,
        data={
            "uploader": f".st-key-{uploader} input[type=file]",
            "megabytes": megabytes,
            "endings": list(SUFFIXES),
        },
    )
