"""What the points of a map are coloured by."""

import numpy as np

from autoencoder.errors import CorruptRunError
from autoencoder.runs import Clustering, Run
from autoencoder.ui.latent_space.component.component import Colours
from autoencoder.ui.shared.run_data import evaluation

ENDS = (
    2,
    98,
)  # percentiles of values that get the ends of the palette: a few strays would wash out the rest
LATER = (
    "Once the classes have been judged (below), also local density, k-means cluster and nearest"
    " other class."
)


def colourings(run: Run) -> dict[str, Colours]:
    """What there is to colour a run's test images by, by name, the usual first.

    The error is there once the run is finished, what comes with a judgement once there is one.
    """
    data, clustering = evaluation(run), _clustering(run)
    found = [Colours("class", "class", "Class")]
    if data.errors is not None:
        found.append(_sequential("error", "Reconstruction error", data.errors))
    if clustering is not None and len(clustering.clusters) == len(data.labels):
        found += _clustering_colourings(run, clustering)
    return {each.name: each for each in found}


def _clustering(run: Run) -> Clustering | None:
    try:
        return run.clustering()
    except CorruptRunError:  # it is made again
        return None


def _clustering_colourings(run: Run, clustering: Clustering) -> list[Colours]:
    clusters = [f"cluster {number}" for number in range(int(clustering.clusters.max()) + 1)]
    found = [
        _sequential("density", "Local density", np.log10(clustering.densities), log=True),
        Colours("cluster", "group", "k-means", clustering.clusters, clusters),
    ]
    if clustering.nearest_other.min() >= 0:
        found.append(
            Colours(
                "other", "group", "Nearest other class", clustering.nearest_other, run.class_names
            )
        )
    return found


def _sequential(name: str, title: str, values: np.ndarray, log: bool = False) -> Colours:
    low, high = np.percentile(values, ENDS)
    return Colours(name, "value", title, values, low=float(low), high=float(high), log=log)
