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
    """

    parts: Mapping[str, LossPart] = field(default_factory=dict)
    is_variational: bool = False
    is_noisy: bool = True


OBJECTIVES: dict[str, ObjectiveSpec] = {
    "plain": ObjectiveSpec(title="plain", help="sees an image and must return it", is_noisy=False),
    "denoising": ObjectiveSpec(
        title="denoising",
        help="sees a corrupted image and must return the clean one",
        options=("noise", "noise_level"),
    ),
    "variational": ObjectiveSpec(
        title="variational",
        help="encodes each image as a small cloud, held near a standard normal distribution by the"
        " KL term",
        options=("beta", "kl_warmup"),
        needs=(
            Need(
                "latent_activation",
                "none",
                "latent_activation must be none with objective variational, whose means may lie"
                " anywhere",
            ),
        ),
        parts={"kl": LossPart("KL", "KL, nats per image", "nats per image")},
        is_variational=True,
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
        help="binary cross-entropy: pixels are read as probabilities",
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
        help="adds normally distributed numbers",
        level="Standard deviation of the noise, in units of the pixel range",
    ),
    "masking": NoiseSpec(
        title="Masking", help="sets pixels to 0", level="Share of pixels set to 0"
    ),
    "salt_and_pepper": NoiseSpec(
        title="Salt and pepper",
        help="sets pixels to 0 or 1, evenly",
        level="Share of pixels set to 0 or 1",
    ),
    "warp": NoiseSpec(
        title="Warp",
        help="shifts, turns, stretches and slants the image",
        level="How far a corner may move, in halves of the side",
    ),
}


@dataclass(frozen=True)
class ObjectiveOptions:
    """What is minimised: the options of every objective, and the distance between images."""

    noise: str = option(
        "gaussian",
        "how a denoiser's input is corrupted",
        label="Kind of noise",
        group="Objective",
        choices=NOISES,
    )
    noise_level: float = option(
        0.3,
        "gaussian: standard deviation, in units of the pixel range; warp: how far a corner may"
        " move, in halves of the side; else: share of pixels hit",
        label="Strength of noise",
        group="Objective",
        above=0.0,
        high=1.0,
    )
    beta: float = option(
        1.0,
        "weight of the KL term against the summed reconstruction",
        label="Beta",
        group="Objective",
        low=0.0,
        high=1e4,
    )
    kl_warmup: int = option(
        0,
        "epochs over which beta grows from 0",
        label="KL warm-up, epochs",
        group="Objective",
        low=0,
        high=10_000,
    )
    loss: str = option(
        "bce",
        "distance between image and reconstruction",
        label="Loss",
        group="Objective",
        choices=LOSSES,
    )
