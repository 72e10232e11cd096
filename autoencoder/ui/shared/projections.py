"""Projections that a job computes, on a page: its progress is shown until they are there."""

import streamlit as st

from autoencoder.analysis.projections import Projection
from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import CorruptRunError
from autoencoder.runs import Run
from autoencoder.ui.shared.tasks import wait_for


def projected(run: Run, settings: ProjectionSettings) -> Projection:
    """The run's first test images, projected by UMAP or another method that takes a job.

    While the job computes, its progress is shown and the page ends here; it reruns by itself when
    the points are there. The page ends here too while the run is trained on, if it is its latents
    that are asked for and have not been projected.
    """
    projection = _read(run, settings)
    if projection is not None:
        return projection
    title = settings.spec.title
    wait_for_projection(run, settings, settings.name, title)
    st.stop()


def wait_for_projection(run: Run, settings: ProjectionSettings, task: str, title: str) -> None:
    """Show how far a task is that projects the run's test images, or that it is too early for it.

    `title` is what its result is called at the start of a sentence.
    """
    if run.is_live and settings.space == "latents":
        st.info(
            f"The latents change during training. {title} can compute a map of them after"
            " the training.",
            icon=":material/hourglass:",
        )
    else:
        of = " of pixels" if settings.space == "pixels" else ""
        wait_for(run, task, title, f"{title}{of}, {settings.in_words()}")


def _read(run: Run, settings: ProjectionSettings) -> Projection | None:
    try:
        return run.projection(settings)
    except CorruptRunError:  # it is computed again
        return None
