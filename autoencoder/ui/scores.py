"""How well a run reconstructs, beside PCA with as many numbers per image."""

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shell import explained
from autoencoder.ui.words import number

SCORES = {
    "mse": ("Test MSE", "mean squared error per pixel, pixels in [0, 1]: lower is better"),
    "sse": ("SSE", "squared error summed over an image's pixels: lower is better"),
    "psnr": ("PSNR, dB", "peak signal-to-noise ratio: higher is better"),
    "ssim": ("SSIM", "structural similarity, 1 is identical: higher is better"),
}


@explained
def scores(run: Run) -> None:
    """One tile per metric; nothing before the run is finished."""
    if not (metrics := run.metrics):
        return
    with st.container(horizontal=True, gap="medium"):
        for key, (label, about) in SCORES.items():
            value, pca = metrics[key]["run"], metrics[key]["pca"]
            st.metric(
                label, number(value), delta=f"PCA {number(pca)}", delta_color="off", delta_arrow="off", help=about, width=130
            )
    st.caption(f"Mean over {metrics['samples']:,} images of the {metrics['split']} split · seed {metrics['seed']}")
