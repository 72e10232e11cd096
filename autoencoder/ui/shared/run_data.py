"""What pages show of a run, loaded once for all visitors; errors become sentences on the page.

Shapes as in the run folder: images (N, C, H, W) uint8, latents (N, D) float32, reconstructions
float32 in [0, 1].
"""

import numpy as np

from autoencoder.analysis import metrics, projections
from autoencoder.analysis.dimensions import Dimensions, describe
from autoencoder.analysis.distance_to_data import nearest_images
from autoencoder.analysis.neighbours import Neighbours
from autoencoder.analysis.threads import use_one_thread
from autoencoder.errors import AutoencoderError
from autoencoder.export import decoder_bytes
from autoencoder.networks.numpy_inference import NumpyAutoencoder
from autoencoder.runs import Evaluation, Run
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.shell import explained

MOST_PREPARED = 16_000_000  # pixels of test images that are kept as floats
KL_IMAGES = 2_000  # the KL of each dimension is averaged over


@explained
def evaluation(run: Run) -> Evaluation:
    """The test images, labels and errors."""
    return _evaluation(run)


@cached_per_run(max_entries=8, spinner="Reading the test images")
def _evaluation(run: Run) -> Evaluation:
    return run.evaluation()


@cached_per_run(max_entries=64, copies=True)
def damage(run: Run) -> str:
    """Why the test images or the network of a run cannot be read; empty if they can."""
    try:
        _read_all(run)
    except AutoencoderError as error:
        return str(error)
    return ""


@cached_per_run(max_entries=64, copies=True)
def _read_all(run: Run) -> bool:
    """True once everything has been read; kept, unlike an error."""
    _evaluation(run)
    run.weights()
    return True


@explained
@cached_per_run(max_entries=8, spinner="Encoding the test images")
def latents(run: Run) -> np.ndarray:
    """Latents of the test images (N, D): kept ones, or the newest checkpoint's while the run is not
    finished.
    """
    test = evaluation(run)
    return encode(run, test.images) if test.latents is None else test.latents


@explained
@cached_per_run(max_entries=6, spinner="Loading the network")
def network(run: Run) -> NumpyAutoencoder:
    """The trained network, shared by all visitors."""
    use_one_thread()
    return NumpyAutoencoder(run.config, run.weights())


def encode(run: Run, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> latents (N, D)."""
    return network(run).encode(images)


def decode(run: Run, latents: np.ndarray, *, clipped: bool = True) -> np.ndarray:
    """Latents (N, D) -> images (N, C, H, W) in [0, 1]; as the network gives them if they are not to
    be clipped to that.
    """
    images = network(run).decode(latents)
    return images.clip(0, 1) if clipped else images


def reconstructions(run: Run, indices: np.ndarray) -> np.ndarray:
    """What the network makes of the test images `indices`: (N, C, H, W) in [0, 1]."""
    return decode(run, latents(run)[indices])


@explained
def baseline(run: Run, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 through PCA at the run's dimension and back, in [0, 1]."""
    pca = _pca(run)
    unit = metrics.to_unit(images)
    return pca.decode(pca.encode(unit)).reshape(unit.shape).clip(0, 1)


@cached_per_run(max_entries=8)
def _pca(run: Run) -> projections.Pca:
    return run.pca()


def about_pca(run: Run) -> str:
    """How the components of the run's images were found, in a sentence that begins with a space;
    empty where they are exact.
    """
    if not projections.is_randomised(run.config.shape.pixels):
        return ""
    return (
        " An image has more than 2,000 numbers, so PCA is computed by a randomised method, in"
        " batches (Halko et al. 2011)."
    )


@explained
def latent_pca(run: Run) -> tuple[np.ndarray, projections.Pca]:
    """The latents of the test images along their own first two principal components (N, 2), and
    those.
    """
    pca = _latent_pca(run)
    return pca.encode(latents(run)), pca


@cached_per_run(max_entries=8)
def _latent_pca(run: Run) -> projections.Pca:
    return projections.fit_pca(latents(run), 2)


@explained
@cached_per_run(max_entries=8, spinner="Measuring the dimensions")
def dimensions(run: Run) -> Dimensions:
    """Each dimension of the run's latent space, by the latents of all its test images; for KL by
    the first 2,000.
    """
    if not run.config.is_variational:
        return describe(latents(run), None)
    kl = network(run).kl_by_dimension(evaluation(run).images[:KL_IMAGES])
    return describe(latents(run), kl)


@explained
@cached_per_run(max_entries=8, spinner="Loading the decoder")
def decoder(run: Run) -> bytes:
    """The decoder as the browser wants it."""
    return decoder_bytes(run.config, run.weights())


def come_back(run: Run, latents: np.ndarray) -> np.ndarray:
    """How far from itself each latent (N, D) lands when it is decoded and encoded again (N,)."""
    return network(run).come_back(latents)


@explained
def distances_to_test(run: Run, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For images (N, C, H, W) in [0, 1]: index of the nearest test image, and its distance as MSE
    per pixel.
    """
    queries = images.astype(np.float32, copy=False)
    test = evaluation(run).images
    if test.size > MOST_PREPARED:
        indices, distances = nearest_images(test, 1, queries)
    else:
        indices, distances = _test_images(run).nearest(1, queries)
    return indices[:, 0], np.square(distances[:, 0]) / images[0].size


@cached_per_run(max_entries=4)
def _test_images(run: Run) -> Neighbours:
    return Neighbours(metrics.to_unit(evaluation(run).images))
