"""A picture of a network before anything is trained: its layers as bars, what each gives, and what
the whole costs.
"""

import html
from collections.abc import Iterator, Sequence
from math import log2, prod

import streamlit as st

from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.run_config import RunConfig
from autoencoder.formatting import byte_size, number
from autoencoder.networks.blueprint import LAYERS, Blueprint, Layer, blueprint_of
from autoencoder.training.memory import training_memory
from autoencoder.ui.shared.ranking import LIVE
from autoencoder.ui.shared.styles import style_beside

BOTTLENECK = "bottleneck"

STYLE = style_beside(__file__)


def network_picture(config: RunConfig) -> None:
    """Draw the network of `config` and, under it, what it learns and what it costs."""
    blueprint = blueprint_of(config)
    bars = "".join(_bar(*stage) for stage in _stages(blueprint, config))
    st.html(f'{STYLE}<div class="net" role="img" aria-label="{_spoken(blueprint)}">{bars}</div>')
    st.caption(f"{costs(blueprint)} · {memory_cost(config)}")


def memory_cost(config: RunConfig) -> str:
    """The memory that the training takes, in a few words."""
    needed = byte_size(training_memory(config).total)
    return f"about {needed} of memory to train with a batch of {config.batch_size:,}"


def costs(blueprint: Blueprint) -> str:
    """Parameters, compression and decoding effort, in one line."""
    macs = blueprint.decode_macs
    rate = (
        "decodes live in a browser"
        if macs <= LIVE
        else "may be too slow to decode live in a browser"
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
    *encoder, _ = _drawn(blueprint.encoder)
    for layer, after in encoder:
        yield _title(layer), layer.out_shape, after
    after = "mu, log var" if config.is_variational else _activation(config.latent_activation)
    yield BOTTLENECK, (blueprint.latent_dim,), after
    *decoder, (last, _) = _drawn(blueprint.decoder)
    for layer, after in decoder:
        yield _title(layer), layer.out_shape, after
    yield _title(last), tuple(blueprint.shape), _activation(config.output_activation)


def _activation(name: str) -> str:
    return "" if ACTIVATIONS[name].is_identity else ACTIVATIONS[name].title


def _drawn(layers: Sequence[Layer]) -> list[tuple[Layer, str]]:
    """The layers that get a bar, each with what follows it: normalisation, activation, dropout."""
    bars: list[tuple[Layer, list[str]]] = []
    for layer in layers:
        kind = LAYERS[layer.kind]
        if kind.is_stage:
            bars.append((layer, []))
        elif bars and not kind.is_silent:
            bars[-1][1].append(kind.title)
    return [(layer, ", ".join(after)) for layer, after in bars]


def _title(layer: Layer) -> str:
    """What stands under a bar; of a residual block with its layers: "residual: conv, conv"."""
    inner = [_title(each) for branch in layer.branches for each, _ in _drawn(branch)]
    return LAYERS[layer.kind].title + (f": {', '.join(inner)}" if inner else "")


def _bar(name: str, shape: tuple[int, ...], after: str) -> str:
    """Height: doublings of the number of units."""
    height = 6 + round(9 * log2(1 + prod(shape)))
    kind = ' class="latent"' if name == BOTTLENECK else ""
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
    layers = [layer for layer, _ in _drawn((*blueprint.encoder, *blueprint.decoder))]
    shapes = [tuple(blueprint.shape), *(layer.out_shape for layer in layers)]
    return "The network's layers: " + ", ".join(map(_shape, shapes))
