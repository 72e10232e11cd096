"""The labs on a page: five cards, each of which opens; a lab is done by a process of its own, and
ends in a report.
"""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from autoencoder import labs
from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.errors import AutoencoderError
from autoencoder.formatting import byte_size, rough_duration
from autoencoder.jobs.failures import reason
from autoencoder.labs import Lab, Report, Scale
from autoencoder.labs.estimate import LabEstimate, estimate, measure_next
from autoencoder.labs.job import task_of
from autoencoder.runs import Task
from autoencoder.ui.labs.report import lab_report
from autoencoder.ui.shared.dataset_titles import known_datasets, titles
from autoencoder.ui.shared.shell import explained, queue, submitting, tick
from autoencoder.ui.shared.tasks import record_of, show_progress
from autoencoder.ui.shared.text import literal, sentence

WIDTH = 360  # CSS pixels of a card: three in a row on a 1440-pixel screen, two on one of 800
ABOUT_WIDTH = 640  # of what stands beside the button that runs a lab, below it on a phone
OPEN = "lab"  # in the address: which one is open


def exercises() -> None:
    """All labs as cards, or the one in the address."""
    opened = st.query_params.get(OPEN)
    if opened in labs.LABS:
        _opened(labs.LABS[opened])
        return
    if opened is not None:
        st.warning(f"There is no lab {literal(opened, 40)}.", icon=":material/warning:")
    scale = _scale()
    with st.container(horizontal=True, gap="medium"):
        for lab in labs.LABS.values():
            _card(lab, scale)


def _scale() -> Scale:
    """The data set and how much of it; what it takes to fetch one that is not here yet."""
    infos = known_datasets()
    names, first = titles(infos), _answered(infos)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        dataset = st.selectbox(
            "Data set",
            list(infos),
            index=list(infos).index(first.dataset),
            format_func=lambda name: names[name],
            key="dataset",
            bind="query-params",
            width=200,
        )
        quick = st.toggle(
            "Quick",
            value=first.quick,
            key="quick",
            bind="query-params",
            help="Few epochs, and only a part of a large data set",
        )
    info = infos[dataset]
    if info.download and not (queue().settings.data / f"{dataset}.npz").is_file():
        st.caption(
            f":material/download: {info.title} is not on this machine yet. The first run"
            f" downloads {byte_size(info.download)} and keeps the files."
        )
    scale = _scale_of(dataset, info, quick)
    if scale.refusal:
        st.info(scale.refusal, icon=":material/info:")
    elif scale.needs_classes:
        st.caption(f"{scale.needs_classes} What a lab asks of classes is left out.")
    return scale


def _scale_of(dataset: str, info: DatasetInfo, quick: bool) -> Scale:
    return Scale(dataset, quick, added=None if dataset in DATASETS else info)


def _answered(infos: Mapping[str, DatasetInfo]) -> Scale:
    """How most labs have been done here, which is what the page opens with; of equals the first
    data set, and all of it before a part. The default where none has been done.
    """
    models = queue().settings.models

    def reports(scale: Scale) -> int:
        return sum(labs.exists(models, lab.report_name(scale)) for lab in labs.LABS.values())

    scales = [
        Scale(),
        *(_scale_of(name, info, quick) for name, info in infos.items() for quick in (False, True)),
    ]
    return max(scales, key=reports)


def _card(lab: Lab, scale: Scale) -> None:
    with st.container(border=True, width=WIDTH, height="stretch", key=f"card_{lab.name}"):
        st.markdown(f"**{lab.name}. {lab.title}**")
        st.markdown(lab.question)
        about = "" if scale.refusal else _minutes(estimate(queue(), lab, scale))
        st.caption(
            f"Trains: {lab.trains}"
            + (f" {about} on {literal(scale.info.title, 60)}." if about else "")
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Open",
                key=f"open_{lab.name}",
                icon=":material/science:",
                on_click=_open,
                args=(lab.name,),
            )
            st.caption(_state(lab, scale))


def _state(lab: Lab, scale: Scale) -> str:
    """Where it stands, in a few words."""
    state = _task(lab, scale).glance()
    if state in ("queued", "running"):
        return "waiting" if state == "queued" else "running"
    try:
        report = labs.read(queue().settings.models, lab.report_name(scale))
    except AutoencoderError:
        return "its report is damaged"
    if report is None:
        return "not done yet" if state in ("", "finished") else state
    held = sum(claim.holds is True for claim in report.claims)
    return f"done: {held} of {len(report.claims)} claims hold"


