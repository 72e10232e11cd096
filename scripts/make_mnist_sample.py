"""Make the data set `mnist_sample` from MNIST's official files.

    python -m scripts.make_mnist_sample [DATA_FOLDER]

The folder is one that the dashboard keeps its data sets in, which may hold the official archives in
MNIST/raw; they are downloaded where they are missing. Without a folder, it is the usual one.
The first 10,000 training and the first 2,000 test images are taken, in the order of the files:
classes are as frequent as they are there, and not balanced.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np

from autoencoder.config.settings import Settings
from autoencoder.data import loading

TRAIN, TEST = 10_000, 2_000
OUT = Path(__file__).parents[1] / "autoencoder" / "data" / "mnist_sample" / "mnist_sample.npz"


def main() -> None:
    """Write the file and print its size, its checksum and how many images each class has."""
    folder = Settings.from_environment(data=sys.argv[1] if len(sys.argv) > 1 else None).data
    mnist = loading.prepare("mnist", folder)
    arrays = {
        "train_images": mnist.train.images[:TRAIN],
        "train_labels": mnist.train.labels[:TRAIN].astype(np.uint8),
        "test_images": mnist.test.images[:TEST],
        "test_labels": mnist.test.labels[:TEST].astype(np.uint8),
    }
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, **arrays)  # type: ignore[arg-type]
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes, sha256 {_sha256(OUT.read_bytes())}")
    for name, array in arrays.items():
        print(f"{name} {array.shape} sha256 {_sha256(array.tobytes())}")
        if array.ndim == 1:
            print(f"images of each class: {np.bincount(array).tolist()}")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


if __name__ == "__main__":
    main()
