"""Objectives, losses and noises by name, the parts of a loss, and the options of an objective.

The functions of these names stand in training/objectives.py, training/losses.py and
networks/corruption.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autoencoder.config.options import Choice, Need, option


@dataclass(frozen=True)
class LossPart:
    """A number that an objective gives for a batch.

    Attributes:
        title: What it is called on pages.
        help: What it measures, with its unit: the text on the chart's axis.
        unit: Short, behind a printed number; without one the number is not printed.
    """

    title: str
    help: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class ObjectiveSpec(Choice):
    """What is asked of a network.

    Attributes:
        parts: Parts of the loss beside the reconstruction, by the names that the function returns.
        is_variational: Whether the encoder gives a distribution (mu, log_var) instead of a point.
        is_noisy: Whether its reconstructions differ from those of the trained network at work, so
            that their error has to be measured once more without noise.
        has_neighbours: Whether it is given a similar image beside each image.
        about_maps: What must be known of it to read a map of latents; empty if nothing.
    """

    parts: Mapping[str, LossPart] = field(default_factory=dict)
    is_variational: bool = False
    is_noisy: bool = True
    has_neighbours: bool = False
    about_maps: str = ""


OBJECTIVES: dict[str, ObjectiveSpec] = {
    "plain": ObjectiveSpec(
        title="plain", help="receives an image and must reconstruct it", is_noisy=False
    ),
    "denoising": ObjectiveSpec(
        title="denoising",
        help="receives a noisy image and must reconstruct the clean one",
        options=("noise", "noise_level"),
    ),
    "variational": ObjectiveSpec(
        title="variational",
        help=(
            "encodes each image as a normal distribution (the posterior); the KL term keeps"
            " it near the standard normal distribution (the prior)"
        ),
        options=("beta", "kl_warmup"),
        needs=(
            Need(
                "latent_activation",
                "none",
                "latent_activation must be none with objective variational, because the means"
                " of its posteriors may have any value",
            ),
        ),
        parts={"kl": LossPart("KL", "KL, nats per image", "nats per image")},
        is_variational=True,
    ),
    "neighbours": ObjectiveSpec(
        title="neighbour-preserving",
        help=(
            "reconstructs each image and keeps similar images near each other in the latent"
            " space, without labels (parametric UMAP)"
        ),
        options=(
            *("neighbour_weight", "neighbour_decay"),
            *("neighbours", "neighbour_space", "neighbour_warp"),
        ),
        parts={"neighbours": LossPart("Neighbours", "Neighbour loss, nats per image", "nats")},
        is_noisy=False,
        has_neighbours=True,
        about_maps=(
            "This network was trained to keep similar images near each other, without labels."
            " Clusters are what it was asked for."
        ),
    ),
}

LOSS_PARTS: dict[str, LossPart] = {
    "mse": LossPart("MSE", "Squared error per pixel (MSE)"),
    "reconstruction": LossPart("Reconstruction", "Reconstruction loss per pixel"),
    **{name: part for spec in OBJECTIVES.values() for name, part in spec.parts.items()},
    "total": LossPart("Total", "Total loss per pixel"),
}


LOSSES: dict[str, Choice] = {
    "mse": Choice(title="mse", help="mean squared difference"),
    "bce": Choice(
        title="bce",
        help="binary cross-entropy; it reads pixels as probabilities",
        needs=(Need("output_activation", "sigmoid", "loss bce needs output_activation sigmoid"),),
    ),
    "l1": Choice(title="l1", help="mean absolute difference"),
}


@dataclass(frozen=True, kw_only=True)
class NoiseSpec(Choice):
    """A way to corrupt an image.

    Attributes:
        level: What noise_level measures: the text on a chart's axis.
    """

    level: str


NOISES: dict[str, NoiseSpec] = {
    "gaussian": NoiseSpec(
        title="Gaussian",
        help="adds random numbers from a normal distribution",
        level="Standard deviation of the noise, in units of the pixel range",
    ),
    "masking": NoiseSpec(
        title="Masking", help="sets pixels to 0", level="Share of pixels set to 0"
    ),
    "salt_and_pepper": NoiseSpec(
        title="Salt and pepper",
        help="sets pixels to 0 or 1 with equal probability",
        level="Share of pixels set to 0 or 1",
    ),
    "warp": NoiseSpec(
        title="Warp",
        help="shifts, rotates, stretches and slants the image",
        level="Largest shift of a corner, in halves of the side",
    ),
}


@dataclass(frozen=True)
class ObjectiveOptions:
    """What is minimised: the options of every objective, and the distance between images."""

    noise: str = option(
        "gaussian",
        "the noise that is put on the input of a denoiser",
        label="Kind of noise",
        group="Objective",
        choices=NOISES,
    )
    noise_level: float = option(
        0.3,
        "gaussian: standard deviation, in units of the pixel range; warp: largest shift"
        " of a corner, in halves of the side; other noises: share of changed pixels",
        label="Strength of noise",
        group="Objective",
        above=0.0,
        high=1.0,
    )
    beta: float = option(
        1.0,
        "weight of the KL term; the reconstruction term is summed over pixels",
        label="Beta",
        group="Objective",
        low=0.0,
        high=1e4,
    )
    kl_warmup: int = option(
        0,
        "number of epochs in which beta grows from 0 to its value",
        label="KL warm-up, epochs",
        group="Objective",
        low=0,
        high=10_000,
    )
    neighbour_weight: float = option(
        300.0,
        "weight of the neighbour loss; the reconstruction term is summed over pixels",
        label="Weight of neighbours",
        group="Objective",
        low=0.0,
        high=1e5,
    )
    neighbour_decay: float = option(
        0.0,
        "share of the weight that is taken away, little by little, in the second half of the"
        " training: reconstructions become better, and neighbours a little worse",
        label="Decay of that weight",
        group="Objective",
        low=0.0,
        high=1.0,
    )
    neighbours: int = option(
        15,
        "number of nearest training images that each image is kept near",
        label="Neighbours",
        group="Objective",
        low=1,
        high=200,
    )
    neighbour_space: str = option(
        "",
        "where the nearest images are found: if empty, by the first 50 principal components of"
        " their pixels; if the key of a finished run of the same images (a teacher), by the"
        " latents of that run",
        label="Space of neighbours",
        group="Objective",
        names_run=True,
        empty="pixels",
    )
    neighbour_warp: float = option(
        0.2,
        "shift, rotate, stretch and slant each neighbour, so that position and slant count"
        " less: largest shift of a corner, in halves of the side",
        label="Warp of neighbours",
        group="Objective",
        low=0.0,
        high=1.0,
    )
    loss: str = option(
        "bce",
        "distance between image and reconstruction",
        label="Loss",
        group="Objective",
        choices=LOSSES,
    )
