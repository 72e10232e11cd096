"""The latent space on a page: which map, seen how, in which colours; and below it, what is selected
there.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autoencoder import figures
from autoencoder.analysis.projections import Projection
from autoencoder.config.projections import ProjectionSettings
from autoencoder.runs import Run
from autoencoder.ui.components.messages import selected_points
from autoencoder.ui.latent_space.colourings import colourings, later
from autoencoder.ui.latent_space.component.component import TITLES, Colours, linked_maps
from autoencoder.ui.latent_space.maps import (
    beside_settings,
    choose_settings,
    is_there,
    methods,
    projection_of,
)
from autoencoder.ui.latent_space.selected_images import selected_images
from autoencoder.ui.latent_space.selection import Selection, selection_of
from autoencoder.ui.latent_space.step_by_step import step_by_step
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.run_data import about_pca, evaluation
from autoencoder.ui.shared.shell import explained

VIEWS = {"explore": "Explore", "plotly": "Plotly", "space": "3-D", "steps": "Watch it form"}
MODES: tuple[Literal["points", "box", "lasso"], ...] = (
    "points",
    "box",
    "lasso",
)  # of Plotly's selection
EMPTY = {  # the words below a map on which nothing is selected
    "flat": (
        "Select images with a click, a box or a lasso. This place then shows these"
        " images and their nearest neighbours."
    ),
    "space": (
        "You can select images on the 2-D maps only. On the 3-D map, the selected"
        " images are the large points."
    ),
}
HEIGHT = 640  # CSS pixels of a Plotly chart


@explained
def latent_maps(run: Run) -> None:
    """The controls, the map or maps, and the selection.

    While a job lays out the first map, its progress ends the page.
    """
    settings, view, colour, beside = _controls(run)
    if view == "steps":
        return step_by_step(run, settings)
    first = projection_of(run, settings)
    if first is None:
        return
    pixels = beside_settings(settings)
    second = projection_of(run, pixels) if beside and is_there(run, pixels) else None
    projections = [first] if second is None else [first, second]
    kept = selection_of(run)
    if view == "explore":
        _explore(run, projections, colour, kept.indices, kept.placed)
    else:
        _charts(run, projections, colour)
    if beside and second is None:
        projection_of(run, pixels)


def _controls(run: Run) -> tuple[ProjectionSettings, str, Colours, bool]:
    choices, offered = colourings(run), methods(run)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = st.segmented_control(
            "Projection",
            offered,
            default=next(iter(offered)),
            required=True,
            format_func=lambda name: offered[name].title,
            key="method",
            bind="query-params",
        )
        offered_views = {"explore": True, "plotly": True, "space": run.config.latent_dim > 2}
        offered_views["steps"] = bool(offered[method].step_by_step)
        views = {name: VIEWS[name] for name, is_offered in offered_views.items() if is_offered}
        view = st.segmented_control(
            "View",
            views,
            default="explore",
            required=True,
            format_func=views.__getitem__,
            key="look",
            bind="query-params",
        )
        chosen = st.selectbox(
            "Colour",
            choices,
            format_func=lambda name: choices[name].title,
            key="colour",
            bind="query-params",
            width=200,
            help=later(run, choices),
            disabled=view == "steps",
        )
        beside = st.toggle(
            "Beside pixels",
            key="beside",
            bind="query-params",
            help="A second map of the same images, made from their pixels.",
            disabled=view == "steps",
        )
        with st.popover("More", icon=":material/tune:"):
            settings = choose_settings(method, 3 if view == "space" else 2)
    return settings, view, choices[chosen], beside


# ---- Explore ----


@st.fragment
def _explore(
    run: Run, projections: list[Projection], colour: Colours, start: np.ndarray, placed: int
) -> None:
    """`start` is from the last run of the whole page: a release, which reruns only this, changes
    nothing that is sent.
    """
    kept = selection_of(run)
    picture, chosen = _columns(len(projections))
    with picture:
        picked = linked_maps(
            run, projections, colour, selected=start, placed=placed, key=f"maps-{run.key}"
        )
        if picked is not None:
            kept.indices = picked
        _about(run, projections)
    with chosen:
        shown = len(projections[0].points)
        selected_images(run, kept.indices, shown, EMPTY["flat"], wide=len(projections) > 1)


def _columns(count: int) -> Sequence[DeltaGenerator]:
    """Places for the projections and for the selection: below where there are two projections."""
    return st.columns([13, 8], gap="large") if count == 1 else (st.container(), st.container())


def _about(run: Run, projections: list[Projection]) -> None:
    shown, total = len(projections[0].points), len(evaluation(run).labels)
    part = "" if shown == total else f"The map shows the first {shown:,} of {total:,} test images"
    # two have their own above them
    how = projections[0].about if len(projections) == 1 else ""
    if words := " · ".join(filter(None, [part, how])):
        st.caption(words)
    if any(each.settings.space == "pixels" for each in projections) and about_pca(run):
        st.caption(about_pca(run).strip())
    if note := run.config.objective_spec.about_maps:
        st.caption(note)


# ---- Plotly ----


@st.fragment
def _charts(run: Run, projections: list[Projection], colour: Colours) -> None:
    """One chart, or two with one selection: what is selected on either stands out on both."""
    kept = selection_of(run)
    keys = [f"chart-{run.key}-{each.settings.name}" for each in projections]
    for key in keys:
        _take(kept, key, len(evaluation(run).labels))
    flat = projections[0].settings.dimensions == 2
    above, below = _columns(len(projections))
    with above:
        columns = st.columns(len(projections))
        for projection, key, column in zip(projections, keys, columns, strict=True):
            with column:
                if len(projections) > 1:
                    title = TITLES[projection.settings.space]
                    st.markdown(f"**{title}** :gray[{projection.about}]")
                chart(
                    _figure(run, projection, colour, kept.indices),
                    f"Map: {TITLES[projection.settings.space]}",
                    runs=[run],
                    sample=f"{run.images_in_words(len(projection.points))} · {projection.about}",
                    key=key,
                    height=HEIGHT,
                    selection_mode=MODES,
                    on_select="rerun" if flat else "ignore",
                    config={"scrollZoom": True, "displaylogo": False},
                )
        _about(run, projections)
    with below:
        shown, hint = len(projections[0].points), EMPTY["flat" if flat else "space"]
        selected_images(run, kept.indices, shown, hint, wide=len(projections) > 1)


def _take(kept: Selection, key: str, count: int) -> None:
    """A selection on a chart counts when it is another than the chart's last one."""
    selected = selected_points(st.session_state.get(key), count)
    if selected is None:
        return
    if tuple(selected) != kept.seen.get(key, ()):
        kept.indices, kept.placed = np.array(selected, int), kept.placed + 1
    kept.seen[key] = tuple(selected)


def _figure(run: Run, projection: Projection, colour: Colours, indices: np.ndarray) -> Any:
    labels = evaluation(run).labels[: len(projection.points)]
    axes = projection.axis_names
    if len(axes) == 3:  # little room in space
        axes = tuple(name.partition(",")[0] for name in axes)
    looks: dict[str, Any] = {
        "axes": axes,
        "equal": not projection.in_rows,
        "selected": indices if len(indices) else None,
    }
    if colour.values is None:
        return figures.latent_scatter(projection.points, labels, run.class_names, **looks)
    values = colour.values[: len(labels)]
    notes = [f"class {run.class_names[label]}" for label in labels] if run.has_classes else []
    if colour.kind == "group":
        return figures.latent_scatter(
            projection.points, values, colour.names, legend=colour.title, notes=notes, **looks
        )
    title = f"log10 of {colour.title.lower()}" if colour.log else colour.title
    return figures.latent_values(
        projection.points,
        values,
        title=title,
        limits=(colour.low, colour.high),
        notes=notes,
        **looks,
    )
