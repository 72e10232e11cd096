"""One unit switched off: what still comes back, what it costs, and which units cost most."""

from time import perf_counter

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import inspection
from autoencoder.analysis.inspection import Switch
from autoencoder.analysis.stages import Stage, stages
from autoencoder.formatting import duration, number
from autoencoder.runs import Run
from autoencoder.ui.components.messages import selected_rows
from autoencoder.ui.inspect.choices import (
    SPLIT,
    choose_image,
    choose_stage,
    from_there,
    measured_images,
)
from autoencoder.ui.inspect.measurements import is_measured, measure_once
from autoencoder.ui.inspect.network import network
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import labelled_rows
from autoencoder.ui.shared.shell import explained

VALUES = {"zero": "Zero", "mean": "Its mean"}
RANKED = 500  # test images, over which the cost of every unit is measured
MOST_UNITS = 256  # of a stage whose units are all measured
TABLED = 12
TIMEOUT = 2.0  # seconds that a visitor is made to wait unasked


@explained
def switch_off(run: Run, images: np.ndarray) -> None:
    """The choice of a unit, images with and without it, and the costs of all units of its stage."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        stage = choose_stage(stages(run.config)[:-1], key="off")
        unit = int(
            st.number_input("Unit", 0, stage.units - 1, key="unit", bind="query-params", width=140)
        )
        kind = st.segmented_control(
            "Its output becomes",
            VALUES,
            default="zero",
            required=True,
            format_func=VALUES.__getitem__,
            key="becomes",
            bind="query-params",
            help=(
                f"The mean of its output over the {SPLIT.format(len(measured_images(images)))}."
                " A feature map has one mean for each position"
            ),
        )
        first = choose_image(len(images), label="First test image", several=True)
    if len(stages(run.config)) == 2:
        st.caption("This network has no hidden layers. Its only units are the latent values.")
    values = _values(run, images, stage, kind)
    switch = Switch(stage, unit, values[unit])
    measured = measured_images(images)
    before = measure_once(
        run,
        ("error",),
        "Measuring the network",
        lambda notify: inspection.error(network(run), measured, measured),
    )
    timed = measure_once(
        run,
        ("error", stage.name, unit, kind),
        "Measuring the network without it",
        lambda notify: _timed_error(run, measured, switch),
    )
    _rows(run, images[from_there(first, len(images))], switch, before, timed["error"])
    replaced = "0" if kind == "zero" else "its mean"
    st.caption(
        f"The output of unit {unit} of {stage.name} is {replaced} for every image. MSE over the"
        f" {SPLIT.format(len(measured))}. Only your view changes; the run stays the same."
    )
    _most_costly(
        run, images[:RANKED], stage, kind, values, timed["seconds"] * RANKED / len(measured)
    )


def _timed_error(run: Run, images: np.ndarray, switch: Switch) -> dict[str, float]:
    """The "error" without the unit, and the "seconds" that it took to measure."""
    started = perf_counter()
    error = inspection.error(network(run), images, images, switch)
    return {"error": error, "seconds": perf_counter() - started}


def _rows(run: Run, shown: np.ndarray, switch: Switch, before: float, after: float) -> None:
    change = (
        "unchanged"
        if before == after
        else f"{'+' if after > before else '-'}{number(100 * abs(after / before - 1))}%"
    )
    without = f"Without unit {switch.unit}"
    labelled_rows(
        [
            ("Original", "", shown),
            (
                "Reconstruction",
                f"test MSE {number(before)}",
                inspection.reconstruct(network(run), shown),
            ),
            (
                without,
                f"test MSE {number(after)} ({change})",
                inspection.reconstruct(network(run), shown, switch),
            ),
        ],
        alt=(
            "Test images, their reconstructions, and their reconstructions without unit"
            f" {switch.unit} of {switch.stage.name}"
        ),
    )


def _values(run: Run, images: np.ndarray, stage: Stage, kind: str) -> np.ndarray:
    """What each unit gives when it is switched off: (U,) or (U, h, w)."""
    if kind == "zero":
        return np.zeros(stage.shape, np.float32)
    return measure_once(
        run,
        ("means", stage.name),
        "Measuring means",
        lambda notify: inspection.activations(network(run), measured_images(images), stage).mean(
            axis=0
        ),
    )


def _most_costly(
    run: Run, images: np.ndarray, stage: Stage, kind: str, values: np.ndarray, took: float
) -> None:
    """All units of the stage by what they cost: at once if that is quick, else when it is wanted
    for.
    """
    st.subheader(f"The most important units of {stage.name}", anchor=False)
    if stage.units > MOST_UNITS:
        st.caption(
            f"This measurement needs a layer with at most {MOST_UNITS} units. {stage.name}"
            f" has {stage.units:,}."
        )
        return
    what = ("costs", stage.name, kind)
    if not is_measured(run, what) and took * stage.units > TIMEOUT:
        wanted = st.button(
            f"Switch off each of the {stage.units} units in turn",
            icon=":material/query_stats:",
            key="measure",
            help=f"About {duration(took * stage.units)}. The result is kept for all visitors",
        )
        if not wanted:
            return
    base = measure_once(
        run,
        ("base",),
        "Measuring the network",
        lambda notify: inspection.error(network(run), images, images),
    )
    costs = measure_once(
        run,
        what,
        f"Switching off each of {stage.units} units in turn",
        lambda notify: inspection.costs(network(run), images, stage, values, notify=notify),
    )
    _ranking(run, stage, costs - base, base, len(images))
    st.caption(
        "Increase of the MSE if only this unit is switched off, over the"
        f" {SPLIT.format(len(images))}. With all units on, the MSE is {number(base)}."
        " Below 0, the network is better without the unit."
    )


def _ranking(run: Run, stage: Stage, rises: np.ndarray, base: float, count: int) -> None:
    """The greatest rises in a table whose rows choose the unit, and all of them as bars."""
    order = np.argsort(-rises, kind="stable")[:TABLED]
    rows = [
        {
            "Unit": int(unit),
            "MSE increase": number(rises[unit]),
            "Share": f"{rises[unit] / base:+.1%}",
        }
        for unit in order
    ]
    with st.container(horizontal=True, gap="large"):
        with st.container(width=330):
            st.dataframe(
                rows,
                hide_index=True,
                key="ranking",
                selection_mode="single-row",
                on_select=lambda: _pick([int(unit) for unit in order]),
                height=min(len(rows), TABLED) * 35 + 38,
            )
        with st.container():
            chart(
                figures.unit_bars(rises, title="Increase of the MSE", ranked=True),
                f"Increase of the MSE without each unit of {stage.name}",
                runs=[run],
                sample=f"the {SPLIT.format(count)}",
                key="rises",
                height=360,
            )


def _pick(units: list[int]) -> None:
    """The unit of the row that was chosen is the one switched off."""
    if rows := selected_rows(st.session_state["ranking"], len(units)):
        st.session_state["unit"] = units[rows[0]]
