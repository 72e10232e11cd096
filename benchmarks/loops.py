"""The training loops that are compared: the product's, a bare one, the one of the textbooks. Each
yields images done. Beside them products of matrices, which show how fast the machine multiplies.

    python -m benchmarks.loops {product,bare,textbook,matrices} --data FOLDER [--device cuda]
    [--threads N] [--precision P] [--layout L]

is a contestant for benchmarks/meter.py. The way of computing is the product's own to find; the bare
loop is told it.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from autoencoder.config.presets import preset_values
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.networks.modules import build
from autoencoder.system import keep_memory
from autoencoder.training import calibration
from autoencoder.training.loop import Training
from autoencoder.training.optimisation import OPTIMIZERS
from autoencoder.training.timing import ComputeSettings
from benchmarks.meter import serve

CONFIG = replace(
    RunConfig(**preset_values("balanced", "mnist")), epochs=10_000
)  # it trains until nobody asks for more
TEXTBOOK_BATCH = 128  # images
SIDE = 2_048  # of the matrices: large enough for the machine's best


def product(data: Dataset, compute: ComputeSettings, device: str) -> Iterator[int]:
    """The dashboard's own, whole: order of the images, schedule, sums of the losses, Progress; but
    tested on one image only.
    """
    training, done = _training(data, compute, device, tests=1), 0
    for progress in training.run():
        yield progress.images - done
        done = progress.images


def bare(data: Dataset, compute: ComputeSettings, device: str) -> Iterator[int]:
    """The least that trains the same network in the same way: batches are floats in memory, always
    in the same order.
    """
    memory = torch.channels_last if compute.layout == "channels_last" else torch.contiguous_format
    network = build(CONFIG).to(device).to(memory_format=memory)
    make, options = OPTIMIZERS[CONFIG.optimizer]
    optimizer = make(network.parameters(), lr=CONFIG.learning_rate, **options)  # type: ignore[call-arg]
    pixels = torch.from_numpy(data.train.images).to(device).float().div_(255)
    batches = [batch.contiguous(memory_format=memory) for batch in pixels.split(CONFIG.batch_size)]
    while True:
        for x in batches:
            with torch.autocast(device, torch.bfloat16, enabled=compute.precision == "bfloat16"):
                logits = network.decoder(network.encode(x))
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(logits.float(), x).backward()
            optimizer.step()
            yield len(x)


def textbook(data: Dataset, device: str) -> Iterator[int]:
    """As in the tutorials: torchvision's MNIST through PIL and ToTensor, DataLoader, batches of
    128, Adam, float32.
    """
    from torchvision import transforms
    from torchvision.datasets import MNIST

    with tempfile.TemporaryDirectory() as folder:
        _write_raw(Path(folder) / "MNIST" / "raw", data)
        images = MNIST(folder, transform=transforms.ToTensor())
    loader = torch.utils.data.DataLoader(
        images, batch_size=TEXTBOOK_BATCH, shuffle=True, num_workers=0
    )
    network = (
        build(CONFIG).to(device).requires_grad_(True)
    )  # also biases that a batch norm takes out again
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    while True:
        total = 0.0
        for batch, _ in loader:
            x = batch.to(device)
            optimizer.zero_grad()
            loss = F.binary_cross_entropy(network(x), x)
            loss.backward()
            optimizer.step()
            total += loss.item()
            yield len(x)


def matrices(compute: ComputeSettings, device: str) -> Iterator[int]:
    """Products of two square matrices in the product's precision; yields multiply-adds."""
    one, other = (
        torch.rand(SIDE, SIDE, device=device, dtype=getattr(torch, compute.precision))
        for _ in range(2)
    )
    while True:
        torch.mm(one, other)
        yield SIDE**3


def multiply_adds(data: Dataset, device: str) -> float:
    """Of one image in a training step, forward and back: those of matrix products and
    convolutions.
    """
    training = _training(data, ComputeSettings(), device, tests=1)
    with FlopCounterMode(display=False) as counter:
        training.step(torch.arange(CONFIG.batch_size))
    return counter.get_total_flops() / 2 / CONFIG.batch_size


def seconds_to_test(data: Dataset, compute: ComputeSettings, device: str) -> float:
    """What the product's test after every epoch takes, by the processor's clock, or the wall's if
    it works elsewhere.
    """
    training = _training(data, compute, device)
    clock = time.process_time if device == "cpu" else time.perf_counter
    times = []
    for _ in range(2):
        started = clock()
        training.evaluate()  # ends with the losses as numbers: nothing is left to wait for
        times.append(clock() - started)
    return min(times)


def settle(device: str) -> None:
    """Wait for what the device still has to do."""
    if device == "cuda":
        torch.cuda.synchronize()


def _training(
    data: Dataset, compute: ComputeSettings, device: str, tests: int | None = None
) -> Training:
    images, layout = data.test.images[:tests], compute.layout
    return Training(
        build(CONFIG),
        CONFIG,
        data.train.images,
        images,
        device=device,
        precision=compute.precision,
        layout=layout,
    )


def _write_raw(folder: Path, data: Dataset) -> None:
    """MNIST as its authors give it away, which is what torchvision reads: type, axes, lengths,
    bytes.
    """
    folder.mkdir(parents=True)
    for name, split in (("train", data.train), ("t10k", data.test)):
        for kind, array in (("images-idx3", split.images[:, 0]), ("labels-idx1", split.labels)):
            head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{name}-{kind}-ubyte").write_bytes(head + array.astype(np.uint8).tobytes())


def main() -> None:
    """Serve as a contestant."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("loop", choices=("product", "bare", "textbook", "matrices"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument(
        "--threads", type=int, default=1, help="0: as many as torch takes by itself"
    )
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--layout", default="contiguous")
    arguments = parser.parse_args()
    data, about = loading.load(CONFIG, arguments.data), {}
    compute = ComputeSettings(arguments.threads, arguments.precision, arguments.layout)
    if arguments.loop == "product":
        keep_memory()  # as its trainer does
        compute = calibration.calibrate(CONFIG, device=arguments.device).compute
    if compute.threads:
        torch.set_num_threads(compute.threads)
    if arguments.loop == "product":
        about = {
            **asdict(compute),
            "test": seconds_to_test(data, compute, arguments.device),
            "multiply_adds": multiply_adds(data, arguments.device),
        }
    work = {
        "product": lambda: product(data, compute, arguments.device),
        "bare": lambda: bare(data, compute, arguments.device),
        "textbook": lambda: textbook(data, arguments.device),
        "matrices": lambda: matrices(compute, arguments.device),
    }[arguments.loop]()
    serve(work, about, lambda: settle(arguments.device))


if __name__ == "__main__":
    main()
