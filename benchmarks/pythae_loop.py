"""Pythae's own MNIST autoencoder in Pythae's own trainer, as a contestant: run by the Python of its
own environment.

python -m benchmarks.pythae_loop FOLDER_WITH_MNIST IMAGES
"""

import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import AE, AEConfig
from pythae.models.nn.benchmarks.mnist import Decoder_Conv_AE_MNIST, Encoder_Conv_AE_MNIST
from pythae.trainers import BaseTrainer, BaseTrainerConfig

from benchmarks.meter import serve

LATENT_DIM, BATCH_SIZE = 2, 128  # as in benchmarks/loops.py


def epochs(folder: Path, images: int, scratch: str) -> Iterator[int]:
    """The trainer's epochs over so many images, without what it does between them."""
    with np.load(folder / "mnist.npz", allow_pickle=False) as arrays:
        x = torch.from_numpy(arrays["train_images"][:images]).float() / 255
        labels = torch.from_numpy(arrays["train_labels"][:images])
    config = AEConfig(input_dim=(1, 28, 28), latent_dim=LATENT_DIM)
    network = AE(
        config, encoder=Encoder_Conv_AE_MNIST(config), decoder=Decoder_Conv_AE_MNIST(config)
    )
    how = BaseTrainerConfig(
        output_dir=scratch, per_device_train_batch_size=BATCH_SIZE, no_cuda=True
    )
    trainer = BaseTrainer(network, BaseDataset(x, labels), training_config=how)
    trainer.prepare_training()
    epoch = 0
    while True:
        epoch += 1
        trainer.train_step(epoch)
        yield len(x)


if __name__ == "__main__":
    logging.disable()  # its console handler writes where the laps are told
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        serve(epochs(Path(sys.argv[1]), int(sys.argv[2]), scratch), {})
