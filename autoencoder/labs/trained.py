"""The trained runs of a lab, by role, and what claims ask of them: each worked out once.

Shapes: N = test images, C = channels, H, W = height and width, P = pixels, D = latent_dim, F =
frames.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from autoencoder.analysis import metrics, paths, sampling
from autoencoder.analysis.clustering import ClusteringScores, Measure, measure
from autoencoder.analysis.clustering.threads import one_thread
from autoencoder.analysis.distance_to_data import RealImages
from autoencoder.data import loading
from autoencoder.errors import CorruptRunError
from autoencoder.labs.claims import Sample, joined
from autoencoder.labs.scale import Scale
from autoencoder.networks import inference
from autoencoder.runs import Run

if TYPE_CHECKING:
    from autoencoder.networks.modules import Autoencoder

SAMPLES = 1_000  # random test images that verdicts and maps are made of
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

    def __init__(
        self, scale: Scale, runs: Mapping[str, Sequence[Run]], data: loading.Dataset
    ) -> None:
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
        return Sample(name or role, [float(value(run)) for run in self._runs[role]])

    def each(
        self, roles: Iterable[str], value: Callable[["Trained", Run], float]
    ) -> dict[str, Sample]:
        """A value of each seed's run, by role."""
        return {
            role: Sample(role, [float(value(self, run)) for run in self._runs[role]])
            for role in roles
        }

    def test(self, role: str, metric: str = "mse", name: str = "") -> Sample:
        """A metric of the test images, as kept with the run."""
        return self.sample(role, lambda run: run.metrics[metric]["run"], name)

    def pca(self, role: str, metric: str = "mse") -> Sample:
        """The same of PCA at the same dimension."""
        return self.sample(role, lambda run: run.metrics[metric]["pca"], "PCA")

    def network(self, run: Run) -> "Autoencoder":
        """The trained network, for `inference`."""
        return self._once("network", run, lambda: inference.rebuild(run.config, run.weights()))

    def latents(self, run: Run) -> np.ndarray:
        """Of all kept test images, (N, D)."""
        found = self._once("latents", run, lambda: run.evaluation().latents)
        if found is None:
            raise CorruptRunError(f"the run {run.key} is damaged: it has no latents")
        return found

    def reconstructions(self, run: Run) -> np.ndarray:
        """Of the first 64 test images, (64, C, H, W) in [0, 1]."""
        return inference.reconstruct(self.network(run), self.data.test.images[:64]).clip(0, 1)

    def scores(self, run: Run) -> ClusteringScores:
        """How the classes of the chosen test images cluster in the run's latents, and in pixels."""
        images, labels = self.data.test.images[self.chosen], self.data.test.labels[self.chosen]
        spaces = {
            "latents": self.latents(run)[self.chosen],
            "pixels": images.reshape(len(images), -1),
        }
        with one_thread():
            return self._once("verdict", run, lambda: measure(spaces, labels, seed=0))

    def separation(self, role: str, metric: str, space: str = "latents") -> Measure:
        """A verdict's metric, over the seeds of a role; 0 where it is not defined."""
        found = [
            self.scores(run).metrics[metric][space] or Measure(0.0, 0.0) for run in self._runs[role]
        ]
        return joined(found) if space == "latents" else found[0]

    def separated(self, role: str, metric: str = "knn_10", name: str = "") -> tuple[str, Measure]:
        """The same, with the role's name or another one."""
        return name or role, self.separation(role, metric)

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
        found: T = self._kept[what, run.key]
        return found
