"""What the points of a map are coloured by."""

import numpy as np

from autoencoder.errors import CorruptRunError
from autoencoder.runs import Judgement, Run
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
    data, judgement = evaluation(run), _judgement(run)
    found = [Colours("class", "class", "Class")]
    if data.errors is not None:
        found.append(_sequential("error", "Reconstruction error", data.errors))
    if judgement is not None and len(judgement.clusters) == len(data.labels):
        found += _judged(run, judgement)
    return {each.name: each for each in found}


def _judgement(run: Run) -> Judgement | None:
    try:
        return run.judgement()
    except CorruptRunError:  # it is made again
        return None


def _judged(run: Run, judgement: Judgement) -> list[Colours]:
    clusters = [f"cluster {number}" for number in range(int(judgement.clusters.max()) + 1)]
    found = [
        _sequential("density", "Local density", np.log10(judgement.densities), log=True),
        Colours("cluster", "group", "k-means", judgement.clusters, clusters),
    ]
    if judgement.nearest_other.min() >= 0:
        found.append(
            Colours(
                "other", "group", "Nearest other class", judgement.nearest_other, run.class_names
            )
        )
    return found


def _sequential(name: str, title: str, values: np.ndarray, log: bool = False) -> Colours:
    low, high = np.percentile(values, ENDS)
    return Colours(name, "value", title, values, low=float(low), high=float(high), log=log)
