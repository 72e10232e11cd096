"""What is known of a finished run in numbers, read once; and what runs are called where several
stand side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from autoencoder.analysis import metrics
from autoencoder.config.metrics import CLUSTERING_METRICS, COMPARED_METRICS
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import CLUSTERING
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import Clustering, DamagedRun, Run, Task
from autoencoder.runs.labels import read_label
from autoencoder.training.progress import Progress
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.run_titles import distinct_names, titled
from autoencoder.ui.shared.shell import store
from autoencoder.ui.shared.text import literal

ENDING = 8  # letters of a key that tell runs apart
# test images, up to which neighbours are looked for at once; of more only the clustering tells
FEW = 2_000
NEIGHBOURS = 10


@dataclass(frozen=True)
class Facts:
    """Numbers of a finished run.

    Attributes:
        scores: By name, each of COMPARED_METRICS; None where one is not known.
        pca: The test MSE of PCA at the same size.
        seconds, epochs: What the training took.
    """

    scores: Mapping[str, float | None]
    pca: float
    parameters: int
    seconds: float
    epochs: int

    @property
    def mse(self) -> float:
        """Of the test images."""
        mse = self.scores["mse"]
        assert mse is not None  # every finished run has one
        return mse

    @property
    def epoch_seconds(self) -> float:
        """Of one epoch, on average, testing included."""
        return self.seconds / self.epochs


@dataclass(frozen=True)
class Compared:
    """A finished run with its facts."""

    run: Run
    facts: Facts

    @property
    def ending(self) -> str:
        """The end of its key, which tells it apart in words and addresses."""
        return self.run.key[-ENDING:]


def measured_on(members: Sequence[Compared]) -> str:
    """The test images that their errors are means over, in words."""
    run = members[0].run
    if not all(each.run.config.same_images(run.config) for each in members):
        return "each run's test images"
    return run.images_in_words(run.config.info.evaluated)


def finished_runs() -> list[Compared]:
    """All finished runs that can be read, newest first; a caption names those that cannot."""
    readable, damaged = [], []
    for entry in store().entries():
        if isinstance(entry, DamagedRun):
            damaged.append(entry.key)
        elif entry.state == "finished":
            try:
                readable.append(Compared(entry, _facts(entry, measuring_state(entry))))
            except AutoencoderError:
                damaged.append(entry.key)
    if damaged:
        st.caption(f"Not shown, because they are damaged: {literal(', '.join(damaged), 300)}")
    return readable


def measuring_state(run: Run) -> str:
    """Of the job that measures how the run's classes cluster, such as "running"; "" if it was
    never asked for.
    """
    return Task(run.folder, CLUSTERING).glance()


@cached_per_run(max_entries=500, seconds=20, copies=True)  # a clustering may have come since
def _facts(run: Run, measuring: str) -> Facts:
    """What is known of a run; read again when the state of its measuring is another."""
    stored, history = run.metrics, history_of(run)
    mse = {"run": history[-1].test["mse"], "pca": float("nan")}
    table = {"mse": mse, **stored}
    clustering = run.clustering()
    scores = {name: _score(name, table, clustering) for name in COMPARED_METRICS}
    if scores["knn_10"] is None:
        scores["knn_10"] = _accuracy(run)
    return Facts(
        scores,
        table["mse"]["pca"],
        blueprint_of(run.config).parameters,
        history[-1].seconds,
        len(history),
    )


def _score(name: str, table: Mapping[str, Any], clustering: Clustering | None) -> float | None:
    """A metric of the run, as it was measured."""
    if name in CLUSTERING_METRICS:
        measured = clustering.scores.metrics[name]["latents"] if clustering else None
        return measured.mean if measured else None
    return table[name]["run"] if name in table else None


@cached_per_run(max_entries=500, copies=True)
def _accuracy(run: Run) -> float | None:
    """Between 0 and 1; None where there are too many images to look at while somebody waits, or too
    few.
    """
    if run.config.info.test > FEW or not run.has_classes:
        return None
    data = run.evaluation()
    if data.latents is None or len(data.latents) <= NEIGHBOURS:
        return None
    return metrics.neighbour_accuracy(data.latents, data.labels, k=NEIGHBOURS)


def history_of(run: Run) -> list[Progress]:
    """One Progress per epoch, at least one. Raises CorruptRunError."""
    if not (history := run.history) or "mse" not in history[-1].test:
        raise AutoencoderError(f"the run {run.key} has no test errors")
    return history


def labels(runs: Sequence[Compared]) -> list[str]:
    """What each of some runs is called beside the others: without its data set where all share
    one.
    """
    names = distinct_names({each.run.key: each.run.config for each in runs})
    shared = all(each.run.config.same_images(runs[0].run.config) for each in runs)
    shown = []
    for each in runs:
        dataset = f"{each.run.config.info.title}, " if shared else ""
        short = names[each.run.key].removeprefix(dataset)
        shown.append(titled(read_label(each.run.folder).title, short))
    return shown


def nothing_yet(words: str) -> None:
    """The empty state: what is missing, and where to get it."""
    st.info(words, icon=":material/inbox:")
    st.page_link("pages/train.py", label="Train one", icon=":material/play_arrow:")
