"""A visitor's own image, drawn or uploaded: what the network sees of it, and what becomes of it.

D = latent_dim; C, H, W = channels, height and width of the run's images.
"""

import hashlib

import numpy as np
import streamlit as st

from autoencoder.data.fitting import Fitted, Look, fit, look, should_centre, should_invert
from autoencoder.data.uploads import MOST_BYTES, read_image
from autoencoder.errors import UploadBusyError, UploadError
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.own_result import own_result
from autoencoder.ui.reconstruct.sketch.component import sketch
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal, sentence

SOURCES = {"draw": "Draw", "upload": "Upload"}
DRAWING = "own_drawing"  # in the session state: the pixels last drawn; none if the sheet is empty
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
        image, name = _image(like)
        fitted = None if image is None else _fitted(image, like, name)
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


def _image(like: Look) -> tuple[np.ndarray | None, str]:
    """Pixels (H, W, 1 or 3), None if there is no image yet or it cannot be read; and a name, by
    which what the visitor decided about the image is found again.
    """
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
        return _drawing(like), "drawing"
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
    if file is None:
        return None, ""
    content = file.getvalue()
    return _uploaded(content), hashlib.sha256(content).hexdigest()[:12]


def _drawing(like: Look) -> np.ndarray | None:
    """What was drawn on the sheet, now or before; None if nothing is on it."""
    drawn = sketch(like.shape, dark=like.is_plain and like.border < 128, key="own_sketch")
    if drawn is not None:
        st.session_state[DRAWING] = drawn
    image: np.ndarray | None = st.session_state.get(DRAWING)
    return image if image is not None and image.size else None


def _uploaded(content: bytes) -> np.ndarray | None:
    """The pixels of a file; None, and why in words, if it cannot be read."""
    try:
        pixels = _pixels_or_refusal(content)
    except UploadBusyError as error:
        pixels = str(error)
    if isinstance(pixels, str):
        st.error(sentence(pixels), icon=":material/broken_image:")
        return None
    return pixels


@st.cache_data(max_entries=16, show_spinner="Reading the image")
def _pixels_or_refusal(content: bytes) -> np.ndarray | str:
    """The pixels of a file, or why it cannot be read: to try that again would cost as much."""
    try:
        return read_image(content)
    except UploadBusyError:
        raise  # this one is worth another try
    except UploadError as error:
        return str(error)


def _fitted(image: np.ndarray, like: Look, name: str) -> Fitted:
    """The image as the network takes it; draws how that was decided, to be decided otherwise."""
    invert = st.toggle(
        "Invert dark and light", should_invert(image, like), key=f"own_invert_{name}"
    )
    centre = False
    if like.is_plain and like.shape.channels == 1:
        centre = st.toggle(
            "Centre the drawing",
            should_centre(image, like),
            key=f"own_centre_{name}",
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
