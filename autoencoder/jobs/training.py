"""The training process: takes the run's lock, then torch; trains; puts what it learns into the
run's folder.
"""

import contextlib
import errno
import os
import traceback
from collections.abc import Callable
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.config.datasets import TEST_IMAGES
from autoencoder.data import loading
from autoencoder.errors import AutoencoderError, RunBusyError, RunError
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.stopping import StopWatch
from autoencoder.runs import Run, RunWriter, Task, TimingStore
from autoencoder.runs.state import timestamp
from autoencoder.runs.writer import SNAPSHOT_IMAGES, SNAPSHOT_LATENTS
from autoencoder.system import keep_memory
from autoencoder.training.progress import Progress
from autoencoder.training.timing import INTERPRETER

if TYPE_CHECKING:
    from autoencoder.training.loop import Training

Say = Callable[[str], None]
OnProgress = Callable[[Progress], None]
LOCK_TIMEOUT = 2.0  # seconds; a reader's look holds the lock for an instant
STATE_EVERY = 0.4  # seconds between two reports in state.json


def train_run(
    queue: Queue,
    key: str,
    *,
    threads: int = 0,
    precision: str = "",
    device: str = "",
    say: Say = print,
    on_progress: OnProgress | None = None,
) -> Run:
    """Train the run `key` in this process, from its checkpoint if there is one, to its end or until
    it
    is asked to stop.

    `threads`, `precision` and `device` are used if given, else those the run used before, else
    found by trial. A failure is written into the run and seen in the state of the run that is
    returned.

    Raises:
        UnknownRunError, CorruptRunError: There is no such run.
        RunBusyError: Another process is training it.
    """
    began = perf_counter()
    run = queue.store.get(key)
    task = Task(run.folder)
    lock = task.lock()
    if not task.is_held():
        task.stop_file.unlink(
            missing_ok=True
        )  # left by a session that was killed: it was not meant for this one
    if not lock.acquire(LOCK_TIMEOUT):
        raise RunBusyError(f"{key} is already being trained by another process")
    may_write = True
    try:
        if task.read().state != "finished":
            asked = {
                name: value
                for name, value in (
                    ("threads", threads),
                    ("precision", precision),
                    ("device", device),
                )
                if value
            }
            try:
                task.update(
                    state="running",
                    pid=os.getpid(),
                    step="starting",
                    error="",
                    started=timestamp(),
                    **asked,
                )
            except OSError as error:
                may_write = False
                raise RunError(f"cannot write to the run {key}: {error.strerror}") from error
            _guarded(_Trainer(run, task, queue, say, on_progress, began))
    finally:
        lock.release()
        if may_write:  # else the next one could not either, and would start another
            queue.tick()
    return queue.store.get(key)


def _guarded(trainer: "_Trainer") -> None:
    """Work until done; whatever goes wrong becomes the run's final state, in words."""
    stop = trainer.stop
    with stop.watching():
        try:
            trainer.work()
        except AutoencoderError as error:
            stop.finish("failed", error=str(error))
        except MemoryError:
            stop.finish(
                "failed", error="there was not enough memory: make the network or the batch smaller"
            )
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
            reason = (
                "the disk is full: make room, then go on"
                if full
                else f"the run's folder cannot be written: {error.strerror}"
            )
            with contextlib.suppress(
                OSError
            ):  # a disk that is really full takes no state either: then it reads as interrupted
                stop.finish("failed", error=reason)
        except Exception as error:
            trainer.say(traceback.format_exc())
            stop.finish(
                "failed",
                error=f"unexpected {type(error).__name__}: {str(error)[:300]} (the log has more)",
            )


