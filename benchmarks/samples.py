"""How good drawn samples are on MNIST: `python -m benchmarks.quality --samples [--pythae]`.

Drawn images are compared with the 10,000 test images in the 128 features of a small classifier,
which is trained here on the training images with their labels:

- Fréchet distance: between the normal distributions of the two sets' features. It is defined as the
  FID of Heusel et al. 2017, but not in Inception's features, so that only figures of one run of
  this benchmark can be compared.
- Precision and recall (Kynkäänniemi et al. 2019): the share of drawn images that lie within the
  reach of the test images, and the share of test images within the reach of the drawn ones, where
  an image reaches as far as its third nearest in its own set.
"""

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from autoencoder.analysis.projections import fit_pca
from autoencoder.analysis.sampling import fit_mixture, prior
from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from benchmarks.meter import ROOT, SILENT
from benchmarks.pythae import PYTHAE, python_of
from benchmarks.serving import train

LATENT_DIM, SEED = 16, 0
FEATURES, EPOCHS, BATCH, RATE = 128, 3, 128, 1e-3  # of the classifier
DRAWN = 10_000  # images of each kind
REACH = 3  # an image reaches as far as its third nearest
HEAD = (
    "| drawn images, MNIST, d = 16 | latents from | Fréchet distance | precision | recall |"
    " CPU s of training |\n|---|---|--:|--:|--:|--:|"
)


class Classifier(nn.Module):
    """Two convolutions and two dense layers, for 28x28 images."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 16, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * 7 * 7, FEATURES),
            nn.ReLU(),
        )
        self.head = nn.Linear(FEATURES, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pixels in [0, 1] (N, 1, 28, 28) -> logits (N, 10)."""
        return self.head(self.features(x))


def classifier(data: Dataset) -> Classifier:
    """Trained on the training images; the same for the same machine."""
    torch.manual_seed(SEED)
    network = Classifier()
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    images, labels = torch.from_numpy(data.train.images), torch.from_numpy(data.train.labels)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss = F.cross_entropy(network(images[batch].float() / 255), labels[batch].long())
            loss.backward()
            optimizer.step()
    return network


@torch.no_grad()
def features_of(network: Classifier, pixels: np.ndarray) -> np.ndarray:
    """Pixels in [0, 1] (N, 1, 28, 28) -> features (N, 128) float64."""
    parts = torch.from_numpy(pixels).float().split(1_000)
    return np.concatenate([network.features(part).numpy() for part in parts]).astype(np.float64)


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)) of the means and covariances of features (N, F)
    (Dowson & Landau 1982).
    """
    first, second = (np.cov(each, rowvar=False) for each in (one, other))
    # The trace of a root is the sum of its eigenvalues; a feature that is never used makes one 0.
    root = np.sqrt(np.linalg.eigvals(first @ second).real.clip(0)).sum()
    means = np.square(one.mean(axis=0) - other.mean(axis=0)).sum()
    return float(means + np.trace(first) + np.trace(second) - 2 * root)


def covered(points: np.ndarray, by: np.ndarray) -> float:
    """The share of points (N, F) within the reach of at least one of the other set (M, F)."""
    others = torch.from_numpy(by).float()
    # The nearest of all is a point itself.
    reach = torch.cat(
        [
            torch.cdist(part, others).kthvalue(REACH + 1, dim=1).values
            for part in others.split(1_000)
        ]
    )
    asked = torch.from_numpy(points).float()
    inside = [
        (torch.cdist(part, others) <= reach).any(dim=1).float() for part in asked.split(1_000)
    ]
    return float(torch.cat(inside).mean())


@dataclass(frozen=True)
class Drawn:
    """Images drawn from a model: pixels in [0, 1] (N, 1, 28, 28); seconds of a processor that its
    training took, 0 where there was none.
    """

    model: str
    latents: str
    pixels: np.ndarray
    seconds: float = 0.0


def of_pca(data: Dataset) -> Drawn:
    """A normal distribution of the scores of the first principal components."""
    pca = fit_pca(data.train.images, LATENT_DIM)
    spread = pca.encode(data.train.images).std(axis=0)
    pixels = pca.decode(prior(DRAWN, LATENT_DIM, seed=SEED) * spread)
    return Drawn("PCA", "normal", pixels.reshape(-1, 1, 28, 28).clip(0, 1))


def of_run(objective: str, data: Dataset, models: Path, folder: Path) -> list[Drawn]:
    """Images of the preset `balanced` with this objective, from a mixture of its training latents
    and, if it has one, from its prior.
    """
    config = RunConfig(
        **preset_values("balanced", "mnist", latent_dim=LATENT_DIM, objective=objective)
    )
    run = RunStore(models).get(train(config, models, folder))
    network, seconds = inference.rebuild(config, run.weights()), run.history[-1].cpu_seconds
    mixture = fit_mixture(
        inference.encode(network, data.train.images), data.train.labels, seed=SEED
    )
    latents = {"mixture": mixture.sample(DRAWN, seed=SEED)[0]}
    if config.objective_spec.is_variational:
        latents["prior"] = prior(DRAWN, LATENT_DIM, seed=SEED)
    title = f"balanced, {config.objective_spec.title}"
    return [
        Drawn(title, name, inference.decode(network, points), seconds)
        for name, points in latents.items()
    ]


def of_pythae(seconds: float, folder: Path, scratch: Path) -> Drawn:
    """Images of Pythae's VAE with its default network, trained for so many seconds of a
    processor.
    """
    out = scratch / "pythae.npy"
    command = [str(python_of(PYTHAE)), "-m", "benchmarks.pythae_samples"]
    ended = subprocess.run(
        [*command, str(folder), str(out), str(LATENT_DIM), str(seconds), str(DRAWN)],
        cwd=ROOT,
        env={**os.environ, **SILENT, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    about = json.loads(ended.stdout.splitlines()[-1])
    title = f"Pythae's VAE, {about['epochs']} epochs"
    return Drawn(title, "prior", np.load(out), about["seconds"])


def measure(show: Callable[[str], object]) -> None:
    """Show the table line by line."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(os.environ.get("AUTOENCODER_DATA") or scratch)
        data = loading.load(RunConfig(dataset="mnist"), folder)
        network = classifier(data)
        test = features_of(network, data.test.images / np.float32(255))
        show(_about(network, data))
        show(HEAD)

        def row(drawn: Drawn) -> None:
            points = features_of(network, drawn.pixels)
            scores = f"{frechet(points, test):.2f} | {covered(points, test):.3f}"
            show(
                f"| {drawn.model} | {drawn.latents} | {scores} | {covered(test, points):.3f} |"
                f" {f'{drawn.seconds:.0f}' if drawn.seconds else ''} |"
            )

        row(Drawn("training images", "", data.train.images[:DRAWN] / np.float32(255)))
        row(of_pca(data))
        seconds = []
        for objective in ("plain", "variational"):
            for drawn in of_run(objective, data, Path(scratch) / "models", folder):
                seconds.append(drawn.seconds)
                row(drawn)
        if python_of(PYTHAE).exists():
            row(of_pythae(statistics.median(seconds), folder, Path(scratch)))
        else:
            show("| Pythae's VAE | not installed: add --pythae | | | | |")


def _about(network: Classifier, data: Dataset) -> str:
    images = torch.from_numpy(data.test.images).float() / 255
    with torch.no_grad():
        right = float((network(images).argmax(dim=1).numpy() == data.test.labels).mean())
    return f"The classifier knows {right:.1%} of the test images.\n"
