"""Do the classes cluster?

The clustering of a run's classes on a page: sentences, numbers, and which class is near which.
"""

import html
from collections.abc import Mapping

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis.clustering import (
    SPACES,
    ClusteringScores,
    Measure,
    differs,
    sentences,
)
from autoencoder.analysis.clustering.space import MOST_COMPONENTS
from autoencoder.analysis.projections.pca import is_randomised
from autoencoder.config.metrics import CLUSTERING_METRICS, Metric
from autoencoder.errors import AutoencoderError, CorruptRunError
from autoencoder.jobs import CLUSTERING
from autoencoder.jobs.clustering import too_few
from autoencoder.runs import CLUSTERS_WITHOUT_CLASSES, Clustering, Run, Task
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.read_only import train_again
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.shell import explained, queue, submitting
from autoencoder.ui.shared.styles import style_beside
from autoencoder.ui.shared.tasks import wait_for
from autoencoder.ui.shared.text import STATES, literal

WIDTHS = (
    560,
    620,
)  # CSS pixels of the table and of the matrix, which stands below it where both do not fit
TITLES = {"latents": "Latents", "pixels": "Pixels", "pca": "PCA"}
MATRICES = {"overlap": "Overlap of neighbours", "distances": "Distance between means"}
UNITS = {
    "overlap": (100, "Share, %", " %"),
    "distances": (1, "Standard<br>deviations", " standard deviations"),
}
DESCRIBED = {
    "overlap": (
        "For images of the class of the row: the share of their 10 nearest {} that"
        " belong to the class of the column"
    ),
    "distances": (
        "Distance between the means of two classes of {}, in standard deviations within"
        " the classes along the line between the two means. A smaller distance means"
        " more similar classes"
    ),
}
OFFER = (
    "The measurement shows whether images of one class have latents near each"
    " other. You get the result in words and in numbers with their spread, together"
    " with the numbers for pixels and for PCA."
)
OFFER_WITHOUT_CLASSES = (
    f"The measurement puts the latents into {CLUSTERS_WITHOUT_CLASSES} clusters by k-means and"
    " finds how dense they are around each image. You can then colour the map by both."
)
STYLE = style_beside(__file__)


@st.fragment
@explained
def clustering(run: Run) -> None:
    """Say in words and numbers how the classes of the run's test images cluster; before that is
    known, offer to measure it.
    """
    st.subheader("Do the classes cluster?" if run.has_classes else "Clusters", anchor=False)
    if not run.has_classes:
        st.caption(
            "These images do not have two classes or more, so the page cannot say whether classes"
            " cluster, and shows no table of classes."
        )
    if note := too_few(len(evaluation(run).labels)):
        st.info(f"{note[:1].upper()}{note[1:]}.", icon=":material/straighten:")
        return
    measured = _found(run)
    if measured is None:
        _offer(run)
        return
    answer = [
        run.config.objective_spec.about_maps,
        *sentences(measured.scores, run.class_names if run.is_labelled else ()),
    ]
    cells = "".join(f"<p>{html.escape(words)}</p>" for words in answer if words)
    st.html(f'{STYLE}<div class="clustering">{cells}</div>')
    with st.container(horizontal=True, gap="large"):
        with st.container(width=WIDTHS[0]):
            _table(run, measured.scores)
        if len(measured.scores.classes) > 1:
            with st.container(width=WIDTHS[1]):
                _matrix(run, measured.scores)


def _found(run: Run) -> Clustering | None:
    try:
        return run.clustering()
    except CorruptRunError:  # it is measured again
        return None


def _offer(run: Run) -> None:
    """A button that starts the measuring, its progress, or why it cannot be measured now."""
    if run.is_live:
        st.info(
            "The latents change during training. You can measure them after the training.",
            icon=":material/hourglass:",
        )
    elif run.state != "finished":
        st.info(
            f"You can measure finished runs only. This training is {STATES[run.state]}.",
            icon=":material/hourglass:",
        )
    elif run.is_read_only:
        train_again(run)
    else:
        st.markdown(OFFER if run.has_classes else OFFER_WITHOUT_CLASSES)
        if Task(run.folder, CLUSTERING).glance() in ("", "finished"):
            st.button(
                "Measure", key="measure", icon=":material/straighten:", on_click=_start, args=(run,)
            )
        else:
            wait_for(
                run,
                CLUSTERING,
                "The measurement",
                f"By the run's seed {run.config.seed}",
            )


