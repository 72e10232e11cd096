"""Fitting a network: a generator of Progress that knows no disk and no screen.

The images live on the device as one uint8 tensor, or in a memory-mapped file; a batch is an index
slice, converted on the device. The order of the images is a pure function of (seed, epoch), and all
other randomness comes from torch's generator, whose state a checkpoint holds: so a training that
goes on from a checkpoint equals one that never stopped, bit for bit.

Several processes (distributed.py) may train one network: each runs this generator over the same
images, computes its slice of every batch, and has randomness of its own. All of them yield the same
Progress. Rank 0's caller alone makes checkpoints, and stops all by not asking on.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import CorruptRunError, TrainingDivergedError
from autoencoder.networks.corruption import warped
from autoencoder.networks.modules import Autoencoder
from autoencoder.system import read_ahead
from autoencoder.training.checkpoints import Position, pack, state_of_ranks, unpack
from autoencoder.training.distributed import ProcessGroup
from autoencoder.training.early_stopping import Best
from autoencoder.training.objectives import OBJECTIVES, Losses
from autoencoder.training.optimisation import OPTIMIZERS, SCHEDULES, norm_momentum, split_batches
from autoencoder.training.progress import Checkpoint, Progress, ProgressStream

REPORT_EVERY = 0.5  # seconds between two Progress within an epoch
TEST_BATCH = 500
RANK_STEP = 1_000_003  # between the seeds of two processes of a training
ALONE = ProcessGroup()
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.SyncBatchNorm)


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
        group: ProcessGroup = ALONE,
    ) -> None:
        """Images are uint8 (N, C, H, W); precision is float32 or bfloat16 (autocast); layout is
        that of weights and images in memory, contiguous or channels_last; neighbours are indices
        (N, k) of images that are similar to each image, among the training and among the test
        images. Left out, an image is its own only neighbour. The processes of `group` all make
        a Training of the same network, config, images and checkpoint.

        Raises:
            CorruptRunError: `checkpoint` is not one of this network and this number of processes.
        """
        self.memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.network = network.to(device).to(memory_format=self.memory)
        self.config, self.device, self.precision = config, torch.device(device), precision
        self.is_on_disk = isinstance(images, np.memmap)
        self.group, self._reports = group, _Reports(group)
        group.with_shared_statistics(network, self.device)
        self.images = _placed(images, self.device)
        self.test_images = _placed(test_images[: config.info.evaluated], self.device)
        self._neighbours = [torch.from_numpy(each) for each in neighbours]
        make, options = OPTIMIZERS[config.optimizer]
        self.optimizer = make(network.parameters(), lr=config.learning_rate, **options)  # type: ignore[call-arg]
        self._objective = group.parallel(_Objective(network, config))
        self._norms = [each for each in network.modules() if isinstance(each, NORMS)]
        self._statistics = [each for each in network.buffers() if each.is_floating_point()]
        self.batches = len(self._split(torch.arange(len(images))))
        self.at, self.best, self.outcome = Position(), Best(), ""
        self._random: dict[str, Tensor] = {}
        self._sums: dict[str, Tensor] = {}
        self._ranks: dict[str, Tensor] = {}  # as of the Progress last yielded
        if checkpoint is not None:
            self._go_on_from(checkpoint)

    def run(self) -> ProgressStream:
        """Train to the end, yielding at least about once a second and once at the end of every
        epoch.

        Raises:
            TrainingDivergedError: The loss is not finite any more.
        """
        self._start_random()
        if self.group.size > 1:
            self._settle_exchange()
        for progress in self._epochs():
            goes_on = False
            try:
                yield progress
                goes_on = True
            finally:  # where rank 0's caller does not ask on, the others hear it here
                goes_on = bool(self.group.agreed(goes_on))
            if not goes_on:
                return
        self.outcome = self.best.settle(self.network, self.at.epoch - 1, self.config)

    def _epochs(self) -> ProgressStream:
        while self.at.epoch <= self.config.epochs and not self.group.agreed(
            self.best.is_hopeless(self.at.epoch - 1, self.config)
        ):
            yield from self._epoch()
            self.at.epoch, self.at.batch, self._sums = self.at.epoch + 1, 0, {}

    def _epoch(self) -> ProgressStream:
        order = self._split(self._order())
        self.network.train()
        self._reports.restart()
        clock = _Clock(self.at)
        for indices in order[self.at.batch :]:
            self.step(indices)
            self.at.batch += 1
            self.at.images += len(indices)
            if self.at.batch < self.batches and self._reports.is_due():
                clock.stop()
                yield self._progress()
                self._reports.restart()
                clock = _Clock(self.at)
        test = self.evaluate()
        clock.stop()
        progress = self._progress(test)
        self.best.see(self.at.epoch, test["total"], self.network, self.config)
        yield progress

    def _order(self) -> Tensor:
        """The order of this epoch: a pure function of (seed, epoch)."""
        generator = torch.Generator().manual_seed(self.config.seed * 100_003 + self.at.epoch)
        return torch.randperm(len(self.images), generator=generator)

    def _split(self, order: Tensor) -> list[Tensor]:
        return split_batches(order, self.config.batch_size, self.group.size)

    def _settle_exchange(self) -> None:
        """Gradients are exchanged in the order of the first backward pass. One before the training,
        whose gradients are thrown away, lets every session add them up in the same order.
        """
        self.network.eval()
        with self._own_randomness(), self._autocast():
            x = self._to_unit(self._batch(torch.arange(2), self.images, self._neighbours[:1]))
            losses = self._objective(x, 0.0)
        losses["total"].backward()

    def step(self, indices: Tensor) -> None:
        """One step of the optimiser on the training images of these indices (B,), at the schedule's
        learning rate for where the training is. Each process computes its slice of them.
        """
        done = self.at.epoch - 1 + self.at.batch / self.batches
        share = done / self.config.epochs
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.learning_rate * SCHEDULES[self.config.schedule](share)
        step = (self.at.epoch - 1) * self.batches + self.at.batch
        momentum = norm_momentum(self.config.schedule, step, self.config.epochs * self.batches)
        for norm in self._norms:
            norm.momentum = momentum
        part = self.group.slice_of(indices)
        x = self._to_unit(self._batch(part, self.images, self._neighbours[:1]))
        if self.config.augment:
            x = warped(x, self.config.augment * (1 - share)).contiguous(memory_format=self.memory)
        with self._autocast():
            losses = self._objective(x, done)
        self.optimizer.zero_grad(set_to_none=True)
        self.group.weighted(losses["total"], len(part), len(indices)).backward()
        self.optimizer.step()
        self.group.average(self._statistics)
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + loss.detach() * len(part)

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Losses on the test images, with the same noise every time; "mse" without any."""
        self.network.eval()
        sums: dict[str, Tensor] = {}
        part = self.group.slice_of(torch.arange(len(self.test_images)))
        with self._own_randomness(), self._autocast():
            for indices in part.split(TEST_BATCH) if len(part) else ():
                x = self._to_unit(self._batch(indices, self.test_images, self._neighbours[1:]))
                losses = OBJECTIVES[self.config.objective](
                    self.network, x, self.config, float(self.at.epoch)
                )
                if self.config.objective_spec.is_noisy:
                    losses["mse"] = F.mse_loss(self.network(x).float(), x)
                for name, loss in losses.items():
                    sums[name] = sums.get(name, 0.0) + loss * len(indices)
        if self.group.size > 1:
            sums = self._over_all_processes(sums)
        return {name: float(total) / len(self.test_images) for name, total in sums.items()}

    def _over_all_processes(self, sums: dict[str, Tensor]) -> dict[str, Tensor]:
        """Sums by the name of the loss, added up; a process without images has none."""
        names = ("total", "reconstruction", "mse", *self.config.objective_spec.parts)
        row = torch.tensor([float(sums.get(name, 0.0)) for name in names], dtype=torch.float64)
        return dict(zip(names, self.group.gathered(row).sum(dim=0), strict=True))

    def _progress(self, test: dict[str, float] | None = None) -> Progress:
        at = self.at
        at.sums = {name: float(total) for name, total in self._sums.items()}
        seen = (
            min(at.batch * self.config.batch_size, len(self.images))
            if at.batch < self.batches
            else len(self.images)
        )
        self._ranks = state_of_ranks(self.group, at, self.device)
        totals, cpu_seconds = at.sums, at.cpu_seconds
        if self._ranks:
            totals = dict(zip(totals, self._ranks["sums"].sum(dim=0).tolist(), strict=True))
            cpu_seconds = float(self._ranks["cpu_seconds"].sum())
        means = {name: total / seen for name, total in totals.items()}
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
            cpu_seconds,
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
        return pack(self.network, self.optimizer, self.at, self.best, self.device, self._ranks)

    def _go_on_from(self, checkpoint: Checkpoint) -> None:
        self.at, self.best, self._random = unpack(
            checkpoint, self.network, self.optimizer, self.group
        )
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
        torch.manual_seed(self._seed)
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
            torch.manual_seed(self._seed)
            yield

    @property
    def _seed(self) -> int:
        """Of this process's randomness: with the same one, all would draw the same noise."""
        return self.config.seed + RANK_STEP * self.group.rank

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


