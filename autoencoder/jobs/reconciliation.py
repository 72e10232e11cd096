"""Trainings on an engine: what the folders of runs say and what the engine says, brought together.

The queue writes into a run's folder that it is handed over, and as what job, before the engine
hears of it. From then on rounds of questions see to it: a job that the engine does not know is
submitted, be it new or forgotten with a head node; one that has ended without a word in the run's
folder is a failure. So nothing is lost if this process, the engine or the network between them ends
at any moment, and any number of processes may make rounds: a job has one id, and the engine takes
each id once.

A round is a thread of its own, one at a time in a process: the engine may not answer, and neither a
page nor the queue's lock waits for that.
"""

import contextlib
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError, EngineError, EngineRefusedError, RunError
from autoencoder.jobs.engines import engine_of
from autoencoder.jobs.engines.engine import EXPIRED, STOPPED, WAITING, Engine, EngineJob, JobStatus
from autoencoder.jobs.engines.local import environment
from autoencoder.runs import Run, Task, TaskState
from autoencoder.training.memory import training_memory

if TYPE_CHECKING:
    from autoencoder.jobs.queue import Queue

EVERY = 3.0  # seconds between two rounds, but for what is submitted or cancelled
FRESH = 1.0  # seconds for which an answer is not asked for again
SETTLED = 5.0  # seconds until shared storage must show what a job that ended has written
WATCHED = 15.0  # seconds for which a page's question counts
# Jobs asked for in one round, beside those never asked for: these, too, in a process of the engine,
# which has asked for none when it ends.
MOST = 50
MOST_LOG = 20_000  # letters of a log that are kept, its end
MOST_REASON = 200


@dataclass(frozen=True)
class Answer:
    """What an engine said of a job when it was last asked.

    Attributes:
        status: None if it does not know the job.
        ended: The `monotonic` when it was first said that the job has ended; 0 if it has not.
        log: The end of what the job wrote, if that was asked for.
    """

    status: JobStatus | None
    ended: float = 0.0
    log: str = ""


@dataclass
class Rounds:
    """All that this process knows from one engine about the runs in one folder.

    Attributes:
        answers: Job -> the last answer. Replaced as a whole, so that it can be read at any time.
        problem: Why the engine could not be asked in the last round; empty if it could.
    """

    engine: Engine
    answers: Mapping[str, Answer] = field(default_factory=dict)
    problem: str = ""
    _asked: dict[str, float] = field(default_factory=dict)  # job -> when, whatever came of it
    _watched: dict[str, float] = field(default_factory=dict)  # job -> until when
    _cancelled: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at_work: bool = False
    _again: bool = False
    _ended: float = 0.0

    def watch(self, job_id: str) -> None:
        """A page shows this job: ask for it in the rounds to come."""
        with self._lock:
            self._watched[job_id] = monotonic() + WATCHED

    def cancel(self, job_id: str) -> None:
        """Tell the engine in the next round, and in those after it until it has heard."""
        with self._lock:
            self._cancelled.add(job_id)

    def start(self, queue: "Queue", *, now: bool = False) -> None:
        """Make a round in a thread, if none is at work and it is time for one; `now`: in any case,
        after the one that is at work.
        """
        with self._lock:
            self._again |= now and self._at_work
            is_due = now or not self._ended or monotonic() - self._ended > EVERY
            if self._at_work or not is_due:
                return
            self._at_work = True
        threading.Thread(target=self._work, args=(queue,), name="engine").start()

    def _work(self, queue: "Queue") -> None:
        try:
            while self._at_work:
                with self._lock:
                    self._again = False
                with contextlib.suppress(AutoencoderError, OSError, ValueError):
                    self.make_round(queue)
                with self._lock:
                    self._ended, self._at_work = monotonic(), self._again
        finally:
            self._at_work = False  # whatever went wrong, there will be other rounds

    def make_round(self, queue: "Queue") -> None:
        """Cancel, submit and ask what is due, in this thread. What cannot be done while the engine
        does not answer is done in a later round.
        """
        changes = 0
        try:
            self._cancel_all()
            jobs = {record.engine_job: task for task, record in queue.handed_over()}
            for job_id in self._due(jobs, most_new=MOST if queue.settings.engine_job else None):
                with contextlib.suppress(RunError, OSError, ValueError):  # of that run alone
                    changes += self._bring_together(queue, jobs[job_id], job_id)
            for job_id in self._watched_now() - set(jobs):
                self._ask(job_id)
            self.problem = ""
        except EngineError as error:
            self.problem = str(error)
        if changes:
            queue.tick()  # there may be a place for another one

    def _cancel_all(self) -> None:
        with self._lock:
            cancelled = sorted(self._cancelled)
        for job_id in cancelled:
            self.engine.cancel(job_id)
            with self._lock:
                self._cancelled.discard(job_id)

    def _due(self, jobs: Mapping[str, Task], most_new: int | None) -> list[str]:
        """Those never asked for, at most so many of the last, and those asked for the longest ago.
        Forgets what nobody needs.
        """
        kept = self._watched_now() | set(jobs)
        self.answers = {job: each for job, each in self.answers.items() if job in kept}
        self._asked = {job: when for job, when in self._asked.items() if job in kept}
        new = [job for job in jobs if job not in self._asked]
        old = [
            job for job, when in self._asked.items() if job in jobs and when < monotonic() - FRESH
        ]
        return new[-(most_new or len(jobs)) :] + sorted(old, key=self._asked.__getitem__)[:MOST]

    def _watched_now(self) -> set[str]:
        with self._lock:
            self._watched = {job: end for job, end in self._watched.items() if end > monotonic()}
            return set(self._watched)

    def _ask(self, job_id: str) -> Answer:
        self._asked[job_id] = now = monotonic()
        status, before = self.engine.state(job_id), self.answers.get(job_id)
        ended = (before and before.ended) or now if status and status.has_ended else 0.0
        log = self._log(job_id) if status and job_id in self._watched_now() else ""
        return self._remember(job_id, Answer(status, ended, log))

    def _remember(self, job_id: str, answer: Answer) -> Answer:
        self.answers = {**self.answers, job_id: answer}
        return answer

    def _log(self, job_id: str) -> str:
        """The end of what a job wrote; empty if the engine cannot say, as where its machine is
        gone.
        """
        with contextlib.suppress(EngineError):
            return self.engine.logs(job_id)[-MOST_LOG:]
        return ""

    def _bring_together(self, queue: "Queue", task: Task, job_id: str) -> bool:
        """Do what follows from what the engine says of a run whose folder says that it waits;
        whether that changed the folder.
        """
        answer = self._ask(job_id)
        status, is_settled = answer.status, monotonic() - answer.ended >= SETTLED
        if status is None:
            try:
                self.engine.submit(job_of(queue.settings, Run.read(task.folder), job_id))
            except EngineRefusedError as error:
                return queue.take_back(task, job_id, state="failed", error=str(error))
            self._remember(job_id, Answer(JobStatus(WAITING, "submitted")))
        elif status.state == EXPIRED:
            return queue.take_back(task, job_id, state="queued")
        elif status.state == STOPPED and is_settled:
            return queue.take_back(task, job_id, state="stopped")
        elif status.has_ended and is_settled:
            return queue.take_back(task, job_id, state="failed", error=self._reason(job_id, status))
        return False

    def _reason(self, job_id: str, status: JobStatus) -> str:
        """Why a training that never began has failed, with the last that its process said."""
        lines = (self._log(job_id).strip() or status.message.strip()).splitlines()
        last = lines[-1].strip()[:MOST_REASON] if lines else "it has said nothing"
        return f"{self.engine.title} says {status.word} before the training began: {last}"


