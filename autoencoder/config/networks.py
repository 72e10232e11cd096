"""The networks and their activations by name, and the options that shape a network.

The functions of these names stand in networks/blueprint.py and networks/modules.py.
"""

from dataclasses import dataclass

from autoencoder.config.options import Choice, option

Widths = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkSpec(Choice):
    """A kind of encoder and decoder.

    Attributes:
        is_linear: Whether it has no activation between its layers.
        is_convolutional: Whether images pass through it as images, so that it matters to its speed
            in which order their numbers lie in memory.
    """

    is_linear: bool = False
    is_convolutional: bool = False


NETWORKS: dict[str, NetworkSpec] = {
    "linear": NetworkSpec(
        title="linear", help="one dense layer down, one dense layer up", is_linear=True
    ),
    "mlp": NetworkSpec(
        title="mlp",
        help="dense layers with activations between them",
        options=("hidden", "activation", "batch_norm", "dropout"),
    ),
    "conv": NetworkSpec(
        title="conv",
        help="convolutions that halve the image, then dense layers",
        options=("channels", "hidden", "activation", "batch_norm", "dropout"),
        is_convolutional=True,
    ),
}


@dataclass(frozen=True, kw_only=True)
class ActivationSpec(Choice):
    """A function that is applied to every number of a layer's output.

    Attributes:
        is_identity: Whether it changes nothing.
        is_rectifier: Whether it gives exactly 0 for every negative number.
        is_probability: Whether its values lie between 0 and 1.
    """

    is_identity: bool = False
    is_rectifier: bool = False
    is_probability: bool = False


ACTIVATIONS: dict[str, ActivationSpec] = {
    "none": ActivationSpec(title="none", help="no change", is_identity=True),
    "relu": ActivationSpec(title="ReLU", help="0 for negative numbers", is_rectifier=True),
    "leaky_relu": ActivationSpec(title="leaky ReLU", help="0.2 times each negative number"),
    "silu": ActivationSpec(title="SiLU", help="each number times its sigmoid: a smooth ReLU"),
    "sigmoid": ActivationSpec(title="sigmoid", help="between 0 and 1", is_probability=True),
    "tanh": ActivationSpec(title="tanh", help="between -1 and 1"),
}


def _some(*names: str) -> dict[str, ActivationSpec]:
    return {name: ACTIVATIONS[name] for name in names}


BETWEEN_LAYERS = {name: spec for name, spec in ACTIVATIONS.items() if not spec.is_identity}


@dataclass(frozen=True)
class NetworkOptions:
    """What a network looks like, beside its kind and its bottleneck."""

    channels: Widths = option(
        (32, 64),
        "channels after each halving convolution",
        label="Channels per convolution",
        group="Network",
        low=1,
        high=1024,
        shortest=1,
        longest=8,
    )
    hidden: Widths = option(
        (256,),
        "widths of the dense layers",
        label="Widths of dense layers",
        group="Network",
        low=1,
        high=8192,
        longest=8,
    )
    activation: str = option(
        "silu",
        "activation between layers",
        label="Activation",
        group="Network",
        choices=BETWEEN_LAYERS,
    )
    batch_norm: bool = option(
        True,
        "normalise every hidden layer over the batch",
        label="Batch norm",
        group="Network",
    )
    dropout: float = option(
        0.0,
        "share of hidden units that are dropped in training",
        label="Dropout",
        group="Network",
        low=0.0,
        high=0.9,
    )
    latent_activation: str = option(
        "none",
        "activation on the bottleneck",
        label="Activation of the bottleneck",
        group="Network",
        choices=_some("none", "relu", "sigmoid"),
    )
    output_activation: str = option(
        "sigmoid",
        "activation on the pixels",
        label="Activation of the output",
        group="Network",
        choices=_some("sigmoid", "none"),
    )
