"""The processes that train a run beside rank 0: started from here, and what each of them does."""

import contextlib
import os
import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.errors import ProcessLostError, TrainingDivergedError
from autoencoder.jobs.neighbour_graph import kept_graphs
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import GRACE
from autoencoder.jobs.torchrun import Worker, child_environment, command
from autoencoder.progress import ProgressCallback
from autoencoder.runs import Run, Task
from autoencoder.runs.state import TRAIN
from autoencoder.system import end_after_signal, keep_memory

if TYPE_CHECKING:
    from autoencoder.training.distributed import ProcessGroup
    from autoencoder.training.loop import Training

POLL = 0.1  # seconds
FAREWELL = GRACE + 2.0  # seconds after a signal: rank 0 ends before, and tells the others


def train_in_processes(queue: Queue, key: str, processes: int, notify: ProgressCallback) -> Run:
    """Train the run `key` on several processes beside this one, and wait for the end.

    `notify` hears what is being done, and the share that is done. An interrupt stops the run.
    """
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    number = ["--processes", str(processes)]
    argv = command(["train", "--run", key, *number, *places])
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, env=child_environment()) as child:
        try:
            _wait(child, queue.task(key, TRAIN), notify)
        except KeyboardInterrupt:
            queue.stop(key)
            child.wait()
            raise
    return queue.store.get(key)


def _wait(child: "subprocess.Popen[bytes]", task: Task, notify: ProgressCallback) -> None:
    """Until the process has ended; `notify` hears of every new step."""
    step = ""
    while child.poll() is None:
        with contextlib.suppress(OSError, ValueError):
            record = task.read()
            if record.step not in ("", step):
                step = record.step
                notify(step, record.share)
        time.sleep(POLL)


def follow(queue: Queue, key: str, worker: Worker) -> None:
    """Train in a process that is not rank 0: compute its slice of each batch, and write nothing.

    It ends when rank 0 stops, has finished the last epoch, or is gone; then without an error, so
    that torchrun blames the process that has one.
    """
    end_after_signal(FAREWELL)
    task = queue.task(key, TRAIN)
    while not task.is_held():
        if task.glance() == "finished":
            return
        time.sleep(POLL)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch is loaded
    keep_memory()
    from autoencoder.training.distributed import process_group

    gone = ProcessLostError, TrainingDivergedError  # both are rank 0's to tell
    with contextlib.suppress(*gone), process_group(worker.local_rank) as group:
        group.agreed(0)  # rank 0 has written down how to compute
        for _ in _training(queue.settings, queue.store.get(key), group).run():
            pass


def _training(settings: Settings, run: Run, group: "ProcessGroup") -> "Training":
    """The same as rank 0 makes, from what rank 0 has put into the folders."""
    import torch

    from autoencoder.networks.modules import build
    from autoencoder.training.loop import Training

    config, record = run.config, run.record
    torch.set_num_threads(record.threads)
    data = loading.load(config, settings.data)
    test_images = np.array(data.test.images[: config.info.evaluated])
    return Training(
        build(config),
        config,
        data.train.images,
        test_images,
        device=record.device,
        precision=record.precision,
        layout=record.layout,
        checkpoint=run.checkpoint() if run.has_checkpoint else None,
        neighbours=kept_graphs(config, data.train.images, test_images, settings.data),
        group=group,
    )
