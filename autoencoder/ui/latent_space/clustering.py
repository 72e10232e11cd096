"""Do the classes cluster?

A run's verdict on a page: what it says, its numbers, and which class is near which.
"""

import html
from collections.abc import Mapping

import numpy as np
import streamlit as st

from autoencoder import figures
from autoencoder.analysis.clustering import (
    METRICS,
    SPACES,
    ClusteringScores,
    Measure,
    differs,
    sentences,
)
from autoencoder.errors import AutoencoderError, CorruptRunError
from autoencoder.jobs import CLUSTERING
from autoencoder.runs import Clustering, Run, Task
from autoencoder.ui.shared.shell import explained, queue
from autoencoder.ui.shared.tasks import wait_for
from autoencoder.ui.shared.text import STATES, literal

MOST_CLASSES = 50  # in the matrix; the largest ones, where there are more
WIDTHS = (
    560,
    620,
)  # CSS pixels of the table and of the matrix, which stands below it where both do not fit
TITLES = {"codes": "Codes", "pixels": "Pixels", "pca": "PCA"}
MATRICES = {"overlap": "Overlap of neighbours", "distances": "Distance of means"}
ABOUT = {
    "silhouette": (
        "Silhouette",
        "How much nearer an image is to its own class than to the next one, from -1 to 1",
    ),
    "knn_1": ("1-NN accuracy", "Share of images whose nearest other image is of their class"),
    "knn_10": (
        "10-NN accuracy",
        "Share of images whose 10 nearest others are mostly of their class",
    ),
    "kmeans_ari": (
        "k-means, ARI",
        "Agreement of classes and clusters found without labels: adjusted Rand index, 0 is chance",
    ),
    "kmeans_nmi": (
        "k-means, NMI",
        "Agreement of classes and clusters found without labels: normalised mutual information",
    ),
    "linear_probe": (
        "Linear probe",
        "Accuracy of a linear classifier on images it was not fitted to",
    ),
    "trustworthiness": (
        "Trustworthiness in 2-D",
        "Whether neighbours on a flat map by PCA are neighbours in truth",
    ),
    "continuity": (
        "Continuity in 2-D",
        "Whether neighbours in truth are neighbours on a flat map by PCA",
    ),
}
UNITS = {
    "overlap": (100, "Share, %", " %"),
    "distances": (1, "Standard<br>deviations", " standard deviations"),
}
DESCRIBED = {
    "overlap": "Of the 10 nearest {} of a row's class, the share that are of a column's class",
    "distances": (
        "How far apart the means of two classes of {} are, in standard deviations within classes"
        " along the line that joins them: the less, the more alike"
    ),
}
STYLE = """<style>
.verdict p { font-size: 1.15rem; line-height: 1.5; max-width: 78ch; margin: 0 0 0.5rem; }
.verdict table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.verdict th, .verdict td { padding: 0.3rem 0.5rem; text-align: right; white-space: nowrap;
  font-weight: 400;
  border-bottom: 1px solid #8080804d; }
.verdict thead th { font-weight: 600; }
.verdict th:first-child { text-align: left; padding-left: 0; }
.verdict th[title] span { text-decoration: underline dotted; text-underline-offset: 0.2em;
  cursor: help; }
.verdict small { opacity: 0.75; font-size: 0.8em; }
.verdict b { font-weight: 700; }
</style>"""


@st.fragment
@explained
def clustering(run: Run) -> None:
    """Say in words and numbers how the classes of the run's test images cluster; before that is
    known, offer to measure it.
    """
    st.subheader("Do the classes cluster?", anchor=False)
    measured = _found(run)
    if measured is None:
        _offer(run)
        return
    told = "".join(
        f"<p>{html.escape(words)}</p>" for words in sentences(measured.scores, run.class_names)
    )
    st.html(f'{STYLE}<div class="verdict">{told}</div>')
    with st.container(horizontal=True, gap="large"):
        with st.container(width=WIDTHS[0]):
            _table(run, measured.scores)
        if len(measured.scores.classes) > 1:
            with st.container(width=WIDTHS[1]):
                _matrix(run, measured.scores)


def _found(run: Run) -> Clustering | None:
    try:
        return run.clustering()
    except CorruptRunError:  # it is judged again
        return None


