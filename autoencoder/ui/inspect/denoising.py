"""Noise put on and taken off: test images through a run and others beside it, and their errors at
every level of noise.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import inspection, metrics
from autoencoder.config.objectives import NOISES
from autoencoder.figures import NoiseCurve
from autoencoder.formatting import number
from autoencoder.networks import inference
from autoencoder.progress import ProgressCallback
from autoencoder.runs import Run
from autoencoder.ui.inspect.choices import (
    OTHERS,
    SPLIT,
    choose_image,
    from_there,
    measured_images,
    short,
)
from autoencoder.ui.inspect.measurements import measure_once
from autoencoder.ui.inspect.network import network
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import labelled_rows
from autoencoder.ui.shared.other_runs import other_runs
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import literal

LEVELS = tuple(np.linspace(0, 1, 9).tolist())
USUAL = 0.3  # the level of a run that was trained without noise
MOST_SEED = 2**31 - 1


@explained
def denoising(run: Run, images: np.ndarray) -> None:
    """Noisy test images, what each run makes of them, the clean ones; and error against level."""
    trained = run.config.uses("noise")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = st.segmented_control(
            "Noise",
            list(NOISES),
            default=run.config.noise if trained else "gaussian",
            required=True,
            format_func=lambda name: NOISES[name].title,
            key="noise",
            bind="query-params",
        )
        level = st.slider(
            "Level",
            0.0,
            1.0,
            run.config.noise_level if trained else USUAL,
            0.05,
            key="level",
            bind="query-params",
            width=260,
            help=NOISES[kind].level,
        )
        seed = int(
            st.number_input("Seed", 0, MOST_SEED, key="noise_seed", bind="query-params", width=130)
        )
        first = choose_image(len(images), label="First test image", several=True)
    place = st.container()
    runs = [run, *other_runs(run, key=OTHERS)]
    with place:
        _rows(runs, images, from_there(first, len(images)), kind, level, seed)
    _curves(runs, measured_images(images), kind, level, seed)


def _rows(
    runs: Sequence[Run], images: np.ndarray, chosen: np.ndarray, kind: str, level: float, seed: int
) -> None:
    """The rows from noisy to clean, each with its error over more images than are shown."""
    shown, measured = (
        inference.corrupted(images[chosen], kind, level, seed),
        measured_images(images),
    )
    noisy = inference.corrupted(measured, kind, level, seed)
    untouched = float(metrics.squared_errors(metrics.to_unit(measured), noisy).mean())
    rows, errors = [("Noisy", f"MSE {number(untouched)}", shown)], []
    for run in runs:
        error = measure_once(
            run,
            ("noise", kind, level, seed),
            f"Denoising by {literal(short(run))}",
            partial(_error, run, noisy, measured),
        )
        errors.append(error)
        rows.append(
            (
                short(run),
                f"MSE {number(error)}",
                inspection.reconstruct(network(run), shown).clip(0, 1),
            )
        )
    labelled_rows(
        [*rows, ("Clean", "", images[chosen])], alt="Noisy test images, denoised ones, clean ones"
    )
    best = int(np.argmin(errors))
    than = (
        f"{number(100 * (1 - errors[best] / untouched))} % less"
        if errors[best] < untouched
        else "not less"
    )
    st.markdown(
        f"At this level, the noisy images have an MSE of {number(untouched)}. The reconstructions"
        f" by **{literal(short(runs[best]))}** have"
        f" {'the smallest MSE' if len(runs) > 1 else 'an MSE'} of **{number(errors[best])}**:"
        f" {than}."
    )
    st.caption(
        f"{NOISES[kind].title} noise, level {level:g}, noise seed {seed}. MSE against the clean"
        f" images, over the {SPLIT.format(len(measured))}."
    )


def _error(run: Run, noisy: np.ndarray, clean: np.ndarray, notify: ProgressCallback) -> float:
    return inspection.error(network(run), noisy, clean)


def _curves(runs: Sequence[Run], images: np.ndarray, kind: str, level: float, seed: int) -> None:
    st.subheader("Error by noise level", anchor=False)
    curves = [_curve(run, images, kind, seed) for run in runs]
    itself = measure_once(
        runs[0],
        ("noise itself", kind, seed),
        "Measuring the noise",
        lambda notify: [
            _untouched(images, inference.corrupted(images, kind, each, seed)) for each in LEVELS
        ],
    )
    figure = figures.noise_curves(
        curves, NoiseCurve("Noisy images", LEVELS, itself), axis=NOISES[kind].level, at=level
    )
    chart(
        figure,
        "Error by noise level",
        runs=runs,
        sample=f"the {SPLIT.format(len(images))} · noise seed {seed}",
        key="noise_curves",
        height=420,
    )
    marked = any(curve.trained_at is not None for curve in curves)
    st.caption(
        (
            f"MSE over the {SPLIT.format(len(images))}, with the same noise (noise seed"
            f" {seed}) for every run. "
        )
        + (
            "A diamond marks the noise level in the training of a run."
            if marked
            else "None of these runs was trained with this noise."
        )
    )


def _curve(run: Run, images: np.ndarray, kind: str, seed: int) -> NoiseCurve:
    """The errors of a run at all levels, and at the one it was trained with."""
    config = run.config
    trained_at = config.noise_level if config.uses("noise") and config.noise == kind else None
    levels = sorted({*LEVELS, *([] if trained_at is None else [trained_at])})

    def measure(notify: ProgressCallback) -> list[float]:
        errors = []
        for done, level in enumerate(levels, start=1):
            errors.append(
                inspection.error(
                    network(run), inference.corrupted(images, kind, level, seed), images
                )
            )
            notify("denoising", done / len(levels))
        return errors

    errors = measure_once(
        run,
        ("curve", kind, seed),
        f"Denoising at {len(levels)} levels by {literal(short(run))}",
        measure,
    )
    return NoiseCurve(short(run), levels, errors, trained_at)


def _untouched(images: np.ndarray, noisy: np.ndarray) -> float:
    return float(metrics.squared_errors(metrics.to_unit(images), noisy).mean())
