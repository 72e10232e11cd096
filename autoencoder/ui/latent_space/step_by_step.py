"""A map that is watched while it forms: the steps of a projection, shown as soon as a job has made
them, and all of them afterwards.
"""

import streamlit as st

from autoencoder.analysis.projections import ProjectionSteps
from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import CorruptRunError
from autoencoder.runs import Run
from autoencoder.ui.latent_space.maps import may_start
from autoencoder.ui.latent_space.steps_view.component import steps_view
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.projections import wait_for_projection
from autoencoder.ui.shared.shell import explained, store

POLL = 0.4  # seconds between two looks at the steps that there are
OVERLAP = 3  # steps sent again with new ones: a message followed by another at once may be lost
SENT = "sent_steps"  # in the session state: the name of what is watched, and how many steps of it


@explained
def step_by_step(run: Run, settings: ProjectionSettings) -> None:
    """The map from its start to its end; a job that is not done yet computes it meanwhile."""
    st.markdown(f"**{settings.spec.step_by_step}**")
    is_done = run.has_steps(settings)
    if not (is_done or may_start(run, settings, settings.steps_name)):
        return
    st.session_state[SENT] = ("", 0)  # the page is drawn anew: so is the map
    st.fragment(_steps_so_far, run_every=None if is_done else POLL)(run.key, settings)
    if not is_done:
        wait_for_projection(run, settings, settings.steps_name, f"{settings.spec.title} in steps")


@explained
def _steps_so_far(key: str, settings: ProjectionSettings) -> None:
    run = store().get(key)
    steps = _read(run, settings)
    if steps is None:
        return
    name = f"{run.key}@{run.version[1]}/{settings.steps_name}"
    count = steps.points.shape[1]
    steps_view(
        name,
        _unsent(name, steps),
        labels=run_data.evaluation(run).labels[:count],
        class_names=run.class_names,
        live=not steps.is_complete,
        key="steps_view",
    )
    st.caption(
        f"The first {count:,} test images, {settings.in_words()}. The loss is UMAP's cross-entropy"
        " on the neighbour graph, with 5 drawn points for each edge, in nats per edge. The other"
        " views show the map by umap-learn, which is similar but not the same."
    )


def _read(run: Run, settings: ProjectionSettings) -> ProjectionSteps | None:
    try:
        return run.steps(settings)
    except CorruptRunError:  # they are computed again
        return None


def _unsent(name: str, steps: ProjectionSteps) -> ProjectionSteps:
    """The steps that this visitor's browser may not have yet, and a few before them; all where no
    more will come, for then nothing makes up for a message that was lost.
    """
    sent_of, sent = st.session_state.get(SENT, ("", 0))
    is_more = sent_of == name and not steps.is_complete
    first = max(0, sent - OVERLAP) if is_more else 0
    st.session_state[SENT] = (name, len(steps.epochs))
    return steps.since(first)
