"""What pages show of a run, loaded once: cached under the run's key and version, errors as
sentences.

Shapes as in the run folder: images (N, C, H, W) uint8, latents (N, D) float32, reconstructions
float32 in [0, 1].
"""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from autoencoder.analysis import metrics, projections
from autoencoder.analysis.dimensions import Dimensions, describe
from autoencoder.analysis.neighbours import Neighbours
from autoencoder.export import decoder_bytes
from autoencoder.runs import Evaluation, Run
from autoencoder.ui.shared.shell import explained, settle_memory

if TYPE_CHECKING:
    from autoencoder.networks.modules import Autoencoder

Version = tuple[str, int]
KL_IMAGES = 2_000  # the KL of each dimension is averaged over


@explained
def evaluation(run: Run) -> Evaluation:
    """The test images, labels and errors."""
    return _evaluation(run.key, run.version, run)


@st.cache_resource(max_entries=8, show_spinner="Reading the test images")
def _evaluation(key: str, version: Version, _run: Run) -> Evaluation:
    return _run.evaluation()


@explained
def latents(run: Run) -> np.ndarray:
    """Codes of the test images (N, D): kept ones, or the newest checkpoint's while the run is not
    finished.
    """
    return _latents(run.key, run.version, run)


@st.cache_resource(max_entries=8, show_spinner="Encoding the test images")
def _latents(key: str, version: Version, _run: Run) -> np.ndarray:
    found = _evaluation(key, version, _run)
    if found.latents is not None:
        return found.latents
    from autoencoder.networks import inference

    return inference.encode(_network(key, version, _run), found.images)


@st.cache_resource(max_entries=6, show_spinner="Loading the network")
def _network(key: str, version: Version, _run: Run) -> "Autoencoder":
    from autoencoder.networks import inference

    inference.use_one_thread()
    found = inference.rebuild(_run.config, _run.weights())
    inference.decode(
        found, np.zeros((1, _run.config.latent_dim), np.float32)
    )  # the first call is slow
    settle_memory("torch")
    return found


@explained
def network(run: Run) -> "Autoencoder":
    """The trained network, shared by all visitors: not to be changed."""
    return _network(run.key, run.version, run)


@explained
def encode(run: Run, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> latents (N, D)."""
    loaded = network(run)
    from autoencoder.networks import inference

    return inference.encode(loaded, images)


@explained
def decode(run: Run, latents: np.ndarray, *, clipped: bool = True) -> np.ndarray:
    """Codes (N, D) -> images (N, C, H, W) in [0, 1]; as the network gives them if they are not to
    be clipped to that.
    """
    loaded = network(run)
    from autoencoder.networks import inference

    images = inference.decode(loaded, latents)
    return images.clip(0, 1) if clipped else images


def reconstructions(run: Run, indices: np.ndarray) -> np.ndarray:
    """What the network makes of the test images `indices`: (N, C, H, W) in [0, 1]."""
    return decode(run, latents(run)[indices])


@explained
def baseline(run: Run, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 through PCA at the run's dimension and back, in [0, 1]."""
    pca = _pca(run.key, run.version, run)
    unit = metrics.to_unit(images)
    return pca.decode(pca.encode(unit)).reshape(unit.shape).clip(0, 1)


@st.cache_resource(max_entries=8, show_spinner=False)
def _pca(key: str, version: Version, _run: Run) -> projections.Pca:
    return _run.pca()


@explained
def latent_pca(run: Run) -> tuple[np.ndarray, projections.Pca]:
    """The latents of the test images along their own first two principal components (N, 2), and
    those.
    """
    pca = _latent_pca(run.key, run.version, run)
    return pca.encode(latents(run)), pca


@st.cache_resource(max_entries=8, show_spinner=False)
def _latent_pca(key: str, version: Version, _run: Run) -> projections.Pca:
    return projections.fit_pca(_latents(key, version, _run), 2)


@explained
def dimensions(run: Run) -> Dimensions:
    """Each dimension of the run's latent space, by the latents of all its test images; for KL by
    the
    first 2,000.
    """
    return _dimensions(run.key, run.version, run)


@st.cache_resource(max_entries=8, show_spinner="Measuring the dimensions")
def _dimensions(key: str, version: Version, _run: Run) -> Dimensions:
    latents, kl = _latents(key, version, _run), None
    if _run.config.is_variational:
        from autoencoder.networks import inference

        kl = inference.kl_by_dimension(
            _network(key, version, _run), _evaluation(key, version, _run).images[:KL_IMAGES]
        )
    return describe(latents, kl)


@explained
def decoder(run: Run) -> bytes:
    """The decoder as the browser wants it."""
    return _decoder(run.key, run.version, run)


@st.cache_resource(max_entries=8, show_spinner="Loading the decoder")
def _decoder(key: str, version: Version, _run: Run) -> bytes:
    return decoder_bytes(_run.config, _run.weights())


@explained
def come_back(run: Run, latents: np.ndarray) -> np.ndarray:
    """How far from itself each latent (N, D) lands when it is decoded and encoded again (N,)."""
    loaded = network(run)
    from autoencoder.networks import inference

    return inference.come_back(loaded, latents)


@explained
def distances_to_test(run: Run, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For images (N, C, H, W) in [0, 1]: index of the nearest test image, and its distance as MSE
    per pixel.
    """
    indices, distances = _test_images(run.key, run.version, run).nearest(
        1, images.astype(np.float32, copy=False)
    )
    return indices[:, 0], np.square(distances[:, 0]) / images[0].size


@st.cache_resource(max_entries=4, show_spinner=False)
def _test_images(key: str, version: Version, _run: Run) -> Neighbours:
    return Neighbours(metrics.to_unit(_evaluation(key, version, _run).images))
