"""The training job: trains a run from where it was left, and puts what it learns into the run's
folder.
"""

import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

import numpy as np

from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.errors import DatasetError, JobError, ProcessLostError
from autoencoder.jobs import precomputation
from autoencoder.jobs.failures import is_out_of_memory, needs_memory
from autoencoder.jobs.job import RunningJob
from autoencoder.jobs.neighbour_graph import SPLITS, graph_file, needs_graph, neighbour_graph
from autoencoder.jobs.queue import Queue
from autoencoder.jobs.runner import run_job
from autoencoder.jobs.teacher import encoder_of, teacher_of
from autoencoder.jobs.torchrun import Worker, processes_of, require_processes, this_worker
from autoencoder.jobs.workers import follow
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs import Run, RunStore, RunWriter, TimingStore
from autoencoder.runs.arrays import SNAPSHOT_IMAGES, SNAPSHOT_LATENTS
from autoencoder.runs.dataset import stored_dataset
from autoencoder.runs.state import TRAIN
from autoencoder.system import end_with_parent, keep_memory
from autoencoder.training.memory import training_memory
from autoencoder.training.progress import Progress
from autoencoder.training.timing import INTERPRETER, ComputeSettings

if TYPE_CHECKING:
    from autoencoder.training.distributed import ProcessGroup
    from autoencoder.training.loop import Training

REPORT_INTERVAL = 0.4  # seconds between two reports in state.json
LOST = 3  # exit status of rank 0 when another process has ended


def train_run(
    queue: Queue,
    key: str,
    *,
    threads: int = 0,
    precision: str = "",
    device: str = "",
    notify: ProgressCallback = ignore,
    on_progress: Callable[[Progress], object] = lambda progress: None,
) -> Run:
    """Train the run `key` in this process, from its checkpoint if there is one, to its end or until
    it is asked to stop.

    `threads`, `precision` and `device` are used if given, else those the run used before, else
    found by trial. `on_progress` hears the training's own Progress, about once a second. A failure
    is written into the run and seen in the state of the run that is returned. In a process of
    torchrun's all of them call this; rank 0 does what is said here, the others help it.

    Raises:
        UnknownRunError, CorruptRunError: There is no such run.
        RunBusyError: Another process is training it.
        RunError: The run's folder cannot be written.
        JobError: Its checkpoint is that of another number of processes.
        ConfigError: There are more processes than this machine or a batch has room for.
    """
    worker, run = this_worker(), queue.store.get(key)
    require_processes(processes_of(run, worker.size), run.config, device or run.record.device)
    if worker.size > 1:
        end_with_parent()
    if worker.rank:
        follow(queue, key, worker)
        return queue.store.get(key)
    options = {"threads": threads, "precision": precision, "device": device}
    named = {name: value for name, value in options.items() if value}
    task = queue.task(key, TRAIN)
    run_job(
        queue,
        task,
        notify,
        lambda job: _train(queue, job, on_progress, worker),
        processes=worker.size,
        **named,
    )
    return queue.store.get(key)


def _train(
    queue: Queue, job: RunningJob, on_progress: Callable[[Progress], object], worker: Worker
) -> None:
    """Train, and ask for what pages show first; where there is not enough memory, say how much is
    needed. Raises JobError then.
    """
    precomputation.cancel(queue)
    trainer = _Trainer(job, on_progress, worker)
    try:
        trainer.work()
    except ProcessLostError as error:
        job.log(f"interrupted: {error}")
        os._exit(LOST)  # as if this one had been killed, too: the run is interrupted
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise JobError(needs_memory(training_memory(trainer.run.config).total)) from error
    precomputation.precompute(queue, job.run)  # waits until this process lets go of the run


