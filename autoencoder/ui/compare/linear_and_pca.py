"""Is a linear autoencoder PCA?

The gap between their errors, and how far their subspaces are turned against each other.
"""

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis import comparison
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.formatting import number
from autoencoder.runs import Run
from autoencoder.ui.compare.finished_runs import finished_runs, nothing_yet
from autoencoder.ui.compare.run_choice import choose
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.image_grid import image_stacks
from autoencoder.ui.shared.run_data import baseline, evaluation, reconstructions
from autoencoder.ui.shared.run_titles import titles_with_results
from autoencoder.ui.shared.shell import explained

DECODER = "decoder.0.weight"  # the only matrix of a linear network's decoder (P, D)
CLOSE = 2.0  # per cent of PCA's error
NARROW = 5.0  # degrees
SHOWN = 16  # test images


@explained
def compare_linear() -> None:
    """One linear run against PCA: the difference in words, the angles, and the same images
    through both.
    """
    runs = [each for each in finished_runs() if each.run.config.network_spec.is_linear]
    if not runs:
        nothing_yet(
            "There is no finished linear run yet. The preset “Lab E2: linear” trains one in"
            " seconds."
        )
        return
    runs.sort(key=lambda each: not is_linear(each.run.config))
    titles = titles_with_results([each.run for each in runs])
    key = choose("Linear run", titles, name="linear", start=runs[0].run.key)
    chosen = next(each for each in runs if each.run.key == key)
    angles = _angles(chosen.run)
    gap = 100 * (chosen.facts.mse / chosen.facts.pca - 1)
    st.markdown(gap_in_words(gap, angles, chosen.run.config))
    left, right = st.columns([2, 3], gap="large")
    with left:
        chart(
            figures.angle_bars(angles),
            "Angles between the subspaces of the run and of PCA",
            runs=[chosen.run],
            sample="weights",
            key="angles",
            height=380,
        )
    with right:
        indices = np.arange(min(SHOWN, len(evaluation(chosen.run).images)))
        originals = evaluation(chosen.run).images[indices]
        rows = [originals, reconstructions(chosen.run, indices), baseline(chosen.run, originals)]
        image_stacks(
            rows,
            size=56,
            columns=8,
            alt="Test images, their reconstructions by the linear autoencoder, and by PCA",
        )
        st.caption(
            "From top to bottom: original, linear autoencoder, PCA. The first"
            f" {len(indices)} test images."
        )
    st.caption(
        f"Test MSE {number(chosen.facts.mse)}; PCA with the same bottleneck"
        f" ({chosen.run.config.latent_dim}): {number(chosen.facts.pca)}. Bars: principal"
        " angles between the columns of the decoder and the components of PCA (Björck &"
        f" Golub 1973). Training seed {chosen.run.config.seed}."
    )


def is_linear(config: RunConfig) -> bool:
    """Whether there is no activation anywhere."""
    return (
        config.network_spec.is_linear
        and ACTIVATIONS[config.latent_activation].is_identity
        and ACTIVATIONS[config.output_activation].is_identity
    )


def gap_in_words(gap: float, angles: np.ndarray, config: RunConfig) -> str:
    """Whether the claim holds, in Markdown.

    Args:
        gap: How far the run's test error is above PCA's, in per cent of that.
        angles: Principal angles between the two subspaces, in degrees, ascending, (K,).
        config: Of the run.
    """
    error = f"its test error is {number(abs(gap))} % {'above' if gap >= 0 else 'below'} PCA's"
    angle = f"the largest principal angle is {number(angles[-1])}°"
    limits = f"(up to {CLOSE:g} % and {NARROW:g}° count as the same)"
    close, narrow = abs(gap) <= CLOSE, bool(angles[-1] <= NARROW)
    if close and narrow:
        return f"**This autoencoder is PCA**: {error}, and {angle} {limits}."
    if close:
        within = f"{int((angles <= NARROW).sum())} of {len(angles)} angles are within {NARROW:g}°"
        return (
            f"**As good as PCA, but with another subspace**: {error}, but {angle} {limits};"
            f" {within}. Its other directions carry almost the same variance as those of"
            " PCA."
        )
    if is_linear(config) and gap > 100 * comparison.MOST_EXCESS:
        return (
            f"**Not converged**: {error}, and {angle} {limits}. With more epochs it comes"
            " closer to PCA."
        )
    why = (
        "with more epochs it may come closer to PCA"
        if is_linear(config)
        else "it has activations, so it is not linear"
    )
    return f"**This autoencoder is not PCA**: {error}, and {angle} {limits}; {why}."


@cached_per_run(max_entries=50, spinner="Measuring the angles", copies=True)
def _angles(run: Run) -> np.ndarray:
    matrix = run.weights().get(DECODER)
    try:
        if matrix is None:
            raise ValueError(f"there is no {DECODER}")
        return comparison.angles(matrix, run.pca().components.T)
    except ValueError as error:
        raise CorruptRunError(f"the run {run.key} is damaged: {error}") from error
