"""The only Streamlit in the package: what the pages share. Pages import this and nothing deeper."""

from autoencoder.ui.cards import run_card
from autoencoder.ui.chosen import title
from autoencoder.ui.explain import explain
from autoencoder.ui.form import training_form
from autoencoder.ui.loaded import (
    baseline,
    decode,
    distances_to_test,
    evaluation,
    latents,
    reconstructions,
)
from autoencoder.ui.projecting import layout
from autoencoder.ui.scores import scores
from autoencoder.ui.shell import REQUESTED, SHELL, explained, queue, remember_run, require_shell, settle_memory, store, tick
from autoencoder.ui.walls import enlarged, pairs, strip
from autoencoder.ui.watch import watch
from autoencoder.ui.words import command, literal, name, number, seconds, sentence

__all__ = [
    "REQUESTED",
    "SHELL",
    "baseline",
    "command",
    "decode",
    "distances_to_test",
    "enlarged",
    "evaluation",
    "explain",
    "explained",
    "latents",
    "layout",
    "literal",
    "name",
    "number",
    "pairs",
    "queue",
    "reconstructions",
    "remember_run",
    "require_shell",
    "run_card",
    "scores",
    "seconds",
    "sentence",
    "settle_memory",
    "store",
    "strip",
    "tick",
    "title",
    "training_form",
    "watch",
]  # fmt: skip
