"""The 10-NN accuracy of runs that have none yet, measured when a visitor asks for it: by the job
that measures how classes cluster, run after run.
"""

from collections.abc import Sequence

import streamlit as st

from autoencoder.analysis.clustering import FEWEST
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import CLUSTERING
from autoencoder.jobs.clustering import too_few
from autoencoder.jobs.failures import reason
from autoencoder.runs import Run, Task
from autoencoder.ui.compare.finished_runs import Compared, measuring_state
from autoencoder.ui.shared.shell import explained, queue, store, submitting, tick
from autoencoder.ui.shared.tasks import record_of, show_progress
from autoencoder.ui.shared.text import literal, sentence

UNDER_WAY = ("queued", "running")
BADLY_ENDED = ("failed", "interrupted")


def offer_measuring(runs: Sequence[Compared]) -> None:
    """A button that measures those of the runs that were not measured yet, or how far that is;
    nothing where all were measured.
    """
    unmeasured = [
        each.run
        for each in runs
        if each.facts.scores["knn_10"] is None
        and each.run.has_classes
        and not each.run.has_clustering()
        and not too_few(each.run.metrics.get("samples", FEWEST))
    ]
    if not unmeasured:
        return
    under_way = [run.key for run in unmeasured if measuring_state(run) in UNDER_WAY]
    if under_way:
        st.fragment(_progress, run_every=1.0)(under_way)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Measure",
            key="measure_accuracy",
            icon=":material/straighten:",
            on_click=_submit,
            args=([run.key for run in unmeasured],),
        )
        with st.container(width="stretch"):
            st.caption(_invitation(unmeasured))


def _invitation(unmeasured: Sequence[Run]) -> str:
    """What the button measures, and why it did not succeed before."""
    count = "1 run" if len(unmeasured) == 1 else f"{len(unmeasured)} runs"
    words = (
        f"The 10-NN accuracy of {count} is not measured yet. It usually takes less than"
        " a minute per run."
    )
    ended_badly = [run for run in unmeasured if measuring_state(run) in BADLY_ENDED]
    if ended_badly:
        why = reason(record_of(Task(ended_badly[0].folder, CLUSTERING)))
        words += f" The last measurement failed: {literal(why, 300)}."
    return words


def _submit(keys: Sequence[str]) -> None:
    try:
        with submitting():
            for key in keys:
                queue().submit_task(key, CLUSTERING)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")


@explained
def _progress(keys: Sequence[str]) -> None:
    """The live part; as soon as one run is measured the page is drawn anew, with its number."""
    tick()
    tasks = [Task(store().get(key).folder, CLUSTERING) for key in keys]
    waiting = [task for task in tasks if task.glance() in UNDER_WAY]
    if len(waiting) < len(tasks):
        st.rerun()
    records = [record_of(task) for task in waiting]
    current = next((record for record in records if record.state == "running"), records[0])
    count = "1 run" if len(keys) == 1 else f"{len(keys)} runs"
    step = current.step or "waiting for other work to end"
    show_progress(f"Measuring {count} · {step}", current)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.button(
            "Cancel",
            key="cancel_measuring",
            icon=":material/close:",
            on_click=_cancel,
            args=(keys,),
        )
        st.caption("You can leave this page.")


def _cancel(keys: Sequence[str]) -> None:
    for key in keys:
        explained(queue().stop)(key, CLUSTERING)
