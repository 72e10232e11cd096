"""A lab as a job: its task lies beside its report, as labs/E1-digits-quick.state.json and so on."""

from pathlib import Path
from time import perf_counter

from autoencoder.jobs import Queue
from autoencoder.jobs.job import RunningJob
from autoencoder.jobs.lab import FOLDER
from autoencoder.jobs.runner import run_job
from autoencoder.labs.lab import Lab
from autoencoder.labs.scale import Scale
from autoencoder.labs.work import run_lab
from autoencoder.progress import ProgressCallback, ignore
from autoencoder.runs import Task, TaskState


def task_of(models: Path, lab: Lab, scale: Scale) -> Task:
    """The task whose state tells how far the lab is; the queue knows from its name what to do."""
    return Task(models / FOLDER, lab.report_name(scale))


def do(queue: Queue, lab: Lab, scale: Scale, notify: ProgressCallback = ignore) -> TaskState:
    """Do the lab in this process; returns its final state.

    Raises:
        RunBusyError: Another process is at it.
        RunError: The models folder cannot be written.
    """

    def work(job: RunningJob) -> None:
        report = run_lab(queue, lab, scale, job.notify, lambda: job.requested)
        if report is None:
            return job.finish("stopped")
        job.finish("finished", share=1.0, took=perf_counter() - job.began)

    return run_job(queue, task_of(queue.settings.models, lab, scale), notify, work)
