"""Optimisers and learning-rate schedules by name, and the options of a training.

The functions of these names stand in training/optimisation.py.
"""

from dataclasses import dataclass

from autoencoder.config.options import Choice, option


@dataclass(frozen=True, kw_only=True)
class Optimizer(Choice):
    """An optimiser.

    Attributes:
        moments: Numbers that it keeps for each parameter.
    """

    moments: int


OPTIMIZERS: dict[str, Optimizer] = {
    "adam": Optimizer(title="adam", help="Adam", moments=2),
    "adamw": Optimizer(title="adamw", help="Adam with decoupled weight decay", moments=2),
    "sgd": Optimizer(title="sgd", help="gradient descent with momentum", moments=1),
    "rmsprop": Optimizer(title="rmsprop", help="RMSprop", moments=1),
}

SCHEDULES: dict[str, Choice] = {
    "constant": Choice(title="constant", help="the same learning rate in all steps"),
    "cosine": Choice(title="cosine", help="falls along a cosine"),
    "one_cycle": Choice(title="one cycle", help="rises, then falls along a cosine"),
}


@dataclass(frozen=True)
class TrainingOptions:
    """How the weights are found."""

    optimizer: str = option(
        "adamw",
        "optimiser",
        label="Optimiser",
        group="Training",
        choices=OPTIMIZERS,
    )
    learning_rate: float = option(
        3e-3,
        "largest learning rate of the schedule",
        label="Learning rate",
        group="Training",
        above=0.0,
        high=10.0,
        step=0.001,
    )
    schedule: str = option(
        "one_cycle",
        "learning rate over time",
        label="Schedule",
        group="Training",
        choices=SCHEDULES,
    )
    batch_size: int = option(
        128, "images per step", label="Batch size", group="Training", low=1, high=16_384
    )
    epochs: int = option(
        20, "number of passes over the training images", label="Epochs", low=1, high=10_000
    )
    patience: int = option(
        0,
        "stop after this number of epochs without a lower test loss; 0 never stops early",
        label="Patience, epochs (0: never stop early)",
        group="Training",
        low=0,
        high=10_000,
    )
    keep_best: bool = option(
        False,
        "keep the weights of the epoch with the lowest test loss",
        label="Keep best epoch",
        group="Training",
    )
    seed: int = option(
        0,
        "random seed of the weights, the order of the images and the noise",
        label="Seed",
        group="Training",
        low=0,
        high=2**31 - 1,
    )
