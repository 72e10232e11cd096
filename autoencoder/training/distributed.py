"""Several processes that train one network: what each computes of a batch, and what they tell each
other. torchrun starts them.

Every process has all images and their order; of each batch it takes its slice. In the backward pass
DistributedDataParallel averages the gradients, so that all take the same step. What else they must
agree on (losses, when to report, whether to go on) goes through gloo on the CPU; gradients on GPUs
go through NCCL. A group of one process is a training without any of this: it sends nothing.

Shapes: N = processes, B = images of a batch.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from autoencoder.errors import ProcessLostError

# For what one process does while the others wait, such as finding neighbours. That one of them has
# ended is noticed at once, because its connections close.
TIMEOUT = timedelta(days=1)
LOST = re.compile(r"connection (closed|reset|refused)|broken pipe|gloo|nccl", re.IGNORECASE)


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of one training, as one of them sees it.

    Attributes:
        rank: The number of this process, from 0; rank 0 decides, and alone writes.
        size: How many there are.
    """

    rank: int = 0
    size: int = 1

    def slice_of(self, indices: Tensor) -> Tensor:
        """This process's part of the indices of a batch, (B,): parts differ by one at most."""
        return indices if self.size == 1 else indices.tensor_split(self.size)[self.rank]

    def weighted(self, loss: Tensor, images: int, batch: int) -> Tensor:
        """A mean loss over `images` of the `batch` images in all, scaled so that the average of all
        processes' gradients is the gradient of the mean over the batch.
        """
        return loss if images * self.size == batch else loss * (images * self.size / batch)

    def parallel(self, module: nn.Module) -> nn.Module:
        """The module, whose gradients are then the average over all processes after a backward
        pass.
        """
        if self.size == 1:
            return module
        return DistributedDataParallel(module, forward_sync_buffers=False)

    def with_shared_statistics(self, network: nn.Module, device: torch.device) -> None:
        """On GPUs, let batch norms use the statistics of the whole batch; on a CPU torch cannot."""
        if self.size > 1 and device.type == "cuda":
            nn.SyncBatchNorm.convert_sync_batchnorm(network)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Put the mean over all processes into each of the floating-point tensors."""
        if self.size == 1 or not tensors:
            return
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        parts = (flat / self.size).split([tensor.numel() for tensor in tensors])
        for tensor, mean in zip(tensors, parts, strict=True):
            tensor.copy_(mean.view_as(tensor))

    def gathered(self, tensor: Tensor) -> Tensor:
        """Every process's tensor, all of one shape and on the CPU, in one: (N, ...)."""
        if self.size == 1:
            return tensor[None]
        parts = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(parts, tensor)
        return torch.stack(parts)

    def agreed(self, number: int) -> int:
        """Rank 0's number. Every process waits until all have asked, so that nobody goes on
        alone.
        """
        if self.size == 1:
            return number
        return int(self.gathered(torch.tensor(number))[0])


@contextmanager
def process_group(local_rank: int) -> Iterator[ProcessGroup]:
    """The group that torchrun's environment variables name, entered when all its processes have
    come, and left at the end.

    Args:
        local_rank: The number of this process on its machine, and of its GPU if there are any.

    Raises:
        ProcessLostError: A process has ended before it left the group, so that the others cannot go
            on.
    """
    backend = "gloo"
    if torch.cuda.is_available() and local_rank < torch.cuda.device_count():
        torch.cuda.set_device(local_rank)
        backend = "cpu:gloo,cuda:nccl"
    try:
        dist.init_process_group(backend, timeout=TIMEOUT)
        yield ProcessGroup(dist.get_rank(), dist.get_world_size())
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError) or not LOST.search(str(error)):
            raise
        raise ProcessLostError("another process of this training has ended") from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()
