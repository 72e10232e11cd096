"""The colours of files that leave the dashboard."""

import tomllib

from autoencoder.config.palettes import CATEGORIES, SEQUENCE
from tests.support.places import ROOT


def test_colours_are_those_of_the_dashboard() -> None:
    """As its theme has them."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]

    assert list(CATEGORIES) == theme["chartCategoricalColors"]
    assert list(SEQUENCE) == theme["chartSequentialColors"]