def _offer(run: Run) -> None:
    """A button that starts the measuring, its progress, or why it cannot be measured now."""
    if run.is_live:
        st.info(
            "Its latents change until the training ends: they can be judged after that.",
            icon=":material/hourglass:",
        )
    elif run.state != "finished":
        st.info(
            f"The training is {STATES[run.state]}: a finished run can be judged.",
            icon=":material/hourglass:",
        )
    else:
        st.markdown(
            "Whether images of one class got latents near each other: in words and in numbers with"
            " their spread, beside those of pixels and of PCA."
        )
        if Task(run.folder, CLUSTERING).glance() in ("", "finished"):
            st.button(
                "Measure", key="measure", icon=":material/straighten:", on_click=_start, args=(run,)
            )
        else:
            wait_for(
                run,
                CLUSTERING,
                "The verdict",
                f"Usually under a minute · by the run's seed {run.config.seed}",
            )


def _start(run: Run) -> None:
    try:
        queue().submit_task(run.key, CLUSTERING)
    except AutoencoderError as error:
        st.toast(literal(str(error), 300), icon=":material/error:")


def _table(run: Run, scores: ClusteringScores) -> None:
    """Every metric, in the latents and beside them."""
    heads = "".join(f'<th scope="col">{TITLES[space]}</th>' for space in SPACES)
    rows = "".join(_row(scores, metric) for metric in METRICS)
    st.html(
        f'{STYLE}<div class="verdict"><table><thead><tr><th scope="col">Higher is'
        f" better</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    st.caption(
        f"{scores.samples:,} test images · mean ± standard deviation over five random halves of"
        " them, for k-NN over a bootstrap; bold where the best is ahead by more than twice the two"
        " spreads combined · PCA with as many numbers per image as the latents · latent_dim"
        f" {run.config.latent_dim} · run's seed {scores.seed}"
    )


def _row(scores: ClusteringScores, metric: str) -> str:
    name, about = ABOUT[metric]
    about += f"; 1 is best, higher is better. Measured on {scores.used[metric]:,} images at a time."
    measured = scores.metrics[metric]
    best = _best(measured)
    cells = "".join(f"<td>{_cell(measured[space], space == best)}</td>" for space in SPACES)
    return f'<tr><th scope="row" title="{html.escape(about)}"><span>{name}</span></th>{cells}</tr>'


def _best(measured: Mapping[str, Measure | None]) -> str | None:
    """The space whose mean is ahead of all others by more than the spread, if one is."""
    known = {space: value for space, value in measured.items() if value is not None}
    best = max(known, key=lambda space: known[space].mean, default=None)
    ahead = best is not None and all(
        differs(known[best], value) for space, value in known.items() if space != best
    )
    return best if ahead and len(known) > 1 else None


def _cell(value: Measure | None, best: bool) -> str:
    if value is None:
        return "not defined"
    mean = f"<b>{value.mean:.3f}</b>" if best else f"{value.mean:.3f}"
    return f"{mean} <small>± {value.spread:.3f}</small>"


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
            default="codes",
            required=True,
            format_func=TITLES.__getitem__,
            key="matrix_in",
            bind="query-params",
        )
    table = np.array(getattr(scores, kind)[space], dtype=np.float64)  # None becomes NaN
    shown = np.sort(np.argsort(-np.array(scores.counts), kind="stable")[:MOST_CLASSES])
    names = [run.class_names[scores.classes[place]] for place in shown]
    values, (factor, title, unit) = table[np.ix_(shown, shown)], UNITS[kind]
    figure = figures.class_matrix(factor * values, names, title, unit=unit)
    alt = f"{MATRICES[kind]} of every two classes in {TITLES[space]}"
    st.plotly_chart(
        figure, key="class_matrix", height=460, config={"displayModeBar": False}, alt=alt
    )
    about = DESCRIBED[kind].format(
        {"codes": "codes", "pixels": "images", "pca": "codes of PCA"}[space]
    )
    some = (
        f" · the {len(shown)} largest of {len(table):,} classes" if len(shown) < len(table) else ""
    )
    st.caption(f"{about} · {scores.samples:,} test images{some} · run's seed {scores.seed}")
