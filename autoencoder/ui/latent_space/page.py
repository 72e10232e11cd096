"""The latent space on a page: which map, seen how, in which colours; and below it, what is selected
there.
"""

from typing import Any, Literal

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.runs import Run
from autoencoder.ui.latent_space.colourings import LATER, colourings
from autoencoder.ui.latent_space.component.component import Colours, Plan, linked_maps
from autoencoder.ui.latent_space.maps import (
    Request,
    is_there,
    latent_map,
    methods,
    pixel_map,
    request,
)
from autoencoder.ui.latent_space.selected_images import gallery
from autoencoder.ui.latent_space.selection import Selection, selection_of
from autoencoder.ui.shared.projections import Map
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.shell import explained

VIEWS = {"explore": "Explore", "plotly": "Plotly", "space": "3-D"}
TITLES = {"codes": "Latent space", "pixels": "Image space"}
MODES: tuple[Literal["points", "box", "lasso"], ...] = (
    "points",
    "box",
    "lasso",
)  # of Plotly's selection
EMPTY = {  # the words below a map on which nothing is selected
    "flat": (
        "Select images by click, box or lasso: they, their classes and their neighbours are shown"
        " here."
    ),
    "space": (
        "Plotly selects on flat maps only: what is selected there is large here, and shown here."
    ),
}
HEIGHT = 640  # CSS pixels of a Plotly chart


@explained
def latent_maps(run: Run) -> None:
    """The controls, the map or maps, and the selection.

    While a job lays out the first map, its progress ends the page.
    """
    asked, view, colour, beside = _controls(run)
    first = latent_map(run, asked)
    if first is None:
        return
    second = pixel_map(run, asked) if beside and is_there(run, asked) else None
    maps = {"codes": first} | ({} if second is None else {"pixels": second})
    kept = selection_of(run)
    if view == "explore":
        _explore(run, maps, colour, kept.indices, kept.placed)
    else:
        _charts(run, maps, colour, asked)
    if beside and second is None:
        pixel_map(run, asked)


def _controls(run: Run) -> tuple[Request, str, Colours, bool]:
    ways, views = (
        methods(run),
        {key: VIEWS[key] for key in VIEWS if key != "space" or run.config.latent_dim > 2},
    )
    choices = colourings(run)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = st.segmented_control(
            "Projection",
            ways,
            default=next(iter(ways)),
            required=True,
            format_func=ways.__getitem__,
            key="method",
            bind="query-params",
        )
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
            help=None if "cluster" in choices else LATER,
        )
        beside = st.toggle(
            "Beside pixels",
            key="beside",
            bind="query-params",
            help="The same images, laid out by their pixels.",
        )
        with st.popover("More", icon=":material/tune:"):
            asked = request(method, 3 if view == "space" else 2)
    return asked, view, choices[chosen], beside


# ---- Explore ----


@st.fragment
def _explore(
    run: Run, maps: dict[str, Map], colour: Colours, start: np.ndarray, placed: int
) -> None:
    """`start` is from the last run of the whole page: a release, which reruns only this, changes
    nothing that is sent.
    """
    kept = selection_of(run)
    picture, chosen = (
        st.columns([13, 8], gap="large") if len(maps) == 1 else (st.container(), st.container())
    )
    with picture:
        plans = [_plan(run, space, each) for space, each in maps.items()]
        picked = linked_maps(
            run, plans, colour, selected=start, placed=placed, key=f"maps-{run.key}"
        )
        if picked is not None:
            kept.indices = picked
        _about(run, maps)
    with chosen:
        gallery(run, kept.indices, len(maps["codes"].points), EMPTY["flat"], wide=len(maps) > 1)


def _plan(run: Run, space: str, each: Map) -> Plan:
    bare = each.axes[0].startswith(("UMAP", "t-SNE"))  # whose axes mean nothing
    line = each.axes[1] == "class"
    axes = ("", "") if bare else (each.axes[0], each.axes[1])
    return Plan(space, TITLES[space], each.about, each.points, axes, equal=not line)


def _about(run: Run, maps: dict[str, Map]) -> None:
    shown, total = len(maps["codes"].points), len(evaluation(run).labels)
    which = f"All {total:,}" if shown == total else f"The first {shown:,} of {total:,}"
    how = "".join(
        f" · {each.about}" for each in maps.values() if len(maps) == 1
    )  # two have their own above them
    st.caption(
        f"{which} test images{how} · latent_dim {run.config.latent_dim} · run's seed"
        f" {run.config.seed}"
    )


# ---- Plotly ----


@st.fragment
def _charts(run: Run, maps: dict[str, Map], colour: Colours, asked: Request) -> None:
    """One chart, or two with one selection: what is selected on either stands out on both."""
    kept = selection_of(run)
    keys = {space: f"chart-{run.key}-{space}-{asked}" for space in maps}
    for key in keys.values():
        _take(kept, key)
    flat = asked.dimensions == 2
    above, below = (
        st.columns([13, 8], gap="large") if len(maps) == 1 else (st.container(), st.container())
    )
    with above:
        for (space, each), column in zip(maps.items(), st.columns(len(maps)), strict=True):
            with column:
                if len(maps) > 1:
                    st.markdown(f"**{TITLES[space]}** :gray[{each.about}]")
                st.plotly_chart(
                    _figure(run, each, colour, kept.indices),
                    key=keys[space],
                    height=HEIGHT,
                    selection_mode=MODES,
                    on_select="rerun" if flat else "ignore",
                    config={"scrollZoom": True, "displaylogo": False},
                )
        _about(run, maps)
    with below:
        gallery(
            run,
            kept.indices,
            len(maps["codes"].points),
            EMPTY["flat" if flat else "space"],
            wide=len(maps) > 1,
        )


def _take(kept: Selection, key: str) -> None:
    """A selection on a chart counts when it is another than the chart's last one."""
    event = st.session_state.get(key)
    points = event["selection"]["points"] if event else []
    said = tuple(sorted({int(point["customdata"]) for point in points if "customdata" in point}))
    if said != kept.seen.get(key, ()):
        kept.indices, kept.placed = np.array(said, int), kept.placed + 1
    kept.seen[key] = said


def _figure(run: Run, each: Map, colour: Colours, indices: np.ndarray) -> Any:
    labels = evaluation(run).labels[: len(each.points)]
    axes = (
        each.axes if len(each.axes) == 2 else [name.partition(",")[0] for name in each.axes]
    )  # little room in space
    looks: dict[str, Any] = {
        "axes": axes,
        "equal": each.axes[1] != "class",
        "selected": indices if len(indices) else None,
    }
    if colour.values is None:
        return figures.latent_scatter(each.points, labels, run.class_names, **looks)
    values, notes = (
        colour.values[: len(labels)],
        [f"class {run.class_names[label]}" for label in labels],
    )
    if colour.kind == "group":
        return figures.latent_scatter(
            each.points, values, colour.names, legend=colour.title, notes=notes, **looks
        )
    title = f"log10 of {colour.title.lower()}" if colour.log else colour.title
    return figures.latent_values(
        each.points, values, title=title, limits=(colour.low, colour.high), notes=notes, **looks
    )
