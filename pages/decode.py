"""Turn the numbers of a code and see the image they decode to."""

import numpy as np
import streamlit as st

from autoencoder import ui

SLIDERS = 12

ui.require_shell("pages/decode.py")

run = ui.title("Decode")
data, codes = ui.evaluation(run), ui.latents(run)
order = np.argsort(-codes.var(axis=0), kind="stable")  # the most varied first
low, high = np.quantile(codes, (0.05, 0.95), axis=0)
mean = codes.mean(axis=0)


def place(code: np.ndarray) -> None:
    """Put every slider where `code` (D,) is."""
    for dimension in order:
        st.session_state[slider_key(dimension)] = float(np.clip(code[dimension], *reach(dimension)))


def slider_key(dimension: int) -> str:
    """One slider per run and dimension: ranges differ between runs."""
    return f"z{dimension}_{run.key}"


def reach(dimension: int) -> tuple[float, float]:
    """The slider's ends: the middle nine tenths of the test codes, and half as much again on either side."""
    margin = 0.5 * (high[dimension] - low[dimension]) or 1.0
    return float(low[dimension] - margin), float(high[dimension] + margin)


def class_of(index: int) -> str:
    """The class of a test image, for a caption."""
    return f"class {ui.literal(run.class_names[data.labels[index]])}"


if slider_key(0) not in st.session_state:
    place(codes[0])


@st.fragment
def instrument() -> None:
    """Sliders on one side, what they decode to on the other."""
    picture, controls = st.columns([3, 2], gap="large")
    with controls:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            index = st.number_input("Test image", 0, len(codes) - 1, 0, key="start", width=120)
            st.button("Start from it", key="from_image", on_click=lambda: place(codes[st.session_state["start"]]))
            st.button("Mean code", key="from_mean", on_click=lambda: place(mean))
        sides = st.columns(2, gap="medium") if len(order) > 4 else [st.container()]
        for rank, dimension in enumerate(order[:SLIDERS]):
            bottom, top = reach(dimension)
            sides[rank % len(sides)].slider(
                f"z{dimension}",
                bottom,
                top,
                step=(top - bottom) / 200,
                format="%.2f",
                key=slider_key(dimension),
                persist_state="session",
            )
        if len(order) > SLIDERS:
            st.caption(f"The {SLIDERS} most varied of {len(order)} dimensions; the others stay where the start put them")
    code = np.array([st.session_state[slider_key(dimension)] for dimension in range(len(order))], np.float32)
    image = ui.decode(run, code[None])
    nearest, distance = ui.distances_to_test(run, image)
    with picture, st.container(horizontal=True, gap="large"):
        with st.container(width="content"):
            ui.enlarged(image[0], size=392, alt="The decoded image")
            st.caption("Decoded")
        with st.container(width="content"):
            ui.enlarged(data.images[nearest[0]], size=196, alt="The nearest test image")
            st.caption(f"Nearest test image: no. {nearest[0]}, {class_of(nearest[0])}  \nMSE {ui.number(distance[0])} away")
            ui.enlarged(data.images[index], size=112, alt="The test image to start from")
            st.caption(f"Test image {index}, {class_of(index)}")


instrument()
ui.explain("decode")
