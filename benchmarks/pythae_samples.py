"""Images drawn from Pythae's VAE, trained by its own trainer for about so many seconds of a
processor: run by the Python of its own environment.

python -m benchmarks.pythae_samples FOLDER_WITH_MNIST OUT.npy LATENT_DIM SECONDS COUNT
"""

import json
import logging
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.samplers import NormalSampler
from pythae.trainers import BaseTrainer, BaseTrainerConfig

BATCH_SIZE, RATE = 128, 1e-3


def main() -> None:
    """Train, draw, write, and print what it took."""
    folder, out, latent_dim, seconds, count = sys.argv[1:]
    with np.load(Path(folder) / "mnist.npz", allow_pickle=False) as arrays:
        x = torch.from_numpy(arrays["train_images"]).float() / 255
        labels = torch.from_numpy(arrays["train_labels"])
    # Without an encoder and a decoder it takes its own: one dense layer of 512 units each.
    network = VAE(
        VAEConfig(input_dim=(1, 28, 28), latent_dim=int(latent_dim), reconstruction_loss="bce")
    )
    with tempfile.TemporaryDirectory() as scratch:
        options = BaseTrainerConfig(
            output_dir=scratch,
            per_device_train_batch_size=BATCH_SIZE,
            learning_rate=RATE,
            no_cuda=True,
        )
        trainer = BaseTrainer(network, BaseDataset(x, labels), training_config=options)
        trainer.prepare_training()
        began, epochs = time.process_time(), 0
        while time.process_time() - began < float(seconds):
            epochs += 1
            trainer.train_step(epochs)
        taken = time.process_time() - began
        network.eval()
        images = NormalSampler(network).sample(
            int(count), batch_size=500, save_sampler_config=False
        )
    np.save(out, images.reshape(-1, 1, 28, 28).cpu().numpy().clip(0, 1))
    print(json.dumps({"epochs": epochs, "seconds": taken}))


if __name__ == "__main__":
    logging.disable()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    main()