@dataclass(frozen=True)
class Needs:
    """What a training needs of a machine: threads of each of its processes, processors, GPUs, and
    bytes of memory.
    """

    threads: int
    cpus: int
    gpus: int
    memory: int


def needs_of(settings: Settings, run: Run) -> Needs:
    """What a run will need: as many threads as it had before, else as the settings say; a GPU if
    it had one; and the memory that is foreseen: all that for each of its processes.
    """
    record = run.record
    processes = max(1, record.processes)
    threads = record.threads or settings.training_cpus
    gpus = int(record.device != "cpu") if record.device else settings.training_gpus
    memory = training_memory(run.config).total
    return Needs(threads, processes * threads, processes * gpus, processes * memory)


def job_of(settings: Settings, run: Run, job_id: str) -> EngineJob:
    """What an engine is asked for to train a run."""
    needs, python = needs_of(settings, run), settings.node_python or sys.executable
    device = [] if needs.gpus else ["--device", "cpu"]
    places = ["--models", str(settings.models), "--data", str(settings.data)]
    command = [python, "-m", "autoencoder", "train", "--run", run.key]
    variables = {
        **environment(),
        "AUTOENCODER_ENGINE": settings.engine,
        "AUTOENCODER_ENGINE_JOB": job_id,
        "AUTOENCODER_MAX_TRAININGS": str(settings.max_trainings),
        "AUTOENCODER_PRECOMPUTE": str(int(settings.precompute)),
        "AUTOENCODER_TRAINING_CPUS": str(settings.training_cpus),
        "AUTOENCODER_TRAINING_GPUS": str(settings.training_gpus),
        "AUTOENCODER_NODE_PYTHON": python,
    }
    return EngineJob(
        job_id,
        [*command, "--threads", str(needs.threads), *device, *places],
        variables,
        needs.cpus,
        needs.gpus,
        needs.memory,
    )


def is_job_of(task: Task, record: TaskState, engine: str) -> bool:
    """Whether the record names a job of that engine which this task can have: a folder that others
    have made may name anything.
    """
    prefix = f"{task.folder.name}-{record.attempt}-"
    return bool(engine) and record.engine == engine and record.engine_job.startswith(prefix)


_rounds: dict[tuple[str, Path], Rounds] = {}
_guard = threading.Lock()


def rounds_of(settings: Settings) -> Rounds | None:
    """This process's rounds for the engine and the folder of the settings; None without an engine.

    Raises ConfigError if there is no such engine.
    """
    engine = engine_of(settings)
    if engine is None:
        return None
    with _guard:
        return _rounds.setdefault((settings.engine, settings.models), Rounds(engine))


@dataclass(frozen=True)
class Report:
    """What a page can say of a run's job.

    Attributes:
        title: What the engine is called.
        answer: None until it was asked.
        problem: Why it could not be asked just now; empty if it could.
    """

    title: str
    answer: Answer | None
    problem: str


def report_of(settings: Settings, run: Run) -> Report | None:
    """What is known of the job of a run, for a page that shows it: the next rounds then ask for
    that job. Waits for nobody. None if the run has no job on the engine of the settings.
    """
    rounds = rounds_of(settings)
    if rounds is None or not is_job_of(Task(run.folder), run.record, settings.engine):
        return None
    rounds.watch(run.record.engine_job)
    answer = rounds.answers.get(run.record.engine_job)
    return Report(rounds.engine.title, answer, rounds.problem)
