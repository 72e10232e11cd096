"""What a series of runs has in common, chosen by the visitor: data set, preset, epochs."""

from collections.abc import Sequence

import streamlit as st

from autoencoder.config.datasets import DATASETS
from autoencoder.config.presets import PRESETS, preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.ui.shared.dataset_titles import known_datasets, titles

SHARES = {"all": 1.0, "half": 0.5, "quarter": 0.25}


def series_config(
    presets: Sequence[str], start: str, *, series: str, dataset: str = ""
) -> RunConfig:
    """Draw the controls, and return the config they describe.

    Args:
        presets: Those to choose from.
        start: The one chosen at first.
        series: Its name in the address, where it starts the keys of data set and preset.
        dataset: The one chosen at first; the first one if empty.
    """
    about = "\n".join(f"- **{PRESETS[name].title}**: {PRESETS[name].help}" for name in presets)
    infos = known_datasets()
    names = titles(infos)
    chosen = st.selectbox(
        "Data set",
        list(infos),
        index=list(infos).index(dataset) if dataset in infos else 0,
        format_func=lambda key: names[key],
        key=f"{series}_data",
        bind="query-params",
    )
    preset = st.selectbox(
        "Preset",
        presets,
        index=presets.index(start),
        format_func=lambda key: PRESETS[key].title,
        key=f"{series}_preset",
        help=about,
        bind="query-params",
    )
    added = None if chosen in DATASETS else infos[chosen]
    epochs = int(preset_values(preset, chosen, added).get("epochs", RunConfig().epochs))
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
    return RunConfig(**preset_values(preset, chosen, added, epochs=counts[share or "all"]))
