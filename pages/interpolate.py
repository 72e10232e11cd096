"""From one test image to another: through the latent space, and by cross-fading pixels."""

import numpy as np
import streamlit as st

from autoencoder import metrics, ui

ui.require_shell("pages/interpolate.py")

run = ui.title("Interpolate")
data, codes = ui.evaluation(run), ui.latents(run)
last = len(codes) - 1
other = int(np.flatnonzero(data.labels != data.labels[0])[0]) if len(set(data.labels.tolist())) > 1 else last


def next_pair() -> None:
    """Move both images on by one, from the last to the first."""
    for key in ("a", "b"):
        st.session_state[key] = (st.session_state[key] + 1) % len(codes)


with st.container(horizontal=True, vertical_alignment="bottom"):
    a = st.number_input("From test image", 0, last, 0, key="a", bind="query-params", width=160)
    b = st.number_input("To test image", 0, last, other, key="b", bind="query-params", width=160)
    st.button("Next pair", key="next", icon=":material/skip_next:", on_click=next_pair)
    steps = st.slider("Frames", 5, 24, 12, key="steps", bind="query-params", width=240)

share = np.linspace(0, 1, steps, dtype=np.float32)
ends = metrics.to_unit(data.images[[a, b]])
ways = {
    "Latent path": ui.decode(run, (1 - share[:, None]) * codes[a] + share[:, None] * codes[b]),
    "Pixel blend": (1 - share[:, None, None, None]) * ends[0] + share[:, None, None, None] * ends[1],
}
for way, frames in ways.items():
    st.markdown(f"**{way}**")
    _, distances = ui.distances_to_test(run, frames)
    ui.strip(
        frames, size=84, captions=[ui.number(distance) for distance in distances], alt=f"{way} from image {a} to image {b}"
    )
names = [ui.literal(run.class_names[data.labels[index]]) for index in (a, b)]
st.caption(
    f"From test image {a} (class {names[0]}) to {b} (class {names[1]}). Under each frame its distance to the nearest of "
    f"{len(codes):,} test images (MSE per pixel): 0 is a real image."
)
ui.explain("interpolate")
