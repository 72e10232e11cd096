"""One run on several processes, as torchrun starts them: how it is killed, gone on with, stopped,
and what is refused.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder import system
from autoencoder.api import train
from autoencoder.cli.main import REFUSED, STOPPED, main
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError, JobError
from autoencoder.jobs import Queue, torchrun
from autoencoder.jobs.training import train_run
from autoencoder.runs import Run, Task
from tests.support.configs import LONG, TINY
from tests.support.places import ROOT
from tests.support.queues import claimed, here, stop_at
from tests.support.waiting import wait_until

TOGETHER = replace(LONG, objective="denoising", dropout=0.1)
several_cores = pytest.mark.skipif(system.cores() < 2, reason="two processes need two cores")


@contextmanager
def training(queue: Queue, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """A command line that trains, ended at the end with all that it has started."""
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    child = subprocess.Popen(
        [sys.executable, "-m", "autoencoder", "train", *places, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "AUTOENCODER_PRECOMPUTE": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        for pid in [child.pid, *workers(child.pid)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        child.communicate()


def workers(pid: int) -> list[int]:
    """The processes that a process has started and that are still there."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_gone(pid: int) -> bool:
    """Whether there is no such process."""
    return not Path(f"/proc/{pid}").exists()


def is_fitting(run: Run, command: int) -> bool:
    """Whether a process of that command is at work on it and has done an epoch."""
    record = run.record
    is_at_work = record.pid in workers(command) and record.step == "training"
    return is_at_work and record.progress is not None and record.progress.epoch > 1


@pytest.mark.slow
@several_cores
def test_a_killed_process_interrupts_the_run_which_goes_on_on_as_many(queue: Queue) -> None:
    """When one of two processes is killed, the run is interrupted within ten seconds, and no
    process is left. Continued by its key alone, as a page does it, the run has two processes again;
    Ctrl-C ends them with exit 130, and the run is stopped with a checkpoint, which does not go on
    on another number.
    """
    key = TOGETHER.key
    task = claimed(queue, TOGETHER)
    with training(queue, "--run", key, "--processes", "2") as child:
        wait_until(lambda: is_fitting(queue.store.get(key), child.pid))
        pids = workers(child.pid)
        os.kill(next(pid for pid in pids if pid != task.read().pid), signal.SIGKILL)
        wait_until(lambda: queue.store.get(key).state == "interrupted", timeout=10)
        _, said = child.communicate(timeout=10)

    assert (len(pids), [pid for pid in pids if not is_gone(pid)]) == (2, [])
    assert (child.returncode, task.read().processes) == (1, 2)
    assert said == f"autoencoder: {key} interrupted: continue it with train --run {key}\n"

    with training(queue, "--run", key) as child:
        wait_until(lambda: is_fitting(queue.store.get(key), child.pid))
        pids = workers(child.pid)
        os.killpg(child.pid, signal.SIGINT)  # what a terminal does
        out, said = child.communicate(timeout=30)
    run = queue.store.get(key)

    assert (child.returncode, out.splitlines()[-1]) == (STOPPED, key)
    assert said == f"autoencoder: {key} stopped: continue it with train --run {key}\n"
    assert (run.state, run.record.processes, run.has_checkpoint) == ("stopped", 2, True)
    assert run.record.note == (
        "trained by 2 processes, each with batch norm's statistics of its own images"
    )
    assert len(pids) == 2 and all(map(is_gone, pids))
    with pytest.raises(JobError, match=f"processes must be 2 for {key}.*; got 1"):
        train_run(queue, key)
    assert queue.store.get(key).state == "stopped"


