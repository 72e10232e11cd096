"""The only Streamlit in the package: what the pages share. Pages import this and nothing deeper."""

from autoencoder.runs import Run
from autoencoder.ui.atlas import latent_atlas
from autoencoder.ui.blend import interpolation
from autoencoder.ui.cards import run_card
from autoencoder.ui.chosen import title
from autoencoder.ui.comparing import reconstruction_wall
from autoencoder.ui.comparing_runs import compare_runs
from autoencoder.ui.comparing_runs_bottleneck import bottleneck_finder
from autoencoder.ui.comparing_runs_linear import linear_and_pca
from autoencoder.ui.comparing_runs_seeds import seeds
from autoencoder.ui.estimate import estimate
from autoencoder.ui.explain import explain
from autoencoder.ui.form import training_form
from autoencoder.ui.generate import manifold, samples
from autoencoder.ui.judging import verdict
from autoencoder.ui.live import live_decode, live_pad, touchable
from autoencoder.ui.network import network_picture
from autoencoder.ui.own_image import own_image
from autoencoder.ui.preview import data_preview
from autoencoder.ui.projecting import layout
from autoencoder.ui.shell import (
    ICON,
    REQUESTED,
    SHELL,
    explained,
    queue,
    remember_run,
    require_shell,
    send_at_once,
    settle_memory,
    store,
    tick,
)
from autoencoder.ui.under_way import fill_from_link, sweep_button, under_way
from autoencoder.ui.watch import watch
from autoencoder.ui.words import literal, name, sentence

__all__ = [
    "ICON",
    "REQUESTED",
    "SHELL",
    "bottleneck_finder",
    "compare_runs",
    "data_preview",
    "estimate",
    "exercises",
    "explain",
    "explained",
    "fill_from_link",
    "inspect_network",
    "interpolation",
    "latent_atlas",
    "layout",
    "linear_and_pca",
    "literal",
    "live_decode",
    "live_pad",
    "manifold",
    "name",
    "network_picture",
    "own_image",
    "queue",
    "reconstruction_wall",
    "remember_run",
    "require_shell",
    "run_card",
    "samples",
    "seeds",
    "send_at_once",
    "sentence",
    "settle_memory",
    "store",
    "sweep_button",
    "tick",
    "title",
    "touchable",
    "training_form",
    "under_way",
    "verdict",
    "watch",
]


def inspect_network(run: Run) -> None:
    """The inspection of a trained run, which brings torch with it: not before its page is asked for."""
    from autoencoder.ui import inspecting

    inspecting.inspect_network(run)


def exercises() -> None:
    """The five labs, which bring torch with them, too."""
    from autoencoder.ui import lab_pages

    settle_memory("torch")
    lab_pages.exercises()
