"""The live view of the Decode page without server and run: a page of its own, and made-up decoders
for images of any size.
"""

import base64
from pathlib import Path

import numpy as np

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.export import decoder_bytes
from autoencoder.export.browser.bundle import bundle
from autoencoder.export.browser.views import LIVE, markup
from autoencoder.networks.blueprint import STRIDE, blueprint_of, state_shapes

ENTRY = Path(__file__).with_name("live_view.js")
GAIN = 2.0  # of a layer's weights
THEME = """
  --st-text-color: #222222; --st-background-color: #ffffff; --st-border-color: #cccccc;
  --st-secondary-background-color: #eeeeee; --st-primary-color: #cc3333;
  --st-chart-categorical-colors: red, green, blue, orange, purple;
"""


def write_page(path: Path, policy: str = "") -> Path:
    """Write a page whose script gives `openLive` (see live_view.js), under a
    Content-Security-Policy if one is given; returns its path.
    """
    view, css = markup(LIVE)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    path.write_text(
        f'<!doctype html><meta charset="utf-8">{meta}<style>:root {{{THEME}}}\n{css}</style>'
        f'<div id="view">{view}</div><script>\n{bundle(ENTRY)}</script>',
        encoding="utf-8",
    )
    return path


def random_weights(config: RunConfig, shape: ImageShape) -> dict[str, np.ndarray]:
    """Weights by name for images of `shape`, untrained, so large that images differ."""
    random = np.random.default_rng(0)
    weights = {}
    for name, size in state_shapes(blueprint_of(config, shape)).items():
        if len(size) < 2:
            array = np.ones(size) if name.endswith(("var", "weight")) else np.zeros(size)
        else:
            fan_in = size[1] if len(size) == 2 else size[0] * size[2] * size[3] / STRIDE**2
            array = GAIN * random.normal(size=size) / np.sqrt(fan_in)
        weights[name] = array.astype(np.float32)
    return weights


def made_up_decoder(config: RunConfig, shape: ImageShape) -> str:
    """A decoder of `config` for images of `shape` with random weights, in base64."""
    content = decoder_bytes(config, random_weights(config, shape), shape)
    return base64.b64encode(content).decode()
