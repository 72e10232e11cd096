"""What units do: the feature maps of one test image, and every unit over all test images, beside
other runs.
"""

from dataclasses import fields
from typing import Any

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import inspection
from autoencoder.analysis.inspection import EPSILON, NEAR_ZERO, StageSurvey
from autoencoder.analysis.inspection.survey import STILL
from autoencoder.analysis.stages import Stage, stages
from autoencoder.runs import Run
from autoencoder.ui.inspect.choices import (
    OTHERS,
    choose_image,
    choose_stage,
    described,
    short,
)
from autoencoder.ui.inspect.measurements import measure_once
from autoencoder.ui.inspect.network import network
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import image_stacks, signed_images
from autoencoder.ui.shared.other_runs import other_runs
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal

MOST_MAPS = 128
COLUMNS = {
    "Kind": st.column_config.TextColumn(width=170),
    "Active": st.column_config.NumberColumn(format="percent"),
    "Near zero": st.column_config.NumberColumn(format="percent"),
    "Near zero, not dead": st.column_config.NumberColumn(
        format="percent", help="Near zero, over the units that are not dead"
    ),
    "Hoyer": st.column_config.NumberColumn(format="%.3f"),
}


@explained
def activations(run: Run, images: np.ndarray) -> None:
    """The stage and the image that were chosen, then the survey of all stages over all of `images`
    (N, C, H, W).
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        stage = choose_stage(stages(run.config), key="layer")
        index = choose_image(len(images))
        before = st.toggle(
            "Before the activation",
            key="before",
            bind="query-params",
            disabled=stage.activation.is_identity,
            help="The output of the layer before its activation function",
        )
    _one_image(run, stage, index, before=before and not stage.activation.is_identity)
    st.subheader("Over all test images", anchor=False)
    surveys = survey_of(run)
    _spread(run, stage, surveys)
    others = other_runs(run, key=OTHERS)
    with st.container(horizontal=True, gap="large"):  # side by side where there is room
        for each in [run, *others]:
            with st.container(width="content"):
                _table(each, surveys if each is run else survey_of(each))
    st.caption(
        "A **dead** unit carries no information about any test image. After ReLU, a unit is dead if"
        f" its output is never above {EPSILON:g}. After another activation, a unit is dead if its"
        f" variance is at most {STILL:g} times the largest variance of the layer, or at most"
        f" {EPSILON**2:g}. **Active**: the share of images on which the absolute value of a unit is"
        f" above {EPSILON:g} at any position, mean over the units. **Near zero**: the share of"
        f" activations smaller than {NEAR_ZERO:.0%} of the root mean square of the layer."
        " **Hoyer**: the sparsity of the activations of an image, mean over the images. It is 0 if"
        " all activations are equal, and 1 if only one activation is not 0 (Hoyer 2004, formula"
        " below)."
    )


def survey_of(run: Run) -> list[StageSurvey]:
    """Every stage of a run's network over its test images, but for the output."""
    images = evaluation(run).images
    words = f"Measuring the units of {literal(short(run))} on {len(images):,} test images"
    surveys = measure_once(
        run,
        ("survey",),
        words,
        lambda notify: [
            _plain(each) for each in inspection.survey(network(run), images, notify=notify)
        ],
    )
    hidden = stages(run.config)[:-1]
    return [StageSurvey(stage, **each) for stage, each in zip(hidden, surveys, strict=True)]


def _plain(survey: StageSurvey) -> dict[str, Any]:
    """Everything but the stage, by its field's name."""
    return {
        field.name: getattr(survey, field.name) for field in fields(survey) if field.name != "stage"
    }


def _one_image(run: Run, stage: Stage, index: int, *, before: bool) -> None:
    image = evaluation(run).images[index][None]
    values = inspection.activations(network(run), image, stage, before=before)[0]
    with st.container(horizontal=True, gap="large"):
        with st.container(width=180):
            image_stacks(
                [image, inspection.reconstruct(network(run), image)],
                size=112,
                columns=1,
                alt="The image and its reconstruction",
            )
        with st.container():
            if values.ndim == 3:
                _maps(stage, values)
            else:
                title = "Before the activation" if before else "Activation"
                chart(
                    figures.unit_bars(values, title=title),
                    f"{title} in {stage.name}",
                    runs=[run],
                    sample=f"test image {index}",
                    key="units",
                    height=300,
                )
    kind = literal(run.class_names[evaluation(run).labels[index]])
    named = f"Test image {index} (class {kind})" if run.has_classes else f"Test image {index}"
    st.caption(
        f"{named}, its reconstruction, and its"
        f" {'values before the activation' if before else 'activations'} in {stage.name}:"
        f" {described(stage)}."
    )


def _maps(stage: Stage, values: np.ndarray) -> None:
    """The picture (U, h, w) of each unit, with its number; of the output one per channel."""
    size = 224 if stage.is_output else 56 if len(values) > 16 else 84
    shown = values[:MOST_MAPS]
    captions = [str(unit) for unit in range(len(shown))]
    signed_images(
        shown[:, None],
        size=size,
        columns=16 if len(shown) > 3 else len(shown) + 1,
        captions=captions,
        alt=f"{len(shown)} feature maps",
    )
    if len(values) > len(shown):
        st.caption(f"These are the first {MOST_MAPS} of {len(values):,} units.")


def _spread(run: Run, stage: Stage, surveys: list[StageSurvey]) -> None:
    """Each unit of the chosen stage in one figure, and its dead ones in words."""
    survey = next((each for each in surveys if each.stage == stage), None)
    if survey is None:
        st.caption("The units of the output are the pixels. Choose another layer to see its units.")
        return
    deviations = np.sqrt(survey.variances)
    figure = figures.unit_spread(survey.means, deviations, survey.active, survey.dead)
    chart(
        figure,
        f"The units of {stage.name}",
        runs=[run],
        sample=run.images_in_words(len(evaluation(run).images)),
        key="spread",
        height=340,
    )
    dead = np.flatnonzero(survey.dead)
    numbers = ", ".join(map(str, dead[:20])) + (", ..." if len(dead) > 20 else "")
    st.caption(f"The {stage.units:,} units of {stage.name}. Dead units: {numbers or 'none'}.")


def _table(run: Run, surveys: list[StageSurvey]) -> None:
    rows = [
        {
            "Layer": each.stage.name,
            "Kind": each.stage.kind_name,
            "Activation": each.stage.activation.title,
            "Units": each.stage.units,
            "Dead": int(each.dead.sum()),
            "Active": float(each.active.mean()),
            "Near zero": each.near_zero,
            "Near zero, not dead": (
                None if np.isnan(each.near_zero_living) else each.near_zero_living
            ),
            "Hoyer": None if np.isnan(each.hoyer) else each.hoyer,
        }
        for each in surveys
    ]
    st.markdown(f"**{literal(short(run))}**")
    st.dataframe(
        rows, hide_index=True, width="content", column_config=COLUMNS, key=f"survey_{run.key}"
    )