class _Trainer:
    """One session at one run."""

    def __init__(
        self,
        run: Run,
        task: Task,
        queue: Queue,
        say: Say,
        on_progress: OnProgress | None,
        began: float,
    ) -> None:
        self.run, self.task, self.data_folder, self.on_progress = (
            run,
            task,
            queue.settings.data,
            on_progress,
        )
        self.timings, self.began = TimingStore(queue.settings.models), began
        self.writer, self.stop = RunWriter(run.folder), StopWatch(task)
        self._say, self._reported = say, 0.0

    def work(self) -> None:
        """The whole story, top to bottom."""
        os.environ.setdefault(
            "OMP_WAIT_POLICY", "passive"
        )  # threads that spin while they wait slow each other down
        keep_memory()

        self._step("reading the data")
        data = loading.load(self.run.config, self.data_folder, self._step)
        images, labels = data.test.images[:TEST_IMAGES], data.test.labels[:TEST_IMAGES]
        self.writer.test_images(images, labels)

        self._step("loading torch")
        training = self._training(data.train.images, images)
        self._step("training")
        if not self._fit(training, images):
            return self.stop.finish("stopped")

        self.stop.update(note=training.outcome)
        self._step("measuring on the test images")
        from autoencoder.jobs.evaluation import measure

        self.writer.weights(
            training.checkpoint().weights, lambda digest: self.stop.update(weights_sha256=digest)
        )
        measure(training.network, self.run.config, data.train.images, images, labels, self.writer)
        self.stop.finish("finished", took=INTERPRETER + perf_counter() - self.began)
        self.writer.drop_checkpoint()

    def _training(self, images: np.ndarray, test_images: np.ndarray) -> "Training":
        """The network where it was left, computing as it did before or as is fastest now."""
        import torch

        from autoencoder.jobs.calibration import choose_compute_settings
        from autoencoder.networks import modules
        from autoencoder.training.loop import Training

        config, record = self.run.config, self.task.read()
        device = record.device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._step("finding the fastest way to compute")
        compute, predicted = choose_compute_settings(
            self.timings, config, record, self.began, device
        )
        torch.set_num_threads(compute.threads)
        goes_on = self.run.has_checkpoint
        self.stop.update(device=device, **vars(compute), predicted=0.0 if goes_on else predicted)
        self.say(
            f"{config.key}: {compute.threads} thread(s), {compute.precision}, {compute.layout},"
            f" on {device}"
        )

        checkpoint = self.run.checkpoint() if goes_on else None
        network = modules.build(config)
        training = Training(
            network,
            config,
            images,
            test_images,
            device=device,
            precision=compute.precision,
            layout=compute.layout,
            checkpoint=checkpoint,
        )
        self.writer.rewind(training.at.epoch - 1)
        return training

    def _fit(self, training: "Training", images: np.ndarray) -> bool:
        """Train to the end, True, or until asked to stop, False."""
        from autoencoder.networks import inference

        with contextlib.closing(training.run()) as stream:
            for progress in stream:
                if progress.epoch_done:
                    latents = inference.encode(training.network, images[:SNAPSHOT_LATENTS])
                    reconstructions = inference.reconstruct(
                        training.network, images[:SNAPSHOT_IMAGES]
                    )
                    self.writer.epoch(progress, latents, reconstructions, training.checkpoint())
                self._report(progress)
                if self.stop.requested:
                    if not progress.epoch_done:
                        self.writer.checkpoint(training.checkpoint())
                    self.stop.update(progress=progress)
                    return False
        return True

    def _report(self, progress: Progress) -> None:
        if self.on_progress is not None:
            with contextlib.suppress(OSError):  # no more than `say`
                self.on_progress(progress)
        if monotonic() - self._reported >= STATE_EVERY or progress.done == 1:
            self.stop.update(progress=progress)
            self._reported = monotonic()

    def _step(self, words: str) -> None:
        """What is being done now, for the page and for the log."""
        self.stop.update(step=words)
        self.say(words)

    def say(self, words: str) -> None:
        """To the log; a log that cannot be written is no reason to stop."""
        with contextlib.suppress(OSError):
            self._say(words)
