"""Waiting for a job on a run: it is started once, its progress shown, and the page drawn
again when it is done.
"""

import contextlib
from datetime import UTC, datetime

import streamlit as st

from autoencoder.errors import AutoencoderError, RunBusyError
from autoencoder.formatting import duration
from autoencoder.jobs import registry
from autoencoder.jobs.durations import took_before
from autoencoder.jobs.failures import reason
from autoencoder.runs import Run, Task, TaskState
from autoencoder.runs.state import REQUESTED
from autoencoder.ui.shared.read_only import train_again
from autoencoder.ui.shared.shell import explained, queue, store, submitting, tick
from autoencoder.ui.shared.text import literal

ENOUGH = 0.1  # of the work that is done tells how long the rest takes


def wait_for(run: Run, name: str, title: str, about: str) -> None:
    """Show how far the task `name` of a run is, asking for it unless it ended badly before: a
    precomputation is then the visitor's, and no training cancels it.

    Args:
        run: The run whose result is not there yet.
        name: The task's name, such as "mixture".
        title: What the result is called at the start of a sentence.
        about: How it is made, in a few words; how long it took before is said beside it.

    A run of an earlier version gets nothing: the way to train it again is shown instead.
    """
    if run.is_read_only:
        return train_again(run)
    if _task(run, name).glance() in ("", *REQUESTED):
        _ask(run, name)
    st.fragment(_progress, run_every=1.0)(run, name, title, _took_before(run, name) + about)


@explained
def _ask(run: Run, name: str) -> None:
    """Ask for the task; while others are at the queue nothing happens: the page tries again."""
    with contextlib.suppress(RunBusyError):
        queue().submit_task(run.key, name, timeout=0)


def _took_before(run: Run, name: str) -> str:
    """How long it took other runs, or this one before; nothing if nobody knows."""
    seconds = took_before(store(), run, name)
    if seconds is None:
        return ""
    return f"Took about {duration(max(1.0, seconds))} before, for about as many images · "


@explained
def _progress(run: Run, name: str, title: str, about: str) -> None:
    tick()
    task = _task(run, name)
    if registry.is_done(task):
        st.rerun()
    if task.glance() == "":
        _ask(run, name)
    kind, state, record = name.partition("-")[0], task.glance() or "queued", record_of(task)
    if state in ("queued", "running"):
        words = (
            f"{title} waits for another {registry.kind_of(task).title} to end"
            if state == "queued" and not task.is_starting()
            else record.step[:1].upper() + record.step[1:] or "Starting"
        )
        show_progress(words, record)
        st.caption(f"{about} · you can leave this page")
        st.button(
            "Cancel",
            key=f"cancel_{kind}",
            icon=":material/close:",
            on_click=_stop,
            args=(run, name),
        )
    else:
        words = "was cancelled" if state == "stopped" else f"failed: {literal(reason(record), 300)}"
        st.warning(f"{title} {words}.", icon=":material/warning:")
        st.button(
            "Try again",
            key=f"retry_{kind}",
            icon=":material/refresh:",
            on_click=_again,
            args=(run, name),
        )


def _stop(run: Run, name: str) -> None:
    explained(queue().stop)(run.key, name)


def _again(run: Run, name: str) -> None:
    try:
        with submitting():
            queue().submit_task(run.key, name)
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


def _task(run: Run, name: str) -> Task:
    return Task(run.folder, name)


def record_of(task: Task) -> TaskState:
    """What the state file says; a failure without a reason if it cannot be read."""
    try:
        return task.read()
    except (OSError, ValueError):
        return TaskState("failed")


def show_progress(words: str, record: TaskState) -> None:
    """What is being done, for how long; how far that is, where it is known, and how long it may
    still take.
    """
    elapsed = _elapsed(record)
    text = f"{literal(words)} · {'some time' if elapsed is None else duration(elapsed)} so far"
    if record.state != "running" or not record.share:
        st.status(text, state="running")
        return
    if elapsed is not None and record.share > ENOUGH:
        text += f" · about {duration(elapsed * (1 - record.share) / record.share)} left"
    st.progress(record.share, text)


def _elapsed(record: TaskState) -> float | None:
    """Seconds since it was started, or put into the queue; None if nobody knows."""
    try:
        since = datetime.now(UTC) - datetime.fromisoformat(record.started or record.created)
    except (ValueError, TypeError):
        return None
    return max(since.total_seconds(), 0.0)
