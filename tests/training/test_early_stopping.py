"""Early stopping: which epoch is remembered as the best, when patience ends, and what is put
back.
"""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autoencoder.config.run_config import RunConfig
from autoencoder.networks.modules import Autoencoder, build
from autoencoder.training.early_stopping import Best

CONFIG = RunConfig(dataset="digits", network="linear", epochs=10)
KEEPING = replace(CONFIG, keep_best=True)
PATIENT = replace(CONFIG, patience=3)


@pytest.fixture
def network() -> Autoencoder:
    """A network to be changed between epochs."""
    return build(CONFIG)


def painted(network: nn.Module, value: float) -> nn.Module:
    """The network with every weight set to `value`."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(value)
    return network


def values(tensors: dict[str, Tensor]) -> set[float]:
    """All different numbers in them."""
    return {float(number) for tensor in tensors.values() for number in tensor.unique()}


def seen(losses: list[float], network: nn.Module, config: RunConfig) -> Best:
    """A Best after one epoch for each loss; in epoch n every weight of the network is n."""
    best = Best()
    for epoch, loss in enumerate(losses, start=1):
        best.see(epoch, loss, painted(network, epoch), config)
    return best


@pytest.mark.parametrize(
    ("losses", "epoch", "loss"),
    [
        ([], 0, math.inf),
        ([3.0], 1, 3.0),
        ([3.0, 2.0, 2.5], 2, 2.0),
        ([3.0, 3.0], 1, 3.0),
        ([math.nan, 3.0, math.nan], 2, 3.0),
        ([math.nan], 0, math.inf),
        ([math.inf], 0, math.inf),
    ],
)
def test_the_best_epoch_is_the_first_with_the_least_loss(
    network: Autoencoder, losses: list[float], epoch: int, loss: float
) -> None:
    """Only a loss below all before it counts; an equal one, an infinite one or none at all does
    not.
    """
    best = seen(losses, network, CONFIG)

    assert (best.epoch, best.loss) == (epoch, loss)


def test_the_best_weights_are_kept_if_asked_for(network: Autoencoder) -> None:
    """Kept weights are a copy of the best epoch's, whatever the training does to the network
    afterwards.
    """
    best = seen([3.0, 2.0, 5.0], network, KEEPING)

    assert values(best.weights) == {2.0}
    assert set(best.weights) == set(network.state_dict())
    assert not any(tensor.requires_grad for tensor in best.weights.values())


def test_no_weights_are_kept_unless_asked_for(network: Autoencoder) -> None:
    """Without keep_best a better epoch is remembered by its number alone."""
    assert seen([3.0, 2.0], network, CONFIG).weights == {}


@pytest.mark.parametrize(("epoch", "hopeless"), [(2, False), (4, False), (5, True), (9, True)])
def test_patience_is_counted_from_the_best_epoch(epoch: int, hopeless: bool) -> None:
    """Three epochs without a better one after the second end a patience of three: the fifth, not
    the fourth.
    """
    assert Best(2, 1.0).is_hopeless(epoch, PATIENT) is hopeless


def test_without_patience_nothing_is_hopeless() -> None:
    """A patience of 0 never ends a training."""
    assert not Best(1, 1.0).is_hopeless(10_000, CONFIG)


@pytest.mark.parametrize(("epoch", "hopeless"), [(2, False), (3, True)])
def test_patience_ends_where_no_epoch_was_ever_good(epoch: int, hopeless: bool) -> None:
    """If no loss was finite, patience is counted from the start."""
    assert Best().is_hopeless(epoch, PATIENT) is hopeless


def test_settling_puts_the_best_weights_back(network: Autoencoder) -> None:
    """At the end the network has the best epoch's weights, and that is said."""
    best = seen([3.0, 2.0, 5.0, 6.0], network, KEEPING)
    said = best.settle(network, 4, KEEPING)

    assert values(network.state_dict()) == {2.0}
    assert said == "kept the weights of epoch 2"


