"""An autoencoder of Latent Lab by itself: it needs torch and safetensors, and the files beside it.

model = load(".")
latents = model.encode(images)           # float32 (N, C, H, W) in [0, 1] -> (N, D)
reconstructions = model.decode(latents)  # (N, D) -> (N, C, H, W)
"""

import json
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor, nn


def sequence(layers: list[dict[str, Any]]) -> nn.Sequential:
    """The layers as config.json describes them: a class of torch.nn and its arguments, each."""
    return nn.Sequential(*(layer_of(**layer) for layer in layers))


def layer_of(module: str, **arguments: Any) -> nn.Module:
    """One layer; a list among its arguments is a tuple to torch."""
    if module == "Residual":
        return Residual(**arguments)
    values = {name: tuple(x) if isinstance(x, list) else x for name, x in arguments.items()}
    return getattr(nn, module)(**values)


class Residual(nn.Module):
    """The sum of what several branches make of one input; an empty branch is the input itself."""

    def __init__(self, branches: list[list[dict[str, Any]]]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(map(sequence, branches))

    def forward(self, x: Tensor) -> Tensor:
        first, *others = (branch(x) for branch in self.branches)
        return sum(others, start=first)


class LatentAutoencoder(nn.Module):
    """Images to latents and back."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.encoder, self.decoder = sequence(config["encoder"]), sequence(config["decoder"])
        self.latent_dim = config["latent_dim"]

    def encode(self, images: Tensor) -> Tensor:
        """A variational encoder gives means and log variances of latents: these are the means."""
        return self.encoder(images)[:, : self.latent_dim]

    def decode(self, latents: Tensor) -> Tensor:
        return self.decoder(latents)

    def forward(self, images: Tensor) -> Tensor:
        return self.decode(self.encode(images))


def load(folder: str | Path) -> LatentAutoencoder:
    """The trained autoencoder in a folder with config.json and model.safetensors."""
    model = LatentAutoencoder(json.loads((Path(folder) / "config.json").read_text("utf-8")))
    model.load_state_dict(load_file(Path(folder) / "model.safetensors"))
    return model.eval()