def _open(name: str) -> None:
    st.query_params[OPEN] = name


def _close() -> None:
    st.query_params.pop(OPEN, None)


def _opened(lab: Lab) -> None:
    """One lab: its question, its button or its progress, its report."""
    st.button("All labs", key="all_labs", icon=":material/arrow_back:", on_click=_close)
    st.header(f"{lab.name}. {lab.title}", anchor=False)
    st.markdown(lab.question)
    scale = _scale()
    name = lab.report_name(scale)
    report, damage = None, ""
    try:
        report = labs.read(queue().settings.models, name)
    except AutoencoderError as error:
        damage = str(error)
    if _task(lab, scale).glance() in ("queued", "running"):
        st.fragment(_progress, run_every=1.0)(lab, scale)
    else:
        _ended(lab, scale, damage)
        if not scale.refusal:
            _start(lab, scale, report)
    if report is not None:
        lab_report(name, report)


def _start(lab: Lab, scale: Scale, report: Report | None) -> None:
    words = "Run quickly" if scale.quick else "Run"
    kind: Literal["primary", "secondary"] = "secondary" if report else "primary"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            f"{words} again" if report else words,
            type=kind,
            key="run_lab",
            icon=":material/play_arrow:",
            on_click=_submit,
            args=(lab, scale),
        )
        with st.container(gap=None, width=ABOUT_WIDTH):
            st.caption(f"Trains: {lab.trains} Runs that are there are used.")
            _time(lab, scale)


def _minutes(known: LabEstimate) -> str:
    """About how long a lab takes from here; nothing while nobody knows."""
    return "" if known.seconds is None else f"About {rough_duration(known.seconds / 60)}"


def _time(lab: Lab, scale: Scale) -> None:
    """How long the lab takes on this machine; what is not known of that is measured now."""
    known = estimate(queue(), lab, scale)
    if known.unmeasured:
        st.fragment(_measure_time, run_every=1.0)(lab, scale)
    elif about := _minutes(known):
        there = known.trainings - known.left
        rest = f"; {there} of its {known.trainings} trainings are there" if there else ""
        st.caption(f":material/timer: {about} on this machine{rest}")
    else:
        st.caption(":material/timer: How long this takes could not be measured here")


@explained
def _measure_time(lab: Lab, scale: Scale) -> None:
    """Reruns alone until all is known, then asks for one full rerun."""
    tick()
    known = estimate(queue(), lab, scale)
    if not known.unmeasured:
        st.rerun()
    try:
        measure_next(queue(), known)
    except AutoencoderError as error:
        st.caption(f"How long this takes cannot be measured: {literal(str(error), 300)}")
        return
    done = known.shapes - len(known.unmeasured)
    st.caption(
        ":material/timer: Measuring how long this takes here:"
        f" {done} of {known.shapes} networks so far; trainings go first"
    )


def _ended(lab: Lab, scale: Scale, damage: str) -> None:
    """How the last try ended, if badly."""
    if damage:
        st.error(sentence(damage), icon=":material/error:")
    state, record = _task(lab, scale).glance(), record_of(_task(lab, scale))
    if state == "stopped":
        st.info("This lab was cancelled. Its finished runs are kept.", icon=":material/info:")
    elif state in ("failed", "interrupted"):
        words = literal(reason(record), 300)
        st.warning(f"This lab failed: {words}.", icon=":material/warning:")


def _submit(lab: Lab, scale: Scale) -> None:
    try:
        with submitting():
            queue().submit_job(_task(lab, scale))
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


@explained
def _progress(lab: Lab, scale: Scale) -> None:
    """Reruns alone while the lab is under way, then asks for one full rerun."""
    tick()
    state, record = _task(lab, scale).glance(), record_of(_task(lab, scale))
    if state not in ("queued", "running"):
        st.rerun()
    step = record.step[:1].upper() + record.step[1:] or "Starting"
    waits = state == "queued" and not _task(lab, scale).is_starting()
    show_progress("Waiting for another lab to end" if waits else step, record)
    st.caption("You can leave this page.")
    st.button(
        "Cancel", key="cancel_lab", icon=":material/close:", on_click=_cancel, args=(lab, scale)
    )


def _cancel(lab: Lab, scale: Scale) -> None:
    queue().stop_job(_task(lab, scale))


def _task(lab: Lab, scale: Scale) -> Task:
    return task_of(queue().settings.models, lab, scale)
