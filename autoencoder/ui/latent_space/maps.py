"""Which projections of a run's test images are shown, and where they come from: at once, or from a
job that is started first.

Shapes: N = test images, K = 2 or 3 dimensions of a projection.
"""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import streamlit as st

from autoencoder.analysis.projections import Projection, project
from autoencoder.config.projections import (
    FEWEST_POINTS,
    MOST_POINTS,
    MOST_SEED,
    PROJECTIONS,
    SPACES,
    USUAL_POINTS,
    ProjectionMethod,
    ProjectionSettings,
)
from autoencoder.runs import Run, Task
from autoencoder.ui.shared import run_data
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.projections import projected
from autoencoder.ui.shared.shell import explained, queue, submitting

FEWEST_SHOWN = 100  # points that can be asked for
GOLDEN = 0.618034  # its multiples, less their whole part, are spread evenly over 0 to 1
ROW = 0.7  # height of the row of a class, of the distance between two
UNTOUCHED = ("", "finished")  # states of a task that is not under way and did not end badly
RULES = {option.name: option.metadata for option in fields(ProjectionSettings)}


def methods(run: Run) -> dict[str, ProjectionMethod]:
    """The methods for a run's latents, the usual one first."""
    latent_dim = run.config.latent_dim
    return {name: method for name, method in PROJECTIONS.items() if method.takes(latent_dim)}


def choose_settings(name: str, dimensions: int) -> ProjectionSettings:
    """The settings below "More", drawn here for the methods that have any."""
    method = PROJECTIONS[name]
    if method.is_exact:
        subject = method.subject or method.title
        st.caption(f"{subject} has no parameters. The map is always the same.")
        return ProjectionSettings.usual(name, dimensions)
    values: dict[str, Any] = {field: _slider(name, field) for field in method.parameters}
    points = st.slider(
        "Test images",
        FEWEST_SHOWN,
        MOST_POINTS,
        USUAL_POINTS,
        100,
        key="map_points",
        bind="query-params",
        help="The map shows the first test images.",
    )
    seed = st.number_input("Seed", 0, MOST_SEED, 0, key="map_seed", bind="query-params")
    usual = ProjectionSettings.usual(name, dimensions)
    return replace(usual, points=points, seed=seed, **values)


def _slider(method: str, field: str) -> float:
    parameter, rule = PROJECTIONS[method].parameters[field], RULES[field]
    kind = type(parameter.default)
    value = st.slider(
        parameter.label,
        kind(rule["low"]),
        kind(rule["high"]),
        parameter.default,
        rule["step"],
        key=f"{method}_{parameter.key}",
        bind="query-params",
        help=parameter.help,
    )
    return round(value, 2)


def beside_settings(settings: ProjectionSettings) -> ProjectionSettings:
    """The same for the pixels of the images."""
    if method := settings.spec.for_pixels:
        return ProjectionSettings.usual(method, settings.dimensions, "pixels")
    return replace(settings, space="pixels")


def is_there(run: Run, settings: ProjectionSettings) -> bool:
    """Whether the projection needs no job."""
    return settings.spec.is_exact or run.has_projection(settings)


@explained
def projection_of(run: Run, settings: ProjectionSettings) -> Projection | None:
    """The projection; None, said on the page, while there is none."""
    if not settings.spec.is_exact:
        return _from_job(run, settings)
    projection = _exact(run, settings)
    if projection.points.shape[1] > 1:
        return projection
    return _in_rows(projection, run_data.evaluation(run).labels)


@cached_per_run(max_entries=8, spinner="Looking for the principal components")
def _exact(run: Run, settings: ProjectionSettings) -> Projection:
    in_latents = settings.space == "latents"
    points = run_data.latents(run) if in_latents else run_data.evaluation(run).images
    return project(points, settings)


def _in_rows(projection: Projection, labels: np.ndarray) -> Projection:
    """Points (N, 1) with a second axis that keeps the classes apart."""
    height = labels + ROW * (np.arange(len(labels)) * GOLDEN % 1 - 0.5)
    points = np.column_stack([projection.points[:, 0], height])
    return replace(projection, points=points, axes=(*projection.axes, "class"), in_rows=True)


def _from_job(run: Run, settings: ProjectionSettings) -> Projection | None:
    """A finished projection. One under way, or with the usual parameters, ends the page with its
    progress: see `projected`.
    """
    if run.has_projection(settings) or may_start(run, settings, settings.name):
        return projected(run, settings)
    return None


def may_start(run: Run, settings: ProjectionSettings, task: str) -> bool:
    """Whether a task of that name may start by itself, or has been started. If not, the page says
    why, or offers to start it.
    """
    title, count = settings.spec.title, len(run_data.evaluation(run).images)
    if count < FEWEST_POINTS:
        st.info(
            f"{title} needs at least {FEWEST_POINTS} test images; this run has {count}.",
            icon=":material/scatter_plot:",
        )
        return False
    too_early = run.is_live and settings.space == "latents"  # which is said later
    touched = Task(run.folder, task).glance() not in UNTOUCHED
    if settings.is_usual or too_early or touched or run.is_read_only:
        return True
    _offer(run, settings, min(count, settings.points), task)
    return False


def _offer(run: Run, settings: ProjectionSettings, count: int, task: str) -> None:
    title = settings.spec.title
    with st.container(border=True):
        st.markdown(
            f"**{title}** of the {SPACES[settings.space]} of {count:,} test images in"
            f" {settings.dimensions} dimensions, {settings.in_words(every=True)}. This map"
            " is not computed yet."
        )
        st.button(
            f"Compute with {title}",
            key=f"lay_out_{settings.space}",
            type="primary",
            icon=":material/scatter_plot:",
            on_click=_submit,
            args=(run.key, task),
        )


@explained
def _submit(key: str, name: str) -> None:
    with submitting():
        queue().submit_task(key, name)
