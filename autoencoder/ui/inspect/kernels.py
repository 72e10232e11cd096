"""The weights as pictures, where they meet pixels: sorted by norm, with how smooth they are;
elsewhere their norms.
"""

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis.kernels import Kernels, kernels
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.inspect.choices import OTHERS, choose_stage, described, short
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import signed_images
from autoencoder.ui.shared.other_runs import other_runs
from autoencoder.ui.shared.run_data import network
from autoencoder.ui.shared.run_titles import errors_of
from autoencoder.ui.shared.shell import explained

FEW = 4  # kernels that are drawn larger
MOST = 120  # kernels on the wall
ORDERS = {"largest": "Largest first", "smallest": "Smallest first"}


@explained
def kernel_walls(run: Run) -> None:
    """The kernels of a stage, and the roughness of the first and the last stage, beside other
    runs'.
    """
    layers = kernels(run.config, network(run).weights)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        stage = choose_stage([each.stage for each in layers], key="weights", label="Weights of")
        chosen = next(each for each in layers if each.stage == stage)
        order = st.segmented_control(
            "Norm",
            ORDERS,
            default="largest",
            required=True,
            format_func=ORDERS.__getitem__,
            key="norms_from",
            bind="query-params",
        )
        _to_switch(chosen)
    ranked = np.argsort(-chosen.norms if order == "largest" else chosen.norms, kind="stable")[:MOST]
    if chosen.maps is None:
        chart(
            figures.unit_bars(chosen.norms, title="Norm of the weights", ranked=True),
            f"Norms of the weights of {stage.name}",
            runs=[run],
            sample="weights",
            key="norms",
            height=380,
        )
        st.caption(
            f"{stage.name} ({described(stage)}) has no pixels at its input or output. Its weights"
            " cannot be shown as images. Each bar is the Euclidean norm of the weights into one"
            f" unit{_folded(chosen)}."
        )
    else:
        _wall(run, chosen, ranked)
    _roughness_beside(run, layers)


def _wall(run: Run, chosen: Kernels, ranked: np.ndarray) -> None:
    assert chosen.maps is not None
    captions = [f"{chosen.name(index)} · {number(chosen.norms[index])}" for index in ranked]
    signed_images(
        chosen.maps[ranked],
        size=168 if len(ranked) <= FEW else 56,
        columns=20 if len(ranked) > 32 else 16,
        captions=captions,
        alt=f"{len(ranked)} kernels of {chosen.stage.name}, sorted by norm",
    )
    left = len(chosen.norms) - len(ranked)
    more = f" {left:,} more kernels are not shown." if left else ""
    direction = "from the pixels to" if chosen.owner is chosen.stage else "to the pixels from"
    planes = (
        " The weights of red, green and blue are shown one above the other."
        if chosen.maps.shape[1] == 3
        else ""
    )
    st.caption(
        f"{chosen.stage.name} ({described(chosen.stage)}): the weights {direction} each unit of"
        f" {chosen.owner.name}{_folded(chosen)}. Under each kernel: the unit and the Euclidean norm"
        f" of its weights.{more}{planes}"
    )


def _folded(chosen: Kernels) -> str:
    return ", multiplied by the scale of the batch norm after them" if chosen.is_folded else ""


def _to_switch(chosen: Kernels) -> None:
    """A unit of the wall, and the way to what the network is without it."""
    unit = st.number_input("Unit", 0, chosen.owner.units - 1, key="kernel_unit", width=140)
    query = {
        **st.query_params.to_dict(),
        "view": "Switch off",
        "off": chosen.owner.name,
        "unit": str(unit),
    }
    st.page_link(
        "pages/inspect.py",
        label="Switch this unit off",
        icon=":material/power_settings_new:",
        query_params=query,
    )


def _roughness_beside(run: Run, of_run: list[Kernels]) -> None:
    st.subheader("How smooth are the kernels?", anchor=False)
    others = other_runs(run, key=OTHERS)
    rows = []
    for each in [run, *others]:
        layers = of_run if each is run else kernels(each.config, network(each).weights)
        mse = errors_of(each).get("run", float("nan"))
        rows.append(
            {
                "Run": short(each),
                "First layer": number(layers[0].roughness),
                "Last layer": number(layers[-1].roughness),
                "Test MSE": number(mse),
            }
        )
    st.dataframe(rows, hide_index=True, width="content", key="roughness")
    st.caption(
        "Roughness is the mean squared difference of neighbouring weights, divided by"
        " the mean squared weight, over all kernels of a layer. Lower is smoother. It"
        " is 0 if all weights of a kernel are equal, and 2 if the weights are"
        " independent of each other."
    )
