"""What an engine is: it runs a command somewhere, says how that is, and can stop it."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

WAITING, RUNNING = "waiting", "running"
SUCCEEDED, FAILED, STOPPED, EXPIRED = "succeeded", "failed", "stopped", "expired"
ENDED = (SUCCEEDED, FAILED, STOPPED, EXPIRED)


@dataclass(frozen=True)
class EngineJob:
    """One attempt to train a run, as an engine is asked for it.

    Attributes:
        id: Its name, which nothing else ever had: letters, digits, "-" and "_".
        command: A program and its arguments.
        environment: Variables that the program needs beside those of the machine; no secrets.
        cpus, gpus: How many it is to have for itself.
        memory: Bytes that it will need, about.
    """

    id: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    cpus: int = 1
    gpus: int = 0
    memory: int = 0

    @property
    def shell_line(self) -> str:
        """The command as a line for `sh`, whose process becomes that of the program."""
        variables = [f"{name}={value}" for name, value in self.environment.items()]
        return shlex.join(["exec", "env", *variables, *self.command])


@dataclass(frozen=True)
class JobStatus:
    """What an engine says of a job.

    Attributes:
        state: WAITING for a place, RUNNING, or one of ENDED. EXPIRED: the engine gave up before it
            began, through no fault of its own, so that it may be submitted again.
        word: The engine's own word for that, such as "PENDING".
        message: What else it says; may be long, may be empty.
    """

    state: str
    word: str
    message: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in ENDED


class Engine(Protocol):
    """Something that runs commands, on this machine or on others.

    Every method may block for some seconds: none is called while a page is drawn, or while the
    queue's lock is held. Each raises EngineError if the engine cannot be asked or does not answer
    sensibly, with one sentence.
    """

    title: ClassVar[str]  # what pages call it

    def __init__(self, address: str) -> None:
        """`address` is what stands in AUTOENCODER_ENGINE after the engine's name and a colon.

        Raises ConfigError if that is no address. Asks nobody.
        """

    def submit(self, job: EngineJob) -> None:
        """Run the job as soon as there is a place for it. Harmless if there is one of that id.

        Raises EngineRefusedError if it will never run this job.
        """

    def state(self, job_id: str) -> JobStatus | None:
        """How a job is; None if the engine does not know it, or has forgotten it."""

    def cancel(self, job_id: str) -> None:
        """Take a job out of the engine's queue, or send SIGTERM to its process and wait for at
        least `stopping.GRACE` seconds before it is killed. Harmless if it has ended or is unknown.
        """

    def logs(self, job_id: str) -> str:
        """What the job has written to its standard output, or the end of it; empty if that is
        unknown.
        """