def _start(run: Run) -> None:
    try:
        with submitting():
            queue().submit_task(run.key, CLUSTERING)
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


def _table(run: Run, scores: ClusteringScores) -> None:
    """Every metric, in the latents and beside them."""
    heads = "".join(f'<th scope="col">{TITLES[space]}</th>' for space in SPACES)
    shown = [
        metric
        for metric in CLUSTERING_METRICS
        if run.has_classes or any(scores.metrics[metric].values())
    ]
    rows = "".join(_row(scores, metric) for metric in shown)
    st.html(
        f'{STYLE}<div class="clustering"><table><thead><tr><th scope="col">Higher is'
        f" better</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    st.caption(
        f"Mean ± standard deviation over five random halves of {scores.samples:,} test"
        " images; for k-NN over bootstrap samples. Bold: the best mean, if its lead is"
        " larger than twice the two spreads combined. PCA has as many components as the"
        f" latent vector has values.{_about_pixels(run, scores)}{_about_probe(scores)}"
    )


def _about_pixels(run: Run, scores: ClusteringScores) -> str:
    """How images with many pixels are measured."""
    pixels, count = run.config.shape.pixels, min(MOST_COMPONENTS, scores.samples)
    if not is_randomised(pixels):
        return ""
    return (
        f" Pixels: the first {count} principal components of the {pixels:,} numbers of an image,"
        " found by a randomised method."
    )


def _about_probe(scores: ClusteringScores) -> str:
    """Which classes the linear probe knows, where there are many."""
    if len(scores.largest) == len(scores.classes):
        return ""
    return f" The linear probe knows the {len(scores.largest)} largest classes only."


def _row(scores: ClusteringScores, metric: str) -> str:
    spec, used = CLUSTERING_METRICS[metric], f"{scores.used[metric]:,} images at a time"
    about = f"{spec.help[:1].upper()}{spec.help[1:]}; higher is better, 1 is best."
    about += f" Measured on {used}."
    measured = scores.metrics[metric]
    best = _best(measured)
    cells = "".join(f"<td>{_cell(measured[space], spec, space == best)}</td>" for space in SPACES)
    head = f'<th scope="row" title="{html.escape(about)}"><span>{spec.title}</span></th>'
    return f"<tr>{head}{cells}</tr>"


def _best(measured: Mapping[str, Measure | None]) -> str | None:
    """The space whose mean is ahead of all others by more than the spread, if one is."""
    known = {space: value for space, value in measured.items() if value is not None}
    best = max(known, key=lambda space: known[space].mean, default=None)
    ahead = best is not None and all(
        differs(known[best], value) for space, value in known.items() if space != best
    )
    return best if ahead and len(known) > 1 else None


def _cell(value: Measure | None, metric: Metric, best: bool) -> str:
    if value is None:
        return "not defined"
    mean, spread = f"{value.mean:{metric.digits}}", f"{value.spread:{metric.digits}}"
    return f"{f'<b>{mean}</b>' if best else mean} <small>± {spread}</small>"


def _matrix(run: Run, scores: ClusteringScores) -> None:
    """Which class is near which, with the controls to choose how that is measured, and where."""
    with st.container(horizontal=True, gap="medium"):
        kind = st.segmented_control(
            "Classes",
            MATRICES,
            default="overlap",
            required=True,
            format_func=MATRICES.__getitem__,
            key="matrix",
            bind="query-params",
        )
        space = st.segmented_control(
            "In",
            TITLES,
            default="latents",
            required=True,
            format_func=TITLES.__getitem__,
            key="matrix_in",
            bind="query-params",
        )
    table = np.array(getattr(scores, kind)[space], dtype=np.float64)  # None becomes NaN
    names = [run.class_names[scores.classes[place]] for place in scores.largest]
    factor, title, unit = UNITS[kind]
    figure = figures.class_matrix(factor * table, names, title, unit=unit)
    alt = f"{MATRICES[kind]} for all pairs of classes in {TITLES[space]}"
    chart(
        figure,
        alt,
        runs=[run],
        sample=run.images_in_words(scores.samples),
        key="class_matrix",
        height=460,
        config={"displayModeBar": False},
    )
    about = DESCRIBED[kind].format(
        {"latents": "latents", "pixels": "images", "pca": "latents of PCA"}[space]
    )
    some = (
        f", for the {len(names)} largest of {len(scores.classes):,} classes"
        if len(names) < len(scores.classes)
        else ""
    )
    st.caption(f"{about}{some}.")
