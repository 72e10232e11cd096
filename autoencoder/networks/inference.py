"""A trained network at work, arrays in and arrays out: encode, decode, reconstruct, and what needs
torch to measure.

Shapes: images (N, C, H, W) uint8, latents (N, D) float32, reconstructions (N, C, H, W) float32.
"""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

from autoencoder.config.datasets import ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError
from autoencoder.networks.blueprint import batch_of
from autoencoder.networks.corruption import corrupt
from autoencoder.networks.modules import Autoencoder, build, kl_to_prior


def use_one_thread() -> None:
    """For a process that does other things besides: pages share the cores with each other and with
    a training.
    """
    torch.set_num_threads(1)


def rebuild(
    config: RunConfig, weights: Mapping[str, np.ndarray], shape: ImageShape | None = None
) -> Autoencoder:
    """The trained network, ready for use.

    Raises CorruptRunError if the weights are another network's.
    """
    network = build(config, shape)
    try:
        network.load_state_dict(
            {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
        )
    except (RuntimeError, TypeError) as error:
        raise CorruptRunError(
            f"the weights are not those of this network: {str(error)[:200]}"
        ) from error
    return network.eval()


def encode(network: Autoencoder, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> latents (N, D)."""
    return _in_batches(lambda x: network.encode(x.float() / 255), images, network)


def decode(network: Autoencoder, latents: np.ndarray) -> np.ndarray:
    """Latents (N, D) -> images (N, C, H, W); in [0, 1] if the output activation is a sigmoid."""
    return _in_batches(network.decode, np.asarray(latents, dtype=np.float32), network)


def reconstruct(network: Autoencoder, images: np.ndarray) -> np.ndarray:
    """Images (N, C, H, W) uint8 -> their reconstructions, float32."""
    return _in_batches(lambda x: network(x.float() / 255), images, network)


def kl_by_dimension(network: Autoencoder, images: np.ndarray) -> np.ndarray:
    """Mean KL between posterior and prior in nats, for each dimension (D,).

    Images (N, C, H, W) uint8; variational only.
    """

    def kl(x: Tensor) -> Tensor:
        return kl_to_prior(*network.posterior(x.float() / 255))

    return _in_batches(kl, images, network).mean(axis=0)


def come_back(network: Autoencoder, latents: np.ndarray) -> np.ndarray:
    """How far from itself each latent (N, D) lands when it is decoded and encoded again: Euclidean
    distances (N,).
    """
    latents = np.asarray(latents, dtype=np.float32)
    again = _in_batches(lambda z: network.encode(network.decode(z).clamp(0, 1)), latents, network)
    return np.linalg.norm(again - latents, axis=1)


def corrupted(images: np.ndarray, noise: str, level: float, seed: int = 0) -> np.ndarray:
    """Images (N, C, H, W) uint8 as a denoiser is given them, in [0, 1]: the same for the same
    seed.
    """
    return corrupt(
        torch.from_numpy(images).float() / 255, noise, level, torch.Generator().manual_seed(seed)
    ).numpy()


def ssim(images: np.ndarray, reconstructions: np.ndarray) -> float:
    """Mean structural similarity, 1 for equal images: Wang et al. 2004, Gaussian window of sigma
    1.5, pixels in [0, 1].

    Args:
        images: (N, C, H, W) uint8.
        reconstructions: (N, C, H, W) float.
    """
    from torchmetrics.functional.image import structural_similarity_index_measure

    total, size = 0.0, batch_of(images[0].size)
    for start in range(0, len(images), size):
        chunk = torch.from_numpy(images[start : start + size]).float() / 255
        other = torch.from_numpy(reconstructions[start : start + size].astype(np.float32)).clamp(
            0, 1
        )
        similarity = structural_similarity_index_measure(other, chunk, data_range=1.0)
        assert isinstance(similarity, Tensor)  # a tuple only where a full map is asked for
        total += float(similarity) * len(chunk)
    return total / len(images)


@torch.no_grad()
def _in_batches(
    function: Callable[[Tensor], Tensor], array: np.ndarray, network: Autoencoder
) -> np.ndarray:
    """Apply in evaluation mode; the network is left in the mode it was in."""
    was_training, device = network.training, next(network.parameters()).device
    network.eval()
    try:
        parts = [
            function(chunk.to(device)).float().cpu().numpy()
            for chunk in torch.from_numpy(array).split(batch_of(network.pixels))
        ]
    finally:
        network.train(was_training)
    return np.concatenate(parts)