@pytest.mark.slow
@several_cores
def test_torchrun_itself_may_start_a_training(queue: Queue, tmp_path: Path) -> None:
    """By the command that an engine calls. Both processes end with 0, the run is finished, and what
    is printed is printed once.
    """
    claimed(queue, TINY)
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    argv = torchrun.command(["train", "--run", TINY.key, "--no-precompute", *places], 2)
    argv[3:3] = ["--log-dir", str(tmp_path / "log")]  # else torchrun leaves a folder in /tmp
    environment = torchrun.child_environment()
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60)
    run = queue.store.get(TINY.key)

    assert (done.returncode, run.state, run.record.processes) == (0, "finished", 2), done.stderr
    assert done.stdout.count(TINY.key + "\n") == 1 and done.stdout.endswith(TINY.key + "\n")


def test_another_number_of_processes_is_refused_where_there_is_a_checkpoint(
    queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run of one process that was stopped goes on on one; the sentence names both numbers."""
    claimed(queue, LONG)
    here(queue, LONG, on_progress=stop_at(1))
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    status = main(["train", "--run", LONG.key, "--processes", "2", *places])

    assert status == REFUSED
    assert capsys.readouterr().err == (
        f"autoencoder: processes must be 1 for {LONG.key}, which goes on from a checkpoint with the"
        " random state of each process; got 2\n"
    )


@pytest.mark.parametrize(
    ("processes", "batch_size", "rule"),
    [
        (-1, 32, "processes must be at least 1; got -1"),
        (17, 32, "processes must be at most 16, half of batch_size, .*; got 17"),
        (999, 2_000, "processes must be at most .* of this machine; got 999"),
    ],
)
def test_too_many_processes_are_refused(
    processes: int, batch_size: int, rule: str, tmp_path: Path
) -> None:
    """One sentence names the limit of the machine or of the batch, before there is a run."""
    config = RunConfig(dataset="mnist", batch_size=batch_size)
    with pytest.raises(ConfigError, match=rule):
        train(config, str(tmp_path / "models"), processes=processes)

    assert not (tmp_path / "models").exists()


def test_processes_that_need_too_much_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each process holds the libraries, the images and the network."""
    monkeypatch.setattr(system, "memory_limit", lambda: 1 << 30)
    monkeypatch.setattr(system, "cores", lambda: 8)

    torchrun.require_processes(1, TINY)
    with pytest.raises(ConfigError, match=r"processes must be fewer than 2, .* 1\.07 GB"):
        torchrun.require_processes(2, TINY, "cpu")


@pytest.mark.parametrize("value", ["0", "-2", "two"])
def test_what_is_no_number_of_processes_is_refused(
    value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last line names the flag, the rule and what was given."""
    with pytest.raises(SystemExit) as ended:
        main(["train", f"--processes={value}"])

    last = capsys.readouterr().err.splitlines()[-1]
    assert ended.value.code == REFUSED
    assert "argument --processes: must be" in last and value in last


def test_the_name_of_a_run_does_not_depend_on_its_processes(queue: Queue) -> None:
    """The number stands in the run's state, where it is 1 for runs that never said one."""
    claimed(queue, TINY)
    record = Task(queue.store.folder / TINY.key).read()

    assert record.processes == 1
    assert "processes" not in TINY.to_dict()


def test_the_command_is_torchruns_where_there_are_several(queue: Queue) -> None:
    """One process runs the package by itself; several are torchrun's business, with the same
    arguments after a --.
    """
    arguments = ["train", "--run", TINY.key]

    assert torchrun.command(arguments) == [sys.executable, "-m", "autoencoder", *arguments]
    assert torchrun.command(arguments, 2) == [
        *(sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "--"),
        *("autoencoder", *arguments),
    ]


def test_a_child_of_a_worker_is_no_worker() -> None:
    """What torchrun says to its processes is not passed on; all else is."""
    inside = {"TORCHELASTIC_RUN_ID": "x", "RANK": "1", "WORLD_SIZE": "2", "PATH": "/bin"}

    assert torchrun.outside(inside) == {"PATH": "/bin"}
    assert torchrun.outside({"RANK": "1"}) == {"RANK": "1"}  # another launcher's
