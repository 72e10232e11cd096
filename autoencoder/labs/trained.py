"""The trained runs of a lab, by role, and what claims ask of them: each worked out once.

Shapes: N = test images, C = channels, H, W = height and width, P = pixels, D = latent_dim, F =
frames.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from autoencoder.analysis import metrics, paths, sampling
from autoencoder.analysis.clustering import ClusteringScores, Measure, measure, pixel_space
from autoencoder.analysis.comparison import Convergence, convergence
from autoencoder.analysis.distance_to_data import RealImages
from autoencoder.analysis.inspection import StageSurvey, survey
from autoencoder.analysis.threads import one_thread
from autoencoder.config.networks import ACTIVATIONS
from autoencoder.data.dataset import Dataset
from autoencoder.errors import CorruptRunError
from autoencoder.labs.claims import Resampled, Sample, joined
from autoencoder.labs.scale import Scale
from autoencoder.networks import inference
from autoencoder.runs import Run

if TYPE_CHECKING:
    from autoencoder.networks.modules import Autoencoder

SAMPLES = 1_000  # random test images that scores and maps are made of
DRAWN = 64  # random latents
FRAMES = 11  # of an interpolation
T = TypeVar("T")


class Trained:
    """What a lab's claims and pictures are made from.

    Attributes:
        scale: How large the lab is done.
        data: Training and test images as the runs use them.
        chosen: Indices (N,) of at most 1,000 random test images, ascending, the same for all.
    """

    def __init__(self, scale: Scale, runs: Mapping[str, Sequence[Run]], data: Dataset) -> None:
        self.scale, self.data, self._runs = scale, data, dict(runs)
        everything = np.random.default_rng(0).permutation(len(data.test))
        self.chosen = np.sort(everything[:SAMPLES])
        self._kept: dict[tuple[str, str], Any] = {}
        self._real = RealImages(data.train.images)

    def runs(self, role: str) -> list[Run]:
        """One run for each seed."""
        return list(self._runs[role])

    def sample(self, role: str, value: Callable[[Run], float], name: str = "") -> Sample:
        """A value of each seed's run."""
        values = [float(value(run)) for run in self._runs[role]]
        return Sample(name or role, values, self.convergence(role))

    def each(
        self, roles: Iterable[str], value: Callable[["Trained", Run], float]
    ) -> dict[str, Sample]:
        """A value of each seed's run, by role."""
        return {role: self.sample(role, partial(value, self)) for role in roles}

    def convergence(self, role: str) -> Convergence:
        """How the trainings of a role ended: the worst of the seeds."""
        ends = {run.config.seed: convergence_of(run) for run in self._runs[role]}
        gain = max(end.gain for end in ends.values())
        problems = [f"{role}, seed {seed}: {end.problem}" for seed, end in ends.items()]
        problem = next(
            (words for words, end in zip(problems, ends.values(), strict=True) if end.problem), ""
        )
        return Convergence(gain, problem)

    def test(self, role: str, metric: str = "mse", name: str = "") -> Sample:
        """A metric of the test images, as kept with the run."""
        return self.sample(role, lambda run: run.metrics[metric]["run"], name)

    def pca(self, role: str, metric: str = "mse") -> Sample:
        """The same of PCA at the same dimension."""
        sample = self.sample(role, lambda run: run.metrics[metric]["pca"], "PCA")
        return replace(sample, convergence=None)

    def network(self, run: Run) -> "Autoencoder":
        """The trained network, for `inference`."""
        return self._once("network", run, lambda: inference.rebuild(run.config, run.weights()))

    def surveys(self, run: Run) -> list[StageSurvey]:
        """What the units of each layer do over all test images."""
        images = self.data.test.images
        return self._once("surveys", run, lambda: survey(self.network(run), images))

    def latents(self, run: Run) -> np.ndarray:
        """Of all kept test images, (N, D)."""
        latents = self._once("latents", run, lambda: run.evaluation().latents)
        if latents is None:
            raise CorruptRunError(f"the run {run.key} is damaged: it has no latents")
        return latents

    def reconstructions(self, run: Run) -> np.ndarray:
        """Of the first 64 test images, (64, C, H, W) in [0, 1]."""
        return inference.reconstruct(self.network(run), self.data.test.images[:64]).clip(0, 1)

    def pca_reconstructions(self, run: Run, images: np.ndarray) -> np.ndarray:
        """Of images (N, C, H, W) uint8, by PCA at the run's bottleneck, (N, C, H, W)."""
        pca, unit = run.pca(), metrics.to_unit(images)
        return pca.decode(pca.encode(unit)).reshape(unit.shape).clip(0, 1)

    def scores(self, run: Run) -> ClusteringScores:
        """How the classes of the chosen test images cluster in the run's latents, and in pixels."""
        images, labels = self.data.test.images[self.chosen], self.data.test.labels[self.chosen]
        spaces = {
            "latents": self.latents(run)[self.chosen],
            "pixels": pixel_space(images),
        }
        with one_thread():
            return self._once("scores", run, lambda: measure(spaces, labels, seed=0))

    def separation(self, role: str, metric: str = "knn_10", name: str = "") -> Resampled:
        """How well the classes separate in the latents, over the seeds of a role; 0 where that is
        not defined.
        """
        measures = [self._measure(run, metric, "latents") for run in self._runs[role]]
        return Resampled(name or role, joined(measures), self.convergence(role))

    def pixel_separation(self, role: str, metric: str) -> Resampled:
        """The same in the pixels of the images themselves."""
        return Resampled("pixels", self._measure(self._runs[role][0], metric, "pixels"))

    def _measure(self, run: Run, metric: str, space: str) -> Measure:
        return self.scores(run).metrics[metric][space] or Measure(0.0, 0.0)

    def to_real(self, images: np.ndarray) -> np.ndarray:
        """Distance of each image (N, C, H, W) in [0, 1] to its nearest training image, as MSE per
        pixel (N,).
        """
        return self._real.distances(images)

    def frames_to_real(self, frames: np.ndarray, one: int, two: int) -> np.ndarray:
        """The same of frames (F, C, H, W) between two test images, copies of which are left out of
        the training images (F,).
        """
        return self._real.distances(frames, without=self.data.test.images[[one, two]])

    def pairs(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices of `count` pairs of random test images, of different classes wherever there are
        any, (count,) each.
        """
        labels, random = self.data.test.labels, np.random.default_rng(1)
        one, two = random.integers(0, len(labels), (2, 50 * count))
        apart = (
            np.flatnonzero(labels[one] != labels[two])
            if len(np.unique(labels)) > 1
            else np.flatnonzero(one != two)
        )
        return one[apart[:count]], two[apart[:count]]

    def latent_path(self, run: Run, one: int, two: int) -> np.ndarray:
        """Frames (F, C, H, W) in [0, 1], decoded along the straight way between the latents of two
        test images.
        """
        latents = self.latents(run)
        way = paths.path(latents[[one, two]], FRAMES, kind="linear")
        return inference.decode(self.network(run), way).clip(0, 1)

    def pixel_blend(self, one: int, two: int) -> np.ndarray:
        """Frames (F, C, H, W) in [0, 1] of the straight way between two test images themselves."""
        ends = metrics.to_unit(self.data.test.images[[one, two]])
        return paths.path(ends.reshape(2, -1), FRAMES, kind="linear").reshape(
            FRAMES, *ends.shape[1:]
        )

    def random_images(self, run: Run) -> np.ndarray:
        """What random latents decode to (64, C, H, W): each number by itself, normal with the test
        latents' mean and spread.
        """
        latents = self.latents(run)
        drawn = sampling.prior(DRAWN, latents.shape[1], seed=run.config.seed) * latents.std(
            axis=0
        ) + latents.mean(axis=0)
        return inference.decode(self.network(run), drawn).clip(0, 1)

    def midpoint_images(self, run: Run, count: int) -> np.ndarray:
        """What the points halfway between the latents of pairs of test images decode to
        (count, C, H, W).
        """
        return inference.decode(self.network(run), self.midpoints(run, count)).clip(0, 1)

    def midpoints(self, run: Run, count: int) -> np.ndarray:
        """The points halfway between the latents of pairs of test images (count, D)."""
        one, two = self.pairs(count)
        latents = self.latents(run)
        return (latents[one] + latents[two]) / 2

    def prior_images(self, run: Run) -> np.ndarray:
        """What latents from the standard normal distribution decode to, (64, C, H, W)."""
        latents = sampling.prior(DRAWN, run.config.latent_dim, seed=run.config.seed)
        return inference.decode(self.network(run), latents).clip(0, 1)

    def distance_to_data(self, images: np.ndarray) -> float:
        """Median distance of images (N, C, H, W) to their nearest training images, MSE per
        pixel.
        """
        return float(np.median(self.to_real(images)))

    def _once(self, what: str, run: Run, work: Callable[[], T]) -> T:
        if (what, run.key) not in self._kept:
            self._kept[what, run.key] = work()
        kept: T = self._kept[what, run.key]
        return kept


def convergence_of(run: Run) -> Convergence:
    """How a run's training ended; a network without any activation before its output is measured
    against PCA.
    """
    is_linear = (
        run.config.network_spec.is_linear
        and ACTIVATIONS[run.config.latent_activation].is_identity
        and run.config.objective == "plain"
    )
    pca = run.metrics["mse"]["pca"] if is_linear else None
    return convergence([progress.test["mse"] for progress in run.history], pca=pca)
