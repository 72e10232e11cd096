"""Which runs are the best to look at: what a page opens on before a visitor has chosen, and the
order of the cards on the Runs page.
"""

import functools
import math
from collections.abc import Callable, Mapping, Sequence

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import Run
from autoencoder.ui.shared.run_titles import errors_of

MAP, RECONSTRUCTION = "map", "reconstruction"  # what a page shows of a run
FITS: Mapping[str, Callable[[int], bool]] = {  # whether a bottleneck of that size is good for it
    MAP: lambda latent_dim: latent_dim == 2,
    RECONSTRUCTION: lambda latent_dim: latent_dim > 2,
}
# Multiply-adds of a decoder that follows a drag in nearly every browser. Each finds out for itself
# whether it does (live_decoder.js): 100 million take 0.01 s here, 0.08 s in plain JavaScript.
LIVE = 100_000_000
SHARP = 28  # pixels, the shorter side of images on which more is seen than blocks
Rank = tuple[float, ...]


def best_first(runs: Sequence[Run], purpose: str) -> list[Run]:
    """The runs by `rank`; those of the same rank stay as they are."""
    mse = {run.key: errors_of(run).get("run", math.inf) for run in runs}
    return sorted(runs, key=lambda run: rank(run.config, mse[run.key], purpose))


def rank(config: RunConfig, mse: float, purpose: str) -> Rank:
    """The smaller, the better to look at: a sort key of a run.

    In this order: it is finished; its bottleneck fits the purpose; its decoder follows a drag in
    nearly every browser; its images are sharp; for a map, it was trained to keep neighbours; its
    error is low.

    Args:
        config: The run's.
        mse: Its test error; infinite until it is finished.
        purpose: MAP or RECONSTRUCTION.
    """
    keeps_neighbours = purpose == MAP and config.objective_spec.has_neighbours
    merits = (
        math.isfinite(mse),
        FITS[purpose](config.latent_dim),
        _decode_macs(config) <= LIVE,
        has_sharp_images(config),
        keeps_neighbours,
    )
    return (*(not merit for merit in merits), mse)


def has_sharp_images(config: RunConfig) -> bool:
    """Whether its images are at least as large as those of MNIST."""
    return min(config.shape.height, config.shape.width) >= SHARP


@functools.lru_cache(maxsize=20_000)
def _decode_macs(config: RunConfig) -> int:
    return blueprint_of(config).decode_macs
