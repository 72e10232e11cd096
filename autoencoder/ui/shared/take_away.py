"""The button "Take away" beside the run chooser, and what it opens: a run as a file."""

from pathlib import Path

import streamlit as st

from autoencoder.config.exports import EXPORTS, HOW_TO_INSTALL
from autoencoder.errors import AutoencoderError
from autoencoder.formatting import byte_size
from autoencoder.jobs.exporting import file_of, task_of
from autoencoder.jobs.failures import reason
from autoencoder.runs import Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.shell import explained, queue, submitting, tick
from autoencoder.ui.shared.tasks import record_of, show_progress
from autoencoder.ui.shared.text import literal, sentence


def take_away(run: Run) -> None:
    """The button; a run that has no weights yet has nothing to take away."""
    if run.is_trained and st.button(
        "Take away", icon=":material/download:", type="tertiary", key="take_away"
    ):
        _dialog(run)


@st.dialog("Take this run away", width="medium")
def _dialog(run: Run) -> None:
    _formats(run)


@st.fragment(run_every=1.0)  # a job that ends is seen
@explained
def _formats(run: Run) -> None:
    for name in EXPORTS:
        _format(run, name)


def _format(run: Run, name: str) -> None:
    """What a format is, how large, and the way to it: a button that makes it, progress, or the
    file.
    """
    from autoencoder.export.formats import missing_packages  # plotly and more: not for every page

    spec, missing = EXPORTS[name], missing_packages(name)
    with st.container(border=True):
        about, action = st.columns([3, 1], vertical_alignment="center")
        file = file_of(run, name)
        size = f"{byte_size(file.stat().st_size)}" if file.is_file() else _about(run, name)
        about.markdown(f"**{spec.title}** · {size}  \n{sentence(spec.help)}")
        if missing:
            about.caption(
                f"Needs {' and '.join(missing)}, which this server has not: `{HOW_TO_INSTALL}`"
            )
        elif file.is_file():
            with action:
                _download(run, name, file)
        elif _is_under_way(run, name):
            _progress(run, name)
        else:
            _failure(run, name)
            action.button(
                "Make",
                key=f"take_away_make_{name}",
                icon=":material/inventory_2:",
                on_click=_ask,
                args=(run, name),
                width="stretch",
            )


def _download(run: Run, name: str, file: Path) -> None:
    """With the bytes at hand: what is read only after a click would be lost if the dialog, which
    looks for ended jobs every second, were drawn anew at that instant.
    """
    try:
        content = file.read_bytes()
    except OSError:  # the run was just deleted
        return
    st.download_button(
        "Download",
        content,
        f"{run.key}{EXPORTS[name].ending}",
        "application/octet-stream",
        key=f"take_away_{name}",
        on_click="ignore",
        icon=":material/download:",
        type="primary",
        width="stretch",
    )


@cached_per_run(max_entries=200, copies=True)
def _about_bytes(run: Run, name: str) -> int:
    from autoencoder.export.formats import EXPORTERS

    return EXPORTERS[name].size(run)


def _about(run: Run, name: str) -> str:
    return f"about {byte_size(_about_bytes(run, name))}"


def _is_under_way(run: Run, name: str) -> bool:
    return task_of(queue().settings.models, run.key, name).glance() in ("queued", "running")


def _progress(run: Run, name: str) -> None:
    tick()
    task = task_of(queue().settings.models, run.key, name)
    record = record_of(task)
    waits = task.glance() == "queued" and not task.is_starting()
    step = record.step[:1].upper() + record.step[1:] or "Starting"
    show_progress("Waiting for another export to end" if waits else step, record)


def _failure(run: Run, name: str) -> None:
    task = task_of(queue().settings.models, run.key, name)
    if task.glance() == "failed":
        st.warning(f"It failed: {literal(reason(record_of(task)), 300)}", icon=":material/warning:")


def _ask(run: Run, name: str) -> None:
    try:
        with submitting():
            queue().submit_job(task_of(queue().settings.models, run.key, name))
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
