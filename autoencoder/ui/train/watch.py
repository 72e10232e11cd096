"""A training as it goes: state, progress, loss, map and images; reruns alone while the run lives,
then hands back.
"""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from autoencoder.config.objectives import LOSS_PARTS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError
from autoencoder.export.training_film import Frame, curve_of, film_bytes
from autoencoder.formatting import duration, number
from autoencoder.jobs.failures import KILLED
from autoencoder.networks.blueprint import blueprint_of, units_by_layer
from autoencoder.runs import Run, RunStore
from autoencoder.training.progress import Progress
from autoencoder.ui.shared.delete_button import delete_button
from autoencoder.ui.shared.run_titles import distinct_titles, titles_with_results
from autoencoder.ui.shared.shell import (
    CHOSEN,
    LIKE,
    STARTED,
    explained,
    queue,
    store,
    submitting,
    tick,
)
from autoencoder.ui.shared.text import literal, name, sentence
from autoencoder.ui.train.code_snippets import same_run_elsewhere
from autoencoder.ui.train.component.component import training_view
from autoencoder.ui.train.epoch_frames import epoch_frames, name_of
from autoencoder.ui.train.machine import log_lines, machine_lines, may_change

OVERLAP = 3  # frames sent again with new ones: a message followed by another at once may be lost
MAPS = {1: "latents by their class", 2: "latents"}  # what is drawn, by latent_dim
REPEATED = ("mse", "reconstruction", "total")  # parts of every loss: without others, two are alike
NEXT = (
    ("latent_space", "See the latent space", "scatter_plot"),
    ("reconstruct", "See reconstructions", "compare"),
    ("decode", "Decode", "tune"),
    ("interpolate", "Interpolate", "linear_scale"),
)


def start(config: RunConfig) -> str:
    """Ask for a training, to whose live view the page then scrolls, and whose run other pages then
    show; returns its key.

    Raises AutoencoderError.
    """
    with submitting():
        key = queue().submit(config).key
    st.session_state[STARTED] = st.session_state[CHOSEN] = key
    return key


@explained
def watch(key: str) -> None:
    """Everything about the training of run `key`."""
    run = store().get(key)
    st.session_state["sent"] = (name_of(run), 0)  # the page is drawn anew: so is the film
    st.fragment(_live, run_every=1.0 if may_change(run) else None)(key)
    if not run.is_live:
        _afterwards(run)


@explained
def _live(key: str) -> None:
    tick()
    run = store().get(key)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.subheader(literal(name(run.config)), anchor=False)
        _buttons(run)
    _where(run)
    machine_lines(run)
    history = run.history
    part, log, others = _controls(run, history)
    if history or run.is_live:
        _draw(run, history, part, log, others)
    if history:
        _numbers(run, history[-1])
    log_lines(run)
    if may_change(run):
        st.session_state["watched_live"] = key
    elif (
        st.session_state.pop("watched_live", "") == key
    ):  # it ended just now: one full rerun, and the timer is gone
        st.rerun()


def _controls(run: Run, history: Sequence[Progress]) -> tuple[str, bool, list[str]]:
    """Which loss, on which axis, beside which other runs."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        part = st.segmented_control(
            "Loss",
            charted(history),
            default="mse",
            required=True,
            format_func=lambda name: LOSS_PARTS[name].title,
            key="part",
            label_visibility="collapsed",
        )
        log = st.toggle("Logarithmic", key="log")
        with st.popover("Other runs' curves", icon=":material/ssid_chart:", type="tertiary"):
            titles = titles_with_results(
                [each for each in store().runs(60) if each.key != run.key and _history(each)]
            )
            chosen = st.multiselect(
                "Test curves to draw together with this run's curves",
                titles,
                format_func=lambda key: titles.get(key, key),
                key="overlay",
            )
    return str(part or "mse"), log, chosen


def charted(history: Sequence[Progress]) -> list[str]:
    """The parts of the loss that can be drawn: those of the history, but the total only where it
    is more than the reconstruction.
    """
    losses = history[-1].train if history else dict.fromkeys(REPEATED)
    parts = [name for name in LOSS_PARTS if name in losses]
    return parts if len(parts) > len(REPEATED) else parts[:-1]


def _draw(
    run: Run, history: Sequence[Progress], part: str, log: bool, others: Sequence[str]
) -> None:
    frames = epoch_frames(run)
    labels, originals = np.zeros(0, np.int64), np.zeros((0, *run.config.shape), np.uint8)
    if frames:
        data = run.evaluation()
        labels, originals = (
            data.labels[: len(frames[0].points)],
            data.images[: len(frames[0].reconstructions)],
        )
    curves = [curve_of("Training", "train", history, part), curve_of("Test", "test", history, part)]
    known = _known(store(), others)
    names = distinct_titles([run, *known])
    curves += [curve_of(names[other.key], "other", _history(other), part) for other in known]
    film = film_bytes(
        name_of(run),
        _unsent(name_of(run), frames),
        curves,
        labels=labels,
        class_names=run.class_names,
        originals=originals,
        axis=LOSS_PARTS[part].help,
        epochs=run.config.epochs,
        live=run.is_live,
        reveal=run.is_live and st.session_state.get(STARTED) == run.key,
        log=log,
    )
    training_view(film, key="training_view")


def _unsent(training: str, frames: Sequence[Frame]) -> list[Frame]:
    """What this visitor's browser may not have yet."""
    sent_of, sent = st.session_state.get("sent", ("", 0))
    new = [index for index, frame in enumerate(frames) if sent_of != training or frame.epoch > sent]
    if frames:
        st.session_state["sent"] = (training, frames[-1].epoch)
    return (
        list(frames[max(0, new[0] - (OVERLAP if sent else 0)) :])
        if new
        else list(frames[-OVERLAP:])
    )


