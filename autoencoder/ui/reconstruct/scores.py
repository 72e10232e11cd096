"""How well a run reconstructs, beside PCA with as many numbers per image."""

import streamlit as st

from autoencoder.config.metrics import RECONSTRUCTION_METRICS
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.reconstruct.error_charts import summary
from autoencoder.ui.shared.run_data import about_pca
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal

ENTROPY = (
    "binary cross-entropy per pixel in nats; the outputs are read as probabilities:"
    " lower is better; grey pixels keep it above 0 even for a perfect"
    " reconstruction"
)


@explained
def scores(run: Run) -> None:
    """One tile per metric; nothing before the run is finished."""
    if not (metrics := run.metrics):
        return
    with st.container(horizontal=True, gap="medium"):
        for name, metric in RECONSTRUCTION_METRICS.items():
            if values := metrics.get(name):  # runs of an earlier version have fewer
                beside = f"PCA {number(values['pca'])}"
                _tile(metric.heading, values["run"], beside, metric.about)
        whole = summary(run)
        if whole.cross_entropy is not None:
            _tile("BCE", whole.cross_entropy, f"lowest possible {number(whole.least)}", ENTROPY)
    split = literal(metrics["split"])
    st.caption(f"Means over {metrics['samples']:,} images of the {split} split.{about_pca(run)}")


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
