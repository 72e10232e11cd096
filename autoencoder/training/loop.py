"""Fitting a network: a generator of Progress that knows no disk, no screen and no processes.

The images live on the device as one uint8 tensor, or in a memory-mapped file; a batch is an index
slice, converted on the device. The order of the images is a pure function of (seed, epoch), and all
other randomness comes from torch's generator, whose state a checkpoint holds: so a training that
goes on from a checkpoint equals one that never stopped, bit for bit.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError, TrainingDivergedError
from autoencoder.networks.corruption import warped
from autoencoder.networks.modules import Autoencoder
from autoencoder.system import read_ahead
from autoencoder.training.checkpoints import Position, pack, unpack
from autoencoder.training.early_stopping import Best
from autoencoder.training.objectives import OBJECTIVES
from autoencoder.training.optimisation import OPTIMIZERS, SCHEDULES, split_batches
from autoencoder.training.progress import Checkpoint, Progress, ProgressStream

REPORT_EVERY = 0.5  # seconds between two Progress within an epoch
TEST_BATCH = 500


def train(
    network: Autoencoder, config: RunConfig, images: np.ndarray, test_images: np.ndarray, **how: Any
) -> ProgressStream:
    """Fit `network` in place, yielding Progress as it goes.

    To stop early, stop asking. Options as for `Training`.
    """
    return Training(network, config, images, test_images, **how).run()


class Training:
    """One network's fit. Iterate over `run()`; at any Progress, `checkpoint()` holds what it takes
    to go on from there.
    """

    def __init__(
        self,
        network: Autoencoder,
        config: RunConfig,
        images: np.ndarray,
        test_images: np.ndarray,
        *,
        device: str = "cpu",
        precision: str = "float32",
        layout: str = "channels_last",
        checkpoint: Checkpoint | None = None,
        neighbours: Sequence[np.ndarray] = (),
    ) -> None:
        """Images are uint8 (N, C, H, W); precision is float32 or bfloat16 (autocast); layout is
        that of weights and images in memory, contiguous or channels_last; neighbours are indices
        (N, k) of images that are similar to each image, among the training and among the test
        images. Left out, an image is its own only neighbour.

        Raises:
            CorruptRunError: `checkpoint` is not one of this network.
        """
        self.memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.network = network.to(device).to(memory_format=self.memory)
        self.config, self.device, self.precision = config, torch.device(device), precision
        self.is_on_disk = isinstance(images, np.memmap)
        self.images = _placed(images, self.device)
        self.test_images = _placed(test_images[: config.info.evaluated], self.device)
        self._neighbours = [torch.from_numpy(each) for each in neighbours]
        make, options = OPTIMIZERS[config.optimizer]
        self.optimizer = make(network.parameters(), lr=config.learning_rate, **options)  # type: ignore[call-arg]
        self.batches = len(split_batches(torch.arange(len(images)), config.batch_size))
        self.at, self.best, self.outcome = Position(), Best(), ""
        self._random: dict[str, Tensor] = {}
        self._sums: dict[str, Tensor] = {}
        if checkpoint is not None:
            self._go_on_from(checkpoint)

    def run(self) -> ProgressStream:
        """Train to the end, yielding at least about once a second and once at the end of every
        epoch.

        Raises:
            TrainingDivergedError: The loss is not finite any more.
        """
        self._start_random()
        while self.at.epoch <= self.config.epochs and not self.best.is_hopeless(
            self.at.epoch - 1, self.config
        ):
            yield from self._epoch()
            self.at.epoch, self.at.batch, self._sums = self.at.epoch + 1, 0, {}
        self.outcome = self.best.settle(self.network, self.at.epoch - 1, self.config)

    def _epoch(self) -> ProgressStream:
        order = split_batches(self._order(), self.config.batch_size)
        self.network.train()
        last, clock = perf_counter(), _Clock(self.at)
        for indices in order[self.at.batch :]:
            self.step(indices)
            self.at.batch += 1
            self.at.images += len(indices)
            if perf_counter() - last >= REPORT_EVERY and self.at.batch < self.batches:
                clock.stop()
                yield self._progress()
                last, clock = perf_counter(), _Clock(self.at)
        test = self.evaluate()
        clock.stop()
        progress = self._progress(test)
        self.best.see(self.at.epoch, test["total"], self.network, self.config)
        yield progress

    def _order(self) -> Tensor:
        """The order of this epoch: a pure function of (seed, epoch)."""
        generator = torch.Generator().manual_seed(self.config.seed * 100_003 + self.at.epoch)
        return torch.randperm(len(self.images), generator=generator)

    def step(self, indices: Tensor) -> None:
        """One step of the optimiser on the training images of these indices (B,), at the schedule's
        learning rate for where the training is.
        """
        done = self.at.epoch - 1 + self.at.batch / self.batches
        share = done / self.config.epochs
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * SCHEDULES[self.config.schedule](share)
        x = self._to_unit(self._batch(indices, self.images, self._neighbours[:1]))
        if self.config.augment:
            x = warped(x, self.config.augment * (1 - share)).contiguous(memory_format=self.memory)
        with self._autocast():
            losses = OBJECTIVES[self.config.objective](self.network, x, self.config, done)
        self.optimizer.zero_grad(set_to_none=True)
        losses["total"].backward()
        self.optimizer.step()
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + loss.detach() * len(indices)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Losses on the test images, with the same noise every time; "mse" without any."""
        self.network.eval()
        sums: dict[str, Tensor] = {}
        with self._own_randomness(), self._autocast():
            for indices in torch.arange(len(self.test_images)).split(TEST_BATCH):
                x = self._to_unit(self._batch(indices, self.test_images, self._neighbours[1:]))
                losses = OBJECTIVES[self.config.objective](
                    self.network, x, self.config, float(self.at.epoch)
                )
                if self.config.objective_spec.is_noisy:
                    losses["mse"] = F.mse_loss(self.network(x).float(), x)
                for name, loss in losses.items():
                    sums[name] = sums.get(name, 0.0) + loss * len(indices)
        return {name: float(total) / len(self.test_images) for name, total in sums.items()}

    def _progress(self, test: dict[str, float] | None = None) -> Progress:
        at = self.at
        at.sums = {name: float(total) for name, total in self._sums.items()}
        seen = (
            min(at.batch * self.config.batch_size, len(self.images))
            if at.batch < self.batches
            else len(self.images)
        )
        means = {name: total / seen for name, total in at.sums.items()}
        if not all(math.isfinite(value) for value in (*means.values(), *(test or {}).values())):
            raise TrainingDivergedError(self._diverged())
        return Progress(
            at.epoch,
            self.config.epochs,
            at.batch,
            self.batches,
            means,
            test or {},
            at.seconds,
            at.cpu_seconds,
            at.images,
            test is not None,
        )

    def checkpoint(self) -> Checkpoint:
        """All it takes to go on from the Progress last yielded. Only between two steps, that is,
        while `run` waits.

        Raises:
            TrainingDivergedError: Some weights are not finite any more, although the losses so far
            were.
        """
        if not all(tensor.isfinite().all() for tensor in self.network.state_dict().values()):
            raise TrainingDivergedError(self._diverged())
        return pack(self.network, self.optimizer, self.at, self.best, self.device)

    def _go_on_from(self, checkpoint: Checkpoint) -> None:
        self.at, self.best, self._random = unpack(checkpoint, self.network, self.optimizer)
        if not (1 <= self.at.epoch <= self.config.epochs and 0 <= self.at.batch <= self.batches):
            raise CorruptRunError(
                "the checkpoint does not fit this run: epoch or batch out of range"
            )
        self._sums = {
            name: torch.tensor(total, device=self.device) for name, total in self.at.sums.items()
        }
        if self.at.batch == self.batches:  # taken at the end of an epoch
            self.at.epoch, self.at.batch, self._sums = self.at.epoch + 1, 0, {}

    def _diverged(self) -> str:
        advice = f"lower the learning rate (now {self.config.learning_rate:g})"
        return f"the loss became infinite or undefined in epoch {self.at.epoch}: {advice}"

    def _start_random(self) -> None:
        torch.manual_seed(self.config.seed)
        if "cpu" in self._random:
            torch.set_rng_state(self._random["cpu"])
        if self.device.type != "cpu" and (state := self._random.get(self.device.type)) is not None:
            torch.get_device_module(self.device).set_rng_state(state, self.device)

    @contextmanager
    def _own_randomness(self) -> Iterator[None]:
        """A while of randomness that is the same every time, after which torch's generator is where
        it was.
        """
        is_gpu = self.device.type != "cpu"
        devices, kind = ([self.device], self.device.type) if is_gpu else ([], "cuda")
        with torch.random.fork_rng(devices, device_type=kind):
            torch.manual_seed(self.config.seed)
            yield

    def _batch(self, indices: Tensor, images: Tensor, neighbours: list[Tensor]) -> Tensor:
        """The images of these indices, followed by a random neighbour of each if the objective asks
        for that.
        """
        if self.config.objective_spec.has_neighbours:
            similar = indices
            for each in neighbours:
                rows = each[indices]
                similar = rows.gather(1, torch.randint(rows.shape[1], (len(rows), 1)))[:, 0]
            indices = torch.cat([indices, similar])
        if self.is_on_disk:
            size = images[0].nbytes
            read_ahead(images.data_ptr(), (indices * size).tolist(), size)
        return images[indices.to(images.device)].to(self.device)

    def _to_unit(self, chunk: Tensor) -> Tensor:
        """uint8 images -> float32 in [0, 1]."""
        return chunk.float().div_(255).contiguous(memory_format=self.memory)

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"
        )


def _placed(images: np.ndarray, device: torch.device) -> Tensor:
    """All images on the device; those that are read from a file stay there, and only batches
    go to the device.
    """
    tensor = torch.from_numpy(images)
    return tensor if isinstance(images, np.memmap) else tensor.to(device)


class _Clock:
    """Adds the time from its making to `stop` to a position: what the caller does with a Progress
    is not training.
    """

    def __init__(self, at: Position) -> None:
        self.at, self.wall, self.cpu = at, perf_counter(), process_time()

    def stop(self) -> None:
        self.at.seconds += perf_counter() - self.wall
        self.at.cpu_seconds += process_time() - self.cpu
