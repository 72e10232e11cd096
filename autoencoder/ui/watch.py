"""A training as it goes: state, progress, loss, reconstructions; reruns alone while the run lives, then hands back."""

import streamlit as st

from autoencoder import figures
from autoencoder.errors import AutoencoderError
from autoencoder.runs import Run
from autoencoder.ui.shell import explained, queue, store, tick
from autoencoder.ui.walls import pairs
from autoencoder.ui.words import command, literal, name, number, seconds

IMAGES = 16


@explained
def watch(key: str) -> None:
    """Everything about the training of run `key`."""
    run = store().get(key)
    st.fragment(_live, run_every=1.0 if run.is_live else None)(key)


@explained
def _live(key: str) -> None:
    tick()
    run = store().get(key)
    head, buttons = st.columns([4, 1], vertical_alignment="center")
    with head:
        st.subheader(literal(name(run.config)), anchor=False)
    with buttons:
        _buttons(run)
    _where(run)
    left, right = st.columns([1, 1], gap="large")
    with left:
        history = run.history
        st.plotly_chart(
            figures.loss_curve(history, epochs=run.config.epochs), key="loss", height=330, config={"displayModeBar": False}
        )
    with right:
        _images(run)
    if history:
        _numbers(run)
    if not run.is_live:
        _afterwards(run)
        if st.session_state.get("watched_live") == key:  # it ended just now: one full rerun, and the timer is gone
            st.session_state["watched_live"] = ""
            st.rerun()
    else:
        st.session_state["watched_live"] = key


def _buttons(run: Run) -> None:
    if run.state == "running":
        st.button(
            "Stop after this batch", icon=":material/stop:", key="stop", on_click=_act, args=("stop", run.key), width="stretch"
        )
    elif run.state == "queued":
        st.button(
            "Leave the queue", icon=":material/close:", key="stop", on_click=_act, args=("stop", run.key), width="stretch"
        )
    elif run.state != "finished":
        label = "Go on" if run.has_checkpoint else "Try again"
        st.button(label, icon=":material/play_arrow:", key="resume", on_click=_act, args=("resume", run.key), width="stretch")


def _act(what: str, key: str) -> None:
    try:
        getattr(queue(), what)(key)
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


def _where(run: Run) -> None:
    """One line and a bar: what is happening, and how far it is."""
    at, share = run.record.at, 0.0
    if at is not None:
        share = min(1.0, at.done)
    if run.state == "queued":
        words = f"Waiting, number {queue().places().get(run.key, 1)} in the queue"
    elif run.state == "running" and at is not None and run.record.step == "training":
        words = f"Epoch {at.epoch} of {at.epochs} · {number(at.images_per_second)} images/s · {seconds(at.remaining)} left"
    elif run.state == "running":
        words = literal(run.record.step.capitalize() or "Starting")
    elif run.state == "finished":
        words = "Finished" + (f" after {seconds(at.seconds)} of training" if at else "")
    elif run.state == "interrupted":
        words = "Interrupted: its process was killed, perhaps for want of memory. It can go on from its last epoch"
    else:
        words = run.state.capitalize() + (f": {literal(run.record.error, 400)}" if run.record.error else "")
    if run.state in ("failed", "interrupted"):
        st.warning(words, icon=":material/warning:")
    st.progress(1.0 if run.state == "finished" else share, text="" if run.state in ("failed", "interrupted") else words)


def _images(run: Run) -> None:
    epochs = run.snapshots()
    if not epochs:
        st.caption("Test images and their reconstructions appear here after the first epoch.")
        return
    originals = run.evaluation().images[:IMAGES]
    newest = run.snapshot(epochs[-1]).reconstructions[: len(originals)]
    pairs([originals, newest], size=56, columns=8, alt="Test images above their reconstructions")
    st.caption(f"The first {len(originals)} test images above their reconstructions after epoch {epochs[-1]}")


def _numbers(run: Run) -> None:
    last = run.history[-1]
    pca = run.metrics.get("mse", {}).get("pca")
    baseline = f", PCA at the same size {number(pca)}" if pca is not None else ""
    kl = f" · KL {number(last.test['kl'])} nats per image" if "kl" in last.test else ""
    st.caption(
        f"Test MSE {number(last.test['mse'])} after epoch {last.epoch}{baseline}{kl} · measured on the first "
        f"{min(10_000, run.config.info.test):,} test images · seed {run.config.seed}"
    )


def _afterwards(run: Run) -> None:
    if run.is_trained:
        with st.container(horizontal=True):
            for page, label, icon in (
                ("latent_space", "See its latent space", "scatter_plot"), ("reconstruct", "See what comes back", "compare"),
                ("decode", "Decode", "tune"), ("interpolate", "Interpolate", "linear_scale"),
            ):  # fmt: skip
                st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params={"run": run.key})
    with st.expander("The same run elsewhere", icon=":material/terminal:"):
        st.code(command(run.config), language="shell")
