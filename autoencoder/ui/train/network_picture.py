"""A picture of a network before anything is trained: its layers as bars, what each gives, and what
the whole costs.
"""

import html
from collections.abc import Iterator
from math import log2, prod

import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.formatting import byte_size, number
from autoencoder.networks.blueprint import Blueprint, Layer, draw

LIVE_MACS = 12e6  # multiply-adds per decode up to which a browser follows a drag at display rate
LEARNING = ("linear", "conv", "conv_transpose")
NAMES = {"linear": "dense", "conv": "conv", "conv_transpose": "conv up"}
BOTTLENECK = "bottleneck"

# Only the text's own colour, at several strengths: so it fits either theme.
STYLE = """<style>
.net { display: flex; align-items: flex-end; gap: 4px; overflow-x: auto; padding: 4px 0 2px; }
.net div { flex: 1 1 0; min-width: 52px; text-align: center; font-size: 0.75rem; line-height: 1.25;
  }
.net i { display: block; width: 60%; max-width: 46px; margin: 0 auto 5px; border-radius: 3px;
  opacity: 0.22;
  background: currentColor; }
.net .code i { opacity: 0.85; }
.net .code { font-weight: 600; }
.net small { display: block; opacity: 0.65; font-size: 0.7rem; white-space: nowrap; }
</style>"""


def network_picture(config: RunConfig) -> None:
    """Draw the network of `config` and, under it, what it learns and what it costs."""
    blueprint = draw(config)
    bars = "".join(_bar(*stage) for stage in _stages(blueprint, config))
    st.html(f'{STYLE}<div class="net" role="img" aria-label="{_spoken(blueprint)}">{bars}</div>')
    st.caption(costs(blueprint))


def costs(blueprint: Blueprint) -> str:
    """Parameters, compression and decoding effort, in one line."""
    macs = blueprint.decode_macs
    rate = (
        "decodes live in a browser"
        if macs <= LIVE_MACS
        else "decodes in a browser at a reduced rate"
    )
    ratio = blueprint.image_bytes / blueprint.latent_bytes
    return (
        f"{blueprint.parameters:,} parameters · an image of {byte_size(blueprint.image_bytes)} "
        f"becomes a latent of {byte_size(blueprint.latent_bytes)} ({number(ratio)} : 1) ·"
        f" {_about(macs)} multiply-adds to decode: {rate}"
    )


def _about(count: int) -> str:
    return f"{number(count / 1e6)} million" if count >= 1e6 else f"{count:,}"


def _stages(blueprint: Blueprint, config: RunConfig) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """What is drawn, from left to right: name, shape, and what is done to it there."""
    yield "image", tuple(blueprint.shape), ""
    *encoder, _ = _learning(blueprint.encoder)
    for layer, after in encoder:
        yield NAMES[layer.kind], layer.out_shape, after
    activation = "" if config.latent_activation == "none" else config.latent_activation
    yield (
        BOTTLENECK,
        (blueprint.latent_dim,),
        "mu, log var" if config.is_variational else activation,
    )
    *decoder, last = _learning(blueprint.decoder)
    for layer, after in decoder:
        yield NAMES[layer.kind], layer.out_shape, after
    yield (
        NAMES[last[0].kind],
        tuple(blueprint.shape),
        "" if config.output_activation == "none" else config.output_activation,
    )


def _learning(layers: tuple[Layer, ...]) -> list[tuple[Layer, str]]:
    """The layers with weights, each with what follows it: normalisation, activation, dropout."""
    found: list[tuple[Layer, str]] = []
    for layer in layers:
        if layer.kind in LEARNING:
            found.append((layer, ""))
        elif layer.kind not in ("flatten", "unflatten") and found:
            short = {"batch_norm": "norm", "leaky_relu": "leaky relu"}.get(layer.kind, layer.kind)
            found[-1] = (found[-1][0], f"{found[-1][1]}, {short}" if found[-1][1] else short)
    return found


def _bar(name: str, shape: tuple[int, ...], after: str) -> str:
    """Height: doublings of the number of units."""
    height = 6 + round(9 * log2(1 + prod(shape)))
    kind = ' class="code"' if name == BOTTLENECK else ""
    below = f"<small>{name}</small><small>{html.escape(after) or '&nbsp;'}</small>"
    return f'<div{kind}><i style="height:{height}px"></i>{_shape(shape)}{below}</div>'


def _shape(shape: tuple[int, ...]) -> str:
    """28x28, 14x14x32, 256: height and width first, as people say it; one channel goes without
    saying.
    """
    if len(shape) == 1:
        return str(shape[0])
    channels, height, width = shape
    return f"{height}x{width}" + (f"x{channels}" if channels > 1 else "")


def _spoken(blueprint: Blueprint) -> str:
    shapes = [
        _shape(tuple(blueprint.shape)),
        *(
            _shape(layer.out_shape)
            for layer in (*blueprint.encoder, *blueprint.decoder)
            if layer.kind in LEARNING
        ),
    ]
    return "The network's layers: " + ", ".join(shapes)
