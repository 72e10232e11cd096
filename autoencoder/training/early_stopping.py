"""Which epoch was the best by test loss, and when to give up waiting for a better one."""

import math
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor, nn

from autoencoder.config.run_config import RunConfig


@dataclass
class Best:
    """The best epoch so far; its weights only if the config keeps them."""

    epoch: int = 0
    loss: float = math.inf
    weights: dict[str, Tensor] = field(default_factory=dict)

    def to_dict(self) -> dict[str, float | None]:
        """All but the weights, ready for JSON."""
        return {"epoch": self.epoch, "loss": self.loss if self.epoch else None}

    @classmethod
    def from_dict(
        cls, data: dict[str, Any], weights: dict[str, Tensor], network: nn.Module
    ) -> "Best":
        """The inverse of `to_dict`.

        Raises ValueError, TypeError or KeyError unless it fits the network.
        """
        epoch, loss, own = data["epoch"], data["loss"], network.state_dict()
        if (
            type(epoch) is not int
            or epoch < 0
            or (epoch > 0) != (isinstance(loss, float) and math.isfinite(loss))
        ):
            raise ValueError("the best epoch must be a whole number, with its loss")
        if weights and {name: tensor.shape for name, tensor in weights.items()} != {
            name: own[name].shape for name in own
        }:
            raise ValueError("the best weights are another network's")
        return cls(epoch, loss if epoch else math.inf, weights)

    def see(self, epoch: int, loss: float, network: nn.Module, config: RunConfig) -> None:
        """An epoch has ended with this test loss."""
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
        """At the end, after `epoch`: put the kept weights back.

        Says what was done, or nothing if there was nothing to do.
        """
        said = []
        if self.is_hopeless(epoch, config) and epoch < config.epochs:
            said.append(
                f"stopped after epoch {epoch}, {config.patience} without a better test loss"
            )
        if self.weights and self.epoch < epoch:
            network.load_state_dict(self.weights)
            said.append(f"kept the weights of epoch {self.epoch}")
        return "; ".join(said)
