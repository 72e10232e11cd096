"""What a series of runs has in common, chosen by the visitor: data set, preset, epochs."""

from collections.abc import Sequence

import streamlit as st

from autoencoder.config.datasets import DATASETS
from autoencoder.config.presets import PRESETS, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.ui.shared.dataset_titles import known_datasets, titles

SHARES = {"all": 1.0, "half": 0.5, "quarter": 0.25}


def series_config(presets: Sequence[str], start: str, *, key: str) -> RunConfig:
    """Draw the controls, and return the config they describe.

    Args:
        presets: Those to choose from.
        start: The one chosen at first.
        key: Of the choice of presets, in the address.
    """
    about = "\n".join(f"- **{PRESETS[name].title}**: {PRESETS[name].help}" for name in presets)
    infos = known_datasets()
    names = titles(infos)
    dataset = st.selectbox(
        "Data set",
        list(infos),
        format_func=lambda key: names[key],
        key="sweep_data",
        bind="query-params",
    )
    preset = st.selectbox(
        "Preset",
        presets,
        index=presets.index(start),
        format_func=lambda key: PRESETS[key].title,
        key=key,
        help=about,
        bind="query-params",
    )
    added = None if dataset in DATASETS else infos[dataset]
    epochs = int(preset_values(preset, dataset, added).get("epochs", RunConfig().epochs))
    counts = {share: max(1, round(epochs * part)) for share, part in SHARES.items()}
    share = st.segmented_control(
        "Epochs",
        SHARES,
        default="all",
        required=True,
        format_func=lambda key: str(counts[key]),
        key="share",
        bind="query-params",
        help="The number of epochs in the preset, half of it, or a quarter of it",
    )
    return RunConfig(**preset_values(preset, dataset, added, epochs=counts[share or "all"]))
