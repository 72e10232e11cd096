"""How well a run reconstructs, beside PCA with as many numbers per image."""

import streamlit as st

from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.error_charts import summary
from autoencoder.ui.shared.shell import explained

SCORES = {
    "mse": ("Test MSE", "mean squared error per pixel, pixels in [0, 1]: lower is better"),
    "sse": ("SSE", "squared error summed over an image's pixels: lower is better"),
    "psnr": ("PSNR, dB", "peak signal-to-noise ratio: higher is better"),
    "ssim": ("SSIM", "structural similarity, 1 is identical: higher is better"),
}
ENTROPY = (
    "binary cross-entropy per pixel in nats, outputs read as probabilities: lower is better; a"
    " perfect reconstruction does not reach 0 where pixels are grey"
)


@explained
def scores(run: Run) -> None:
    """One tile per metric; nothing before the run is finished."""
    if not (metrics := run.metrics):
        return
    with st.container(horizontal=True, gap="medium"):
        for key, (label, about) in SCORES.items():
            _tile(label, metrics[key]["run"], f"PCA {number(metrics[key]['pca'])}", about)
        found = summary(run)
        if found.cross_entropy is not None:
            _tile("BCE", found.cross_entropy, f"at best {number(found.least)}", ENTROPY)
    st.caption(
        f"Mean over {metrics['samples']:,} images of the {metrics['split']} split · seed"
        f" {metrics['seed']}"
    )


def _tile(label: str, value: float, beside: str, about: str) -> None:
    st.metric(
        label,
        number(value),
        delta=beside,
        delta_color="off",
        delta_arrow="off",
        help=about,
        width=140,
    )
