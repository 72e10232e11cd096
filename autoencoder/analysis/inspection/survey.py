"""What every unit does over many images: how far it moves, how often it is active, and whether it
is dead.

Shapes: N = images, U = units of a stage, A = activations of one image there: U, or U * h * w.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from autoencoder.analysis.inspection.passes import batches, stages, steps, through
from autoencoder.analysis.stages import Stage
from autoencoder.networks.modules import Autoencoder
from autoencoder.progress import ProgressCallback, ignore

EPSILON = 1e-6  # an activation is one where its size is greater
STILL = 1e-8  # of the stage's largest variance: at or below it a unit does not move
NEAR_ZERO = 0.01  # of the stage's root mean square: below it an activation is near zero


@dataclass(frozen=True, eq=False)
class StageSurvey:
    """The units of one stage over N images.

    Attributes:
        means: Mean activation over images and positions, (U,).
        variances: Variance over the images, mean over the positions, (U,).
        active: Share of the images on which the unit is active: above EPSILON in size, at any
            position. (U,)
        dead: Whether the unit tells nothing of any image, (U,). After a ReLU: never above EPSILON.
            After others: its variance is at most STILL times the stage's largest, or at most
            EPSILON squared.
        near_zero: Share of all activations that are near zero: smaller in size than NEAR_ZERO times
            the root mean square of the stage's activations, that of the first batch of images. From
            0 to 1.
        near_zero_living: The same share over the units that are not dead; NaN where all are.
        hoyer: Hoyer's sparsity of an image's activations, mean over the images; NaN where a stage
            has a single one.
        images: N.
    """

    stage: Stage
    means: np.ndarray
    variances: np.ndarray
    active: np.ndarray
    dead: np.ndarray
    near_zero: float
    near_zero_living: float
    hoyer: float
    images: int


@torch.no_grad()
def survey(
    network: Autoencoder, images: np.ndarray, *, notify: ProgressCallback = ignore
) -> list[StageSurvey]:
    """Every stage but the output over images (N, C, H, W), at least one; `notify` hears the
    fraction that is done.
    """
    modules, hidden = steps(network), stages(network, images.shape[1:])[:-1]
    tallies, device = [_Tally() for _ in hidden], next(network.parameters()).device
    for batch in batches(images):
        reached, x = 0, batch.to(device)
        for stage, tally in zip(hidden, tallies, strict=True):
            x, reached = through(x, modules[reached : stage.stop]), stage.stop
            tally.add(x.cpu())
        notify("measuring units", tallies[0].images / len(images))
    return [tally.result(stage) for stage, tally in zip(hidden, tallies, strict=True)]


def dead_units(network: Autoencoder, images: np.ndarray) -> dict[str, int]:
    """How many units of each stage but the output are dead over images (N, C, H, W), by the stage's
    name. The network is left in the mode it was in.
    """
    was_training = network.training
    network.eval()
    try:
        return {each.stage.name: int(each.dead.sum()) for each in survey(network, images)}
    finally:
        network.train(was_training)


def hoyer(values: Tensor) -> Tensor:
    """Sparsity of each row (N, A): 0 if all sizes are alike, 1 if a single one is not 0; NaN for A
    = 1, or nothing but 0.

    (sqrt(A) - L1 / L2) / (sqrt(A) - 1): Hoyer 2004, "Non-negative matrix factorization with
    sparseness constraints".
    """
    root = values.shape[1] ** 0.5
    ratio = values.abs().sum(dim=1) / values.norm(dim=1)
    return (root - ratio) / (root - 1) if root > 1 else torch.full_like(ratio, float("nan"))


@dataclass(eq=False)
class _Tally:
    """Sums over the batches of one stage.

    They are taken about the first image, so that what never moves has variance 0.
    """

    images: int = 0
    origin: Tensor = field(default_factory=lambda: torch.zeros(0))  # (U, positions)
    threshold: float = 0.0
    sums: dict[str, Tensor] = field(default_factory=dict)

    def add(self, activations: Tensor) -> None:
        """Activations (B, U) or (B, U, h, w)."""
        a = activations.flatten(2) if activations.ndim > 2 else activations[:, :, None]
        if not self.images:
            self.origin, self.threshold = a[0].clone(), NEAR_ZERO * float(a.square().mean().sqrt())
        self.images += len(a)
        moved, sparsity = a - self.origin, hoyer(a.flatten(1)).double()
        defined = torch.isfinite(sparsity)
        sums = {
            "moved": moved.sum(dim=0, dtype=torch.float64),
            "squares": moved.square().sum(dim=0, dtype=torch.float64),
            "active": (a.abs().amax(dim=2) > EPSILON).sum(dim=0),
            "small": self._small(a).sum(dim=(0, 2)),
            "hoyer": sparsity[defined].sum(),
            "defined": defined.sum(),
        }
        self.sums = {
            name: self.sums[name] + value if self.sums else value for name, value in sums.items()
        }

    def _small(self, a: Tensor) -> Tensor:
        return a.abs() < self.threshold if self.threshold else a == 0

    def result(self, stage: Stage) -> StageSurvey:
        sums = {name: value.numpy() for name, value in self.sums.items()}
        shift = sums["moved"] / self.images
        variances = np.maximum(sums["squares"] / self.images - np.square(shift), 0).mean(axis=1)
        active = sums["active"] / self.images
        still = variances <= max(STILL * float(variances.max()), EPSILON**2)
        dead = active == 0 if stage.activation.is_rectifier else still
        each = sums["small"] / (self.images * self.origin.shape[1])  # of a unit's activations
        with np.errstate(invalid="ignore"):
            sparsity = float(np.divide(sums["hoyer"], sums["defined"]))
        return StageSurvey(
            stage=stage,
            means=(self.origin.double().numpy() + shift).mean(axis=1),
            variances=variances,
            active=active,
            dead=dead,
            near_zero=float(each.mean()),
            near_zero_living=float("nan") if dead.all() else float(each[~dead].mean()),
            hoyer=sparsity,
            images=self.images,
        )