class _Objective(nn.Module):
    """The training's objective as a module: images (B, C, H, W) -> losses."""

    def __init__(self, network: Autoencoder, config: RunConfig) -> None:
        super().__init__()
        self.network, self.config = network, config

    def forward(self, x: Tensor, epoch: float) -> Losses:
        """The losses after `epoch` epochs, a fraction counts."""
        return OBJECTIVES[self.config.objective](self.network, x, self.config, epoch)


class _Reports:
    """When a Progress within an epoch is due: REPORT_EVERY seconds after the last one.

    Several processes must agree on that. Asking each other after every step would take a share of
    it; so rank 0 tells at every Progress how many batches later the next one is due, which is half
    as many as fit, since they may get slower.
    """

    def __init__(self, group: ProcessGroup) -> None:
        self.group, self.due = group, 1
        self.restart()

    def restart(self) -> None:
        """Begin anew, after a Progress or at the start of an epoch."""
        self.since, self.batches = perf_counter(), 0

    def is_due(self) -> bool:
        """Ask after every batch."""
        self.batches += 1
        seconds = perf_counter() - self.since
        if self.group.size == 1:
            return seconds >= REPORT_EVERY
        if self.batches < self.due:
            return False
        fitting = int(REPORT_EVERY / 2 * self.batches / seconds)
        self.due = self.group.agreed(max(1, fitting))
        return True


class _Clock:
    """Adds the time from its making to `stop` to a position: what the caller does with a Progress
    is not training.
    """

    def __init__(self, at: Position) -> None:
        self.at, self.wall, self.cpu = at, perf_counter(), process_time()

    def stop(self) -> None:
        self.at.seconds += perf_counter() - self.wall
        self.at.cpu_seconds += process_time() - self.cpu