def _history(run: Run) -> list[Progress]:
    """That of another run; empty if it cannot be read."""
    try:
        return run.history
    except AutoencoderError:
        return []


def _known(runs: RunStore, keys: Sequence[str]) -> list[Run]:
    known = []
    for key in keys:
        try:
            known.append(runs.get(key))
        except AutoencoderError:
            continue  # deleted since it was chosen
    return known


def _buttons(run: Run) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", width="content"):
        if run.state == "running":
            st.button(
                "Stop after this batch",
                icon=":material/stop:",
                key="stop",
                on_click=_act,
                args=(queue().stop, run.key),
            )
        elif run.state == "queued":
            st.button(
                "Leave the queue",
                icon=":material/close:",
                key="stop",
                on_click=_act,
                args=(queue().stop, run.key),
            )
        elif run.state != "finished" and not run.is_read_only:
            label = "Continue" if run.has_checkpoint else "Try again"
            st.button(
                label,
                icon=":material/play_arrow:",
                key="resume",
                on_click=_act,
                args=(queue().resume, run.key),
            )


def _act(act: Callable[[str], object], key: str) -> None:
    try:
        act(key)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")


def _like(key: str) -> None:
    st.query_params[LIKE] = key


def _where(run: Run) -> None:
    """One line and a bar: what is happening, and how far it is."""
    record, at = run.record, run.record.progress
    share = min(1.0, at.done) if at is not None else 0.0
    if run.state == "queued":
        place = queue().places().get(run.key)  # none while its process starts
        words = f"Waiting, place {place} in the queue" if place else "Starting"
    elif run.state == "running" and at is not None and record.step == "training":
        elapsed = f"{duration(at.seconds)} so far, {duration(at.remaining)} left"
        words = (
            f"Epoch {at.epoch} of {at.epochs} · {number(at.images_per_second)} images/s · {elapsed}"
            f"{_note(run)}"
        )
    elif run.state == "running":
        words, share = literal(record.step.capitalize() or "Starting", 200), record.share or share
    elif run.state == "finished":
        words, share = _finished(run), 1.0
    elif run.state == "interrupted":
        words = f"Interrupted: {KILLED}. You can continue it from its last epoch"
    else:
        words = run.state.capitalize() + (f": {literal(record.error, 400)}" if record.error else "")
    if run.state in ("failed", "interrupted"):
        st.warning(words, icon=":material/warning:")
    st.progress(share, text="" if run.state in ("failed", "interrupted") else words)


def _finished(run: Run) -> str:
    record = run.record
    took = f" after {duration(record.took)}" if record.took else ""
    predicted = (
        f" (predicted: {duration(record.predicted)})" if record.took and record.predicted else ""
    )
    return f"Finished{took}{predicted}{_note(run)}"


def _note(run: Run) -> str:
    return f" · {literal(run.record.note, 200)}" if run.record.note else ""


def _numbers(run: Run, last: Progress) -> None:
    pca = run.metrics.get("mse", {}).get("pca")
    baseline = f", PCA with the same bottleneck {number(pca)}" if pca is not None else ""
    parts = "".join(
        f" · {part.title} {number(last.test[name])} {part.unit}"
        for name, part in LOSS_PARTS.items()
        if part.unit and name in last.test
    )
    where = MAPS.get(run.config.latent_dim, "PCA of the latents")
    tested = f"the first {run.config.info.evaluated:,} test images"
    st.caption(
        f"Test MSE {number(last.test['mse'])} after epoch {last.epoch}{baseline}{parts}"
        f" · on {tested}{_dead(run, last)} · map: {where} · seed {run.config.seed}"
    )


def _dead(run: Run, last: Progress) -> str:
    """How many units are dead, those of all layers together; nothing in a run that does not say."""
    if not last.dead_units:
        return ""
    units = units_by_layer(blueprint_of(run.config))
    dead = ", ".join(
        f"{count:,} of {units.get(name, 0):,} in {literal(name)}"
        for name, count in last.dead_units.items()
        if count
    )
    return f" · dead units: {dead}" if dead else " · no dead units"


def _afterwards(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.is_trained:
            for page, label, icon in NEXT:
                st.page_link(
                    f"pages/{page}.py",
                    label=label,
                    icon=f":material/{icon}:",
                    query_params={"run": run.key},
                )
        st.button(
            "Change options and train again",
            icon=":material/edit:",
            type="tertiary",
            key="again",
            on_click=_like,
            args=(run.key,),
        )
        delete_button(run.key)
    same_run_elsewhere(run)
