"""Some images of each class as the network will see them, before the data set is added."""

from collections.abc import Sequence

import numpy as np

from autoencoder.config.adding import AddOptions
from autoencoder.data.adding.surveying import Survey, decoded_some

MOST = 20  # classes that are shown where nobody says which


def samples(
    survey: Survey, options: AddOptions, each: int = 5, classes: Sequence[int] = ()
) -> list[np.ndarray]:
    """Images of each class, (n, C, H, W) uint8, spread over the class's files; n is `each`, or
    fewer where a class has not so many that can be decoded.

    Args:
        survey: From `survey`.
        options: How the images are made alike.
        each: Images of a class.
        classes: Their indices; without any, the first MOST. Images without classes are class 0.

    Raises:
        DatasetError: The source cannot be read any more.
    """
    shape = survey.shape(options)
    chosen = list(classes) or range(min(MOST, max(1, len(survey.class_names))))
    wanted = sorted(index for label in chosen for index in _spread(survey, label, each))
    images: dict[int, list[np.ndarray]] = {label: [] for label in chosen}
    for decoded in decoded_some(survey.listing, wanted, shape, options.fit):
        if decoded.pixels is not None:
            images[int(survey.listing.labels[decoded.index])].append(decoded.pixels)
    return [np.array(images[label], np.uint8).reshape(-1, *shape) for label in chosen]


def _spread(survey: Survey, label: int, each: int) -> list[int]:
    """Indices of images of a class, from its first to its last."""
    indices = np.flatnonzero(survey.listing.labels == label)
    count = min(each, len(indices))
    return [int(indices[number * len(indices) // count]) for number in range(count)]
