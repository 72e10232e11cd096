"""What data sets are called on pages: the built-in ones, then the added ones."""

from collections import Counter
from collections.abc import Iterable, Mapping

from autoencoder.config.datasets import DATASETS, DatasetInfo
from autoencoder.config.run_config import RunConfig
from autoencoder.data.added import catalogue
from autoencoder.ui.shared.shell import queue


def known_datasets() -> dict[str, DatasetInfo]:
    """Every data set that there is on this server, by its name."""
    return catalogue(queue().settings.data)


def titles(infos: Mapping[str, DatasetInfo]) -> dict[str, str]:
    """A title of its own for each name: two data sets with the same title also have their names."""
    counts = Counter(info.title for info in infos.values())
    return {
        name: info.title if counts[info.title] == 1 else f"{info.title} ({name})"
        for name, info in infos.items()
    }


def titles_of(configs: Iterable[RunConfig]) -> dict[str, str]:
    """The same for the data sets that runs are of, whether or not these are still there."""
    infos = {config.dataset: config.info for config in configs}
    names = [*(name for name in DATASETS if name in infos), *sorted(infos.keys() - DATASETS)]
    return titles({name: infos[name] for name in names})