def test_settling_changes_nothing_after_the_best_epoch(network: Autoencoder) -> None:
    """If the last epoch was the best there is nothing to put back and nothing to say."""
    best = seen([3.0, 2.0], network, KEEPING)

    assert best.settle(painted(network, 9.0), 2, KEEPING) == ""
    assert values(network.state_dict()) == {9.0}


def test_settling_says_that_patience_ended(network: Autoencoder) -> None:
    """A training cut short says after which epoch and why; what was kept is said after it."""
    config = replace(PATIENT, keep_best=True)
    best = seen([3.0, 2.0, 5.0, 6.0, 7.0], network, config)

    assert (
        best.settle(network, 5, config)
        == "stopped after epoch 5: 3 epochs without a lower test loss; kept the weights of epoch 2"
    )


@pytest.mark.parametrize(
    ("epoch", "config"),
    [(10, PATIENT), (4, PATIENT), (9, CONFIG)],
    ids=["last", "patient", "no limit"],
)
def test_a_training_that_was_not_cut_short_does_not_say_so(
    network: Autoencoder, epoch: int, config: RunConfig
) -> None:
    """Patience that ends with the last epoch anyway, or has not ended, is not worth a word."""
    assert Best(2, 1.0).settle(network, epoch, config) == ""


@pytest.mark.parametrize(
    "losses", [[], [3.0, 2.0, 5.0]], ids=["before the first epoch", "after some"]
)
def test_the_best_survives_json(network: Autoencoder, losses: list[float]) -> None:
    """What is written down is JSON without infinities, and gives the same again."""
    best = seen(losses, network, KEEPING)
    written = json.dumps(best.to_dict(), allow_nan=False)
    again = Best.from_json(written, best.weights, network)

    assert (again.epoch, again.loss) == (best.epoch, best.loss)
    assert values(again.weights) == values(best.weights)
    again.see(9, 100.0, network, KEEPING)
    assert again.epoch == (best.epoch or 9)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"epoch": 1},
        {"loss": 1.0},
        {"epoch": -1, "loss": 1.0},
        {"epoch": True, "loss": 1.0},
        {"epoch": 1.0, "loss": 1.0},
        {"epoch": "1", "loss": 1.0},
        {"epoch": None, "loss": None},
        {"epoch": 0, "loss": 1.0},
        {"epoch": 1, "loss": None},
        {"epoch": 1, "loss": "low"},
        {"epoch": 1, "loss": [1.0]},
    ],
    ids=str,
)
def test_what_is_no_best_epoch_is_refused(network: Autoencoder, data: dict[str, Any]) -> None:
    """An epoch that is no whole number from 0, or one without its loss, is refused."""
    with pytest.raises(ValueError):
        Best.from_json(json.dumps(data), {}, network)


@pytest.mark.parametrize("kind", ["other names", "other shapes", "one is missing", "one too many"])
def test_the_weights_of_another_network_are_refused(network: Autoencoder, kind: str) -> None:
    """Kept weights must have the names and shapes of the network's own."""
    weights = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    name = next(iter(weights))
    if kind == "other shapes":
        weights[name] = weights[name][..., :-1]
    elif kind == "one too many":
        weights["more"] = weights[name]
    else:
        tensor = weights.pop(name)
        weights |= {"renamed": tensor} if kind == "other names" else {}

    with pytest.raises(ValueError, match="another network's"):
        Best.from_json('{"epoch": 1, "loss": 1.0}', weights, network)


@pytest.mark.parametrize("loss", [math.nan, -math.inf, math.inf])
def test_a_best_loss_that_is_no_number_is_refused(network: Autoencoder, loss: float) -> None:
    """Python writes NaN and Infinity as JSON; no later loss would be below them."""
    with pytest.raises(ValueError, match="JSON"):
        Best.from_json(json.dumps({"epoch": 1, "loss": loss}), {}, network)
