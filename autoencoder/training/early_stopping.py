"""Early stopping: which epoch had the best test loss, and when to stop waiting for a better one."""

import math
from dataclasses import dataclass, field

from torch import Tensor, nn

from autoencoder.config.run_config import RunConfig
from autoencoder.validation import Count, Exact, Finite, decode


class _Stored(Exact, frozen=True):
    """What `Best` has in JSON: all but the weights."""

    epoch: Count
    loss: Finite | None

    def __post_init__(self) -> None:
        if (self.epoch > 0) != (self.loss is not None):
            raise ValueError("the best epoch must come with its loss")


@dataclass
class Best:
    """The best epoch so far, and its weights if the config keeps them."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)

    def to_dict(self) -> dict[str, float | None]:
        """All but the weights, ready for JSON."""
        return {"epoch": self.epoch, "loss": self.loss if self.epoch else None}

    @classmethod
    def from_json(cls, text: str, weights: dict[str, Tensor], network: nn.Module) -> "Best":
        """What `to_dict` gave, with the weights that were kept beside it.

        Raises ValueError unless both are sound and the weights, if any, fit the network.
        """
        stored, expected = decode(text, _Stored), network.state_dict()
        if weights and _shapes(weights) != _shapes(expected):
            raise ValueError("the best weights are another network's")
        return cls(stored.epoch, math.inf if stored.loss is None else stored.loss, weights)

    def see(self, epoch: int, loss: float, network: nn.Module, config: RunConfig) -> None:
        """Remember the epoch if no earlier one had such a low test loss."""
        if loss < self.loss:
            self.epoch, self.loss = epoch, loss
            if config.keep_best:
                self.weights = {
                    name: tensor.detach().clone() for name, tensor in network.state_dict().items()
                }

    def is_hopeless(self, epoch: int, config: RunConfig) -> bool:
        """Whether `epoch` ends the config's patience."""
        return 0 < config.patience <= epoch - self.epoch

    def settle(self, network: nn.Module, epoch: int, config: RunConfig) -> str:
        """At the end of the training, after `epoch`: put the kept weights back.

        Returns a few words on what was done, empty if nothing was.
        """
        notes = []
        if self.is_hopeless(epoch, config) and epoch < config.epochs:
            notes.append(
                f"stopped after epoch {epoch}: {config.patience} epochs without a lower test loss"
            )
        if self.weights and self.epoch < epoch:
            network.load_state_dict(self.weights)
            notes.append(f"kept the weights of epoch {self.epoch}")
        return "; ".join(notes)


def _shapes(weights: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}
