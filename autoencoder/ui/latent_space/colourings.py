"""The values that points of a map are coloured by, one function for each name in
`config/colourings.py`.

N = test images.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autoencoder.config.colourings import COLOURINGS, Colouring
from autoencoder.errors import CorruptRunError
from autoencoder.jobs.clustering import too_few
from autoencoder.runs import Clustering, Evaluation, Run
from autoencoder.ui.latent_space.component.component import Colours
from autoencoder.ui.shared.run_data import evaluation

# percentiles of values that get the ends of the palette: a few strays would wash out the rest
ENDS = (2, 98)
NEEDED = "clustering"


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a run's test images.

    Attributes:
        data: Images, labels, and errors once the run is finished.
        clustering: Of these images; None before the clustering was measured.
    """

    run: Run
    data: Evaluation
    clustering: Clustering | None

    def has(self, needs: str) -> bool:
        """Whether what a colouring needs is there."""
        there = {"errors": self.data.errors, "clustering": self.clustering}
        return not needs or there[needs] is not None


@dataclass(frozen=True, eq=False)
class Values:
    """Numbers (N,), or of groups their index in `names`; no values for the classes themselves."""

    values: np.ndarray | None = None
    names: Sequence[str] = ()


def own_class(known: Known) -> Values:
    """The colours of the classes, which the browser has."""
    return Values()


def reconstruction_error(known: Known) -> Values:
    """The mean squared error of each image."""
    return Values(known.data.errors)


def local_density(known: Known) -> Values:
    """How crowded it is around each latent, as a logarithm to base 10."""
    assert known.clustering is not None
    return Values(np.log10(known.clustering.densities))


def kmeans_cluster(known: Known) -> Values:
    """The cluster that k-means puts each latent into."""
    assert known.clustering is not None
    clusters = known.clustering.clusters
    return Values(clusters, [f"cluster {number}" for number in range(int(clusters.max()) + 1)])


def nearest_other_class(known: Known) -> Values | None:
    """The class of the nearest latent of another class; None where there is one class."""
    assert known.clustering is not None
    classes = known.clustering.nearest_other
    return Values(classes, known.run.class_names) if classes.min() >= 0 else None


FUNCTIONS: dict[str, Callable[[Known], Values | None]] = {
    "class": own_class,
    "error": reconstruction_error,
    "density": local_density,
    "cluster": kmeans_cluster,
    "other": nearest_other_class,
}


def colourings(run: Run) -> dict[str, Colours]:
    """What there is to colour a run's test images by, by name, the usual first; the one colour of
    all images where there is nothing else.
    """
    known = Known(run, evaluation(run), _clustering(run))
    offered = (name for name, each in _fitting(run).items() if known.has(each.needs))
    values = {name: FUNCTIONS[name](known) for name in offered} or {"class": Values()}
    return {name: _colours(name, each) for name, each in values.items() if each is not None}


def later(run: Run, choices: dict[str, Colours]) -> str | None:
    """What there will be to colour by once the clustering was measured; None if it is there."""
    titles = {name: each.title for name, each in _fitting(run).items() if each.needs == NEEDED}
    if titles.keys() & choices.keys() or too_few(len(evaluation(run).labels)):
        return None
    *first, last = (title[:1].lower() + title[1:] for title in titles.values())
    return (
        "Measure the clusters first (below on this page). Then you can also choose"
        f" {', '.join(first)} and {last}."
    )


def _fitting(run: Run) -> dict[str, Colouring]:
    """The colourings that a run with or without classes may have."""
    return {
        name: each for name, each in COLOURINGS.items() if run.has_classes or not each.needs_classes
    }


def _clustering(run: Run) -> Clustering | None:
    """That of the images there are now."""
    try:
        clustering = run.clustering()
    except CorruptRunError:  # it is made again
        return None
    if clustering is None or len(clustering.clusters) != len(evaluation(run).labels):
        return None
    return clustering


def _colours(name: str, each: Values) -> Colours:
    spec, values, (low, high) = COLOURINGS[name], each.values, (0.0, 0.0)
    if spec.kind == "value" and values is not None:
        low, high = map(float, np.percentile(values, ENDS))
    return Colours(name, spec.kind, spec.title, values, each.names, low, high, spec.log)
