"""A visitor's own image, drawn or uploaded: what the network sees of it, and what becomes of it.

D = latent_dim; C, H, W = channels, height and width of the run's images.
"""

import hashlib

import numpy as np
import streamlit as st

from autoencoder.data.fitting import Fitted, Look, fit, look, should_centre, should_invert
from autoencoder.data.uploads import MOST_BYTES, read_image
from autoencoder.errors import UploadError
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.own_result import own_result
from autoencoder.ui.reconstruct.sketch.component import sketch
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal, sentence

SOURCES = {"draw": "Draw", "upload": "Upload"}
DRAWING = "own_drawing"  # in the session state: the PNG file last drawn, b"" if the sheet is empty
SEEN = 1_000  # test images that tell what the data set looks like
ENDINGS = ("png", "jpg", "jpeg", "webp", "bmp", "gif")


@st.fragment
@explained
def own_image(run: Run) -> None:
    """Draw the section: a sheet and an uploader, and what the run makes of what comes from them."""
    st.subheader("Your own image", anchor=False)
    like = _look(run)
    row = st.container(horizontal=True, gap="large")
    with row.container(width=300):
        content, source = _content(like)
        image = _read(content)
        fitted = None if image is None else _fitted(image, like, source, content)
    with row.container(width="stretch"):
        if image is None or fitted is None:
            st.caption(
                "Draw or upload an image. The network reconstructs it, and this place then"
                " shows its latent vector and its nearest test images."
            )
        else:
            own_result(run, image, fitted)


@cached_per_run(max_entries=8)
def _look(run: Run) -> Look:
    return look(run_data.evaluation(run).images[:SEEN])


def _content(like: Look) -> tuple[bytes, str]:
    """A file, b"" if there is none yet, and where it came from: a key of SOURCES."""
    source = st.segmented_control(
        "From",
        SOURCES,
        default="draw",
        required=True,
        format_func=SOURCES.__getitem__,
        key="own",
        bind="query-params",
        label_visibility="collapsed",
    )
    if source == "draw":
        drawn = sketch(like.shape, dark=like.is_plain and like.border < 128, key="own_sketch")
        if drawn is not None:
            st.session_state[DRAWING] = drawn
        return st.session_state.get(DRAWING, b""), source
    file = st.file_uploader(
        "An image",
        ENDINGS,
        key="own_file",
        max_upload_size=MOST_BYTES // 10**6,
        help=(
            "Transparent pixels become white. They become black if the rest of the image is"
            " nearly white."
        ),
    )
    return (b"", source) if file is None else (file.getvalue() or b"\0", source)


def _read(content: bytes) -> np.ndarray | None:
    """The pixels (H, W, 1 or 3) of a file; None, and why in words, if there is none or it cannot be
    read.
    """
    if not content:
        return None
    try:
        return _pixels(content)
    except UploadError as error:
        st.error(sentence(str(error)), icon=":material/broken_image:")
        return None


@st.cache_data(max_entries=16, show_spinner="Reading the image")
def _pixels(content: bytes) -> np.ndarray:
    return read_image(content)


def _fitted(image: np.ndarray, like: Look, source: str, content: bytes) -> Fitted:
    """The image as the network takes it; draws how that was decided, to be decided otherwise."""
    key = (
        "drawing" if source == "draw" else hashlib.sha256(content).hexdigest()[:12]
    )  # each file is decided on afresh
    invert = st.toggle("Invert dark and light", should_invert(image, like), key=f"own_invert_{key}")
    centre = False
    if like.is_plain and like.shape.channels == 1:
        centre = st.toggle(
            "Centre the drawing",
            should_centre(image, like),
            key=f"own_centre_{key}",
            help="Crop, scale and centre the drawing as the images of the data set were.",
        )
    fitted = fit(image, like, invert=invert, centre=centre)
    words = "; ".join(fitted.notes)
    st.caption(
        f"{literal(words[:1].upper() + words[1:], 300)}."
        if words
        else "The image is used without changes."
    )
    return fitted
