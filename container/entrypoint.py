"""Process 1 of the container: starts the dashboard, and lets trainings end well when it is stopped.

Trainings are processes in sessions of their own. Whatever stops a container sends SIGTERM to its
first process only, waits some seconds, and kills the rest. tini and Docker's own init hand the
signal on to their one child, and end with it. This process reaps what ends, as they do, and more:

- It sends SIGTERM to every process and waits for all of them: trainings write a checkpoint.
- It writes down which runs were training: they go on when the container starts again.
- A models folder that is empty gets the runs that come with the image.

Only the standard library: this process stays for as long as the container does.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "models"
MODELS = Path(os.environ.get("AUTOENCODER_MODELS") or "/models")
STOPPED_RUNS = ".stopped-with-the-container"  # in the models folder: keys, one in a line
QUEUE_LOCK = ".queue.lock"  # in the models folder, of autoencoder/jobs/queue.py
DASHBOARD = "streamlit"
GRACE = 25.0  # seconds from SIGTERM to the end, unless whatever stops the container has fewer
LOCK_TIMEOUT = 0.5  # seconds
POLL = 0.05  # seconds
PR_SET_CHILD_SUBREAPER = 36  # of Linux's prctl
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


def main(command: Sequence[str]) -> int:
    """Run `command` until it ends or this process is asked to; returns its exit status."""
    adopt_orphans()
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    fill(MODELS, SHIPPED)
    child = start(command)
    if Path(command[0]).name == DASHBOARD:
        start([sys.executable, "-m", "container.resume", *take_stopped_runs(MODELS)])
    return wait_for_end(child)


def adopt_orphans() -> None:
    """Become the parent of processes whose parent has ended, even where this is not process 1."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def fill(models: Path, shipped: Path) -> None:
    """Copy the runs that come with the image into a models folder that holds nothing yet."""
    try:
        models.mkdir(parents=True, exist_ok=True)
        if {path.name for path in models.iterdir()} <= {"lost+found"}:
            shutil.copytree(shipped, models, dirs_exist_ok=True, copy_function=shutil.copyfile)
    except OSError as error:
        say(f"{models} cannot be written by user {os.getuid()}: {error}")


def start(command: Sequence[str]) -> int:
    """Start a process, which gets its signals as usual; returns its id."""
    return os.posix_spawnp(command[0], command, os.environ, setsigmask=())


def wait_for_end(child: int) -> int:
    """Until `child` has ended or a signal asks for the end; then end all others, too. Returns the
    exit status of `child`.
    """
    while True:
        number = signal.sigwait(SIGNALS)
        statuses = reap()
        if number != signal.SIGCHLD or child in statuses:
            statuses |= end_all(MODELS)
            return statuses.get(child, 128 + signal.SIGKILL)


def reap() -> dict[int, int]:
    """Process id -> exit status of every child that has ended."""
    statuses: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                break
            code = os.waitstatus_to_exitcode(status)
            statuses[process] = code if code >= 0 else 128 - code
    return statuses


def end_all(models: Path) -> dict[int, int]:
    """Send SIGTERM to all processes below this one, and wait for them; returns what `reap` does.

    Meanwhile nobody can start what waits in the queue: it is to wait for the next start.
    """
    statuses: dict[int, int] = {}
    asked: set[int] = set()
    deadline = time.monotonic() + GRACE
    with queue_locked(models):
        keep_stopped_runs(models)
        while (running := descendants()) and time.monotonic() < deadline:
            for process in running - asked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)
            asked |= running
            time.sleep(POLL)
            statuses |= reap()
    return statuses


@contextlib.contextmanager
def queue_locked(models: Path) -> Iterator[None]:
    """Hold the queue's lock, if it can be had soon."""
    deadline = time.monotonic() + LOCK_TIMEOUT
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            file = stack.enter_context((models / QUEUE_LOCK).open("a"))
            while time.monotonic() < deadline:
                with contextlib.suppress(BlockingIOError):
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(POLL)
        yield


def descendants() -> set[int]:
    """The ids of all processes below this one, with those that are not reaped yet; for process 1
    all that there are, with what came from outside (`docker exec`) and has no parent here.
    """
    parents = {int(path.name): parent_of(path) for path in Path("/proc").glob("[0-9]*")}
    this = os.getpid()
    below = {this, 0} if this == 1 else {this}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {this, 0}


def parent_of(process: Path) -> int:
    """The parent of a process, by its folder in /proc; 0 if it has none here, -1 if it is gone."""
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return -1


def keep_stopped_runs(models: Path) -> None:
    """Write down which runs are training now."""
    keys = sorted({key for process in descendants() if (key := trained_by(process))})
    try:
        if keys:
            (models / STOPPED_RUNS).write_text("\n".join(keys))
            say(f"stopping while these train: {', '.join(keys)}")
    except OSError as error:
        say(f"these will not go on by themselves: {', '.join(keys)}: {error}")


def trained_by(process: int) -> str:
    """The key of the run that a process trains, by its command line; "" if it trains none."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_text().split("\0")
        return words[words.index("--run") + 1] if "train" in words else ""
    except (OSError, ValueError, IndexError):
        return ""


def take_stopped_runs(models: Path) -> list[str]:
    """The keys that `keep_stopped_runs` wrote down, which are forgotten."""
    try:
        keys = (models / STOPPED_RUNS).read_text().split()
        (models / STOPPED_RUNS).unlink()
    except OSError:
        return []
    return keys


def say(sentence: str) -> None:
    """Into the container's log."""
    print(f"container: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