class _Trainer:
    """One session at one run."""

    def __init__(
        self, job: RunningJob, on_progress: Callable[[Progress], object], worker: Worker
    ) -> None:
        self.job, self.run, self.on_progress, self.worker = job, job.run, on_progress, worker
        self.writer = RunWriter(self.run.folder)
        self._reported = 0.0

    def work(self) -> None:
        """The whole story, top to bottom."""
        # Threads that spin while they wait slow each other down.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        keep_memory()

        with self._process_group() as group:
            self.job.notify("reading the data")
            data = self._data()
            count = self.run.config.info.evaluated
            images, labels = np.array(data.test.images[:count]), data.test.labels[:count]
            self.writer.test_images(images, labels)

            self.job.notify("loading torch")
            compute = self._compute_settings()
            neighbours = self._neighbours(data.train.images, images)
            if neighbours is None:
                return self.job.finish("stopped")
            training = self._training(compute, data.train.images, images, neighbours, group)
            self.job.notify("training", 0.0)
            if not self._fit(training, images):
                return self.job.finish("stopped")

        notes = (self._note_on_processes(), training.outcome)
        self.job.update(note="; ".join(note for note in notes if note))
        self.job.notify("measuring on the test images")
        self._finish(training, data.train.images, images, labels)

    def _process_group(self) -> "contextlib.AbstractContextManager[ProcessGroup | None]":
        """The processes that train this run, if there are several."""
        if self.worker.size == 1:
            return contextlib.nullcontext()
        self.job.notify(f"waiting for {self.worker.size} processes")
        from autoencoder.training.distributed import process_group

        return process_group(self.worker.local_rank)

    def _note_on_processes(self) -> str:
        """What a visitor should know of a run on several processes; nothing of others."""
        if self.worker.size == 1:
            return ""
        config, words = self.run.config, f"trained by {self.worker.size} processes"
        has_own_statistics = (
            config.uses("batch_norm") and config.batch_norm and self.job.task.read().device == "cpu"
        )
        return words + (
            ", each with batch norm's statistics of its own images" if has_own_statistics else ""
        )

    def _data(self) -> Dataset:
        """The run's images, which must be those that it has been trained on so far."""
        config, folder = self.run.config, self.job.settings.data
        everything = loading.load_whole(config, folder, self.job.notify)
        dataset = stored_dataset(config, loading.fingerprint_of(config, everything))
        if self.run.has_checkpoint and (before := self.run.dataset) not in (None, dataset):
            raise DatasetError(
                f"the images of {config.dataset} have changed since this run started: fingerprint"
                f" {dataset.fingerprint} instead of {before.fingerprint}"
            )
        self.writer.dataset(dataset)
        if config.neighbour_space and needs_graph(config, folder):
            self._teacher()  # refused now, and not after the calibration
        return loading.select(config, everything)

    def _finish(
        self, training: "Training", train: np.ndarray, images: np.ndarray, labels: np.ndarray
    ) -> None:
        """Keep the weights and what they are worth; the checkpoint goes when all that is there."""
        from autoencoder.jobs.evaluation import measure

        self.writer.weights(
            training.checkpoint().weights, lambda digest: self.job.update(weights_sha256=digest)
        )
        measure(training.network, self.run.config, train, images, labels, self.writer)
        self.job.finish("finished", took=INTERPRETER + perf_counter() - self.job.began)
        self.writer.drop_checkpoint()

    def _compute_settings(self) -> ComputeSettings:
        """As it computed before, or as is fastest now."""
        import torch

        from autoencoder.jobs.calibration import choose_compute_settings

        config, record = self.run.config, self.job.task.read()
        device = record.device or ("cuda" if torch.cuda.is_available() else "cpu")
        if device != "cpu" and not torch.get_device_module(device).is_available():
            raise JobError(f"device must be one that this machine has; it has no {device}")
        self.job.notify("finding the fastest way to compute")
        compute, predicted = choose_compute_settings(
            TimingStore(self.job.settings.models),
            config,
            record,
            self.job.began,
            device,
            needs_graph=needs_graph(config, self.job.settings.data),
            processes=self.worker.size,
        )
        torch.set_num_threads(compute.threads)
        goes_on = self.run.has_checkpoint
        self.job.update(device=device, **vars(compute), predicted=0.0 if goes_on else predicted)
        if note := self._note_on_processes():
            self.job.update(note=note)
        self.job.log(
            f"{config.key}: {compute.threads} thread(s), {compute.precision}, {compute.layout},"
            f" on {device}"
        )
        return compute

    def _training(
        self,
        compute: ComputeSettings,
        images: np.ndarray,
        test_images: np.ndarray,
        neighbours: Sequence[np.ndarray],
        group: "ProcessGroup | None",
    ) -> "Training":
        """The network where it was left; `neighbours` as from `_neighbours`."""
        from autoencoder.networks import modules
        from autoencoder.training.loop import ALONE, Training

        if group is not None:
            group.agreed(0)  # the others find everything in the folders now
        config, device = self.run.config, self.job.task.read().device
        checkpoint = self.run.checkpoint() if self.run.has_checkpoint else None
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
            neighbours=neighbours,
            group=group or ALONE,
        )
        self.writer.rewind(training.at.epoch - 1)
        return training

    def _neighbours(
        self, images: np.ndarray, test_images: np.ndarray
    ) -> Sequence[np.ndarray] | None:
        """The neighbours of the training and of the test images among themselves, if the objective
        needs them; those of the test images only measure. None if asked to stop meanwhile.

        Raises ConfigError if they have to be found by a teacher that cannot teach.
        """
        config = self.run.config
        if not config.objective_spec.has_neighbours:
            return ()
        graphs, end = [], 1 - len(test_images) / (len(images) + len(test_images))
        parts = ((images, 0.0, end), (test_images, end, 1.0))
        for split, (some, start, stop) in zip(SPLITS, parts, strict=True):
            graph = neighbour_graph(
                some,
                config.neighbours,
                graph_file(config, split, self.job.settings.data),
                encode=self._latents_of_teacher if config.neighbour_space else None,
                notify=part_of(self.job.notify, start, stop),
                is_stopped=lambda: self.job.requested,
            )
            if graph is None:
                return None
            graphs.append(graph)
        return graphs

    def _teacher(self) -> Run:
        """The run among whose latents the neighbours are found. Raises ConfigError."""
        store, stored = RunStore(self.job.settings.models), self.run.dataset
        return teacher_of(self.run.config, store, stored.fingerprint if stored else "")

    def _latents_of_teacher(self, images: np.ndarray) -> np.ndarray:
        return encoder_of(self._teacher())(images)

    def _fit(self, training: "Training", images: np.ndarray) -> bool:
        """Train to the end, True, or until asked to stop, False."""
        from autoencoder.analysis.inspection import dead_units
        from autoencoder.networks import inference

        with contextlib.closing(training.run()) as stream:
            for progress in stream:
                if progress.epoch_done:
                    first = images[:SNAPSHOT_LATENTS]
                    progress = replace(progress, dead_units=dead_units(training.network, first))
                    latents = inference.encode(training.network, first)
                    reconstructions = inference.reconstruct(
                        training.network, images[:SNAPSHOT_IMAGES]
                    )
                    self.writer.epoch(progress, latents, reconstructions, training.checkpoint())
                self._report(progress)
                if self.job.requested:
                    if not progress.epoch_done:
                        self.writer.checkpoint(training.checkpoint())
                    self.job.update(progress=progress)
                    return False
        return True

    def _report(self, progress: Progress) -> None:
        with contextlib.suppress(OSError):  # a terminal that cannot be written is no reason to stop
            self.on_progress(progress)
        if monotonic() - self._reported >= REPORT_INTERVAL or progress.done == 1:
            self.job.update(progress=progress)
            self._reported = monotonic()
