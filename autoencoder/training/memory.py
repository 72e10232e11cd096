"""Memory: about how much a training will take, foreseen from its config, and whether this machine
has that much. No torch.

What is counted: the libraries, the images, the numbers that are learned with their gradients and
the optimiser's moments, the copies that a checkpoint is made of, and the activations of one batch,
which wait for the backward pass. Real trainings were within a factor of 1.5 of it (float32, on a
CPU). A GPU has memory of its own, which nobody looks at here: what is too much for it is said when
it happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from autoencoder import system
from autoencoder.config.optimisation import OPTIMIZERS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.formatting import byte_size
from autoencoder.networks.blueprint import BYTES, LAYERS, Layer, blueprint_of

LIBRARIES = 900_000_000  # bytes: measured with torch 2.15 for CUDA; without CUDA it is less
CHECKPOINT_COPIES = 2  # one as arrays, one as the bytes of the file
GRADIENTS = 2  # of the largest layer: they are there at once, while it is passed backwards
IMAGE_COPIES = 6  # of a batch as float32: clean, noisy, logits, reconstruction, losses
TEST_COPIES = 6  # of the test images as float32, while a finished run is measured
TEST_BATCH = 500  # images that are encoded at once where nothing is learned


@dataclass(frozen=True)
class Memory:
    """What a training takes, in bytes.

    Attributes:
        data: The images, and what is measured on the test images in the end.
        weights: What is learned, its gradients, the optimiser's moments, and a checkpoint.
        activations: Of one batch, forward and backward.
    """

    data: int
    weights: int
    activations: int

    @property
    def network(self) -> int:
        """All but what every training takes: the libraries are not counted."""
        return self.data + self.weights + self.activations

    @property
    def total(self) -> int:
        """Of the whole process."""
        return LIBRARIES + self.network


def training_memory(config: RunConfig) -> Memory:
    """About how much memory the training of `config` takes."""
    blueprint, info = blueprint_of(config), config.info
    test_images = info.evaluated
    # Those of an added data set are read from its files, batch by batch.
    images = 0 if config.added else info.train + info.test + config.train_size
    data = config.shape.pixels * (images + TEST_COPIES * BYTES * test_images)
    moments = OPTIMIZERS[config.optimizer].moments
    in_training = 2 + moments + config.keep_best  # weights, gradients, moments, the best weights
    in_checkpoint = CHECKPOINT_COPIES * (1 + moments + config.keep_best)
    weights = BYTES * blueprint.parameters * (in_training + in_checkpoint)
    layers = (*blueprint.encoder, *blueprint.decoder)
    sizes = list(_activation_sizes(layers))
    copies = IMAGE_COPIES * config.shape.pixels
    seen = config.batch_size * (2 if config.objective_spec.has_neighbours else 1)
    learning = seen * (sum(sizes) + GRADIENTS * max(sizes) + copies)
    testing = min(TEST_BATCH, test_images) * (2 * max(sizes) + copies)
    return Memory(data, weights, BYTES * max(learning, testing))


def _activation_sizes(layers: Iterable[Layer]) -> Iterable[int]:
    """Numbers in the output of each layer for one image; a layer that only changes the shape of
    what passes makes no new ones.
    """
    for layer in layers:
        for branch in layer.branches:
            yield from _activation_sizes(branch)
        if not LAYERS[layer.kind].is_silent:
            yield prod(layer.out_shape)


def require_memory(config: RunConfig) -> None:
    """Raises ConfigError for a training that needs more memory than this machine has, if that is
    known.
    """
    needed, limit = training_memory(config), system.memory_limit()
    if limit and needed.network > limit:
        widest = "batch_size" if needed.activations > needed.weights else _widest_option(config)
        raise ConfigError(
            f"{widest} must be smaller: a training with these options needs about"
            f" {byte_size(needed.total)} of memory; this machine allows {byte_size(limit)}"
        )


def _widest_option(config: RunConfig) -> str:
    return "hidden" if config.uses("hidden") else "latent_dim"
