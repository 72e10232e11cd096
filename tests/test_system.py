"""Locks and processes, with real processes on the other side."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from autoencoder import system
from autoencoder.system import NICENESS, FileLock, is_locked
from tests.support.places import ROOT
from tests.support.waiting import wait_until

START = (
    "import os, signal, sys; from pathlib import Path; from autoencoder.system import *; path ="
    " Path(sys.argv[1])\n"
)
HOLD = "print(FileLock(path).acquire(), flush=True); sys.stdin.read()"


@contextmanager
def python(code: str, path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process in its own session that runs `code` on `path`; killed at the end, with all it
    started.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", START + code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def said(code: str, path: Path) -> str:
    """What a process that runs `code` prints."""
    with python(code, path) as process:
        return process.communicate(timeout=60)[0].strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a lock file that does not exist yet."""
    return tmp_path / "lock"


def test_another_process_s_lock_is_seen_while_it_lives(path):
    """A lock counts as long as its holder lives, and not a moment after it was killed."""
    with python(HOLD, path) as holder:
        assert holder.stdout.readline() == "True\n"
        assert is_locked(path)
        assert not FileLock(path).acquire()

        holder.kill()
        holder.wait()
        assert path.exists()
        assert not is_locked(path)
        assert FileLock(path).acquire()


def test_a_lock_is_waited_for(path):
    """Whoever has patience gets the lock when its holder ends."""
    with python(HOLD, path) as holder:
        assert holder.stdout.readline() == "True\n"
        threading.Timer(0.2, holder.kill).start()

        assert FileLock(path).acquire(timeout=60)


def test_looking_at_one_s_own_lock_does_not_drop_it(path):
    """A process that holds a lock may ask whether it is locked, and try to take it again, and still
    holds it.
    """
    lock = FileLock(path)
    assert lock.acquire()

    assert is_locked(path)
    assert not FileLock(path).acquire()
    assert said("print(is_locked(path), FileLock(path).acquire())", path) == "True False"

    lock.release()
    lock.release()
    assert not is_locked(path)
    assert said("print(is_locked(path), FileLock(path).acquire())", path) == "False True"


def test_of_many_threads_one_gets_the_lock(tmp_path):
    """Threads of one process exclude each other as processes do."""
    for attempt in range(20):
        barrier, got = threading.Barrier(16), []

        def take(path=tmp_path / f"lock{attempt}", barrier=barrier, got=got):
            lock = FileLock(path)
            barrier.wait()
            if lock.acquire():
                got.append(lock)

        threads = [threading.Thread(target=take) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(got) == 1


def test_a_lock_dies_with_its_process_not_with_the_workers_it_forked(path):
    """A worker forked by the holder does not keep the lock."""
    fork = (
        "held = FileLock(path).acquire(); worker = os.fork() or signal.pause(); print(held, worker,"
        " flush=True); signal.pause()"
    )
    with python(fork, path) as holder:
        held, worker = holder.stdout.readline().split()
        assert held == "True" and is_locked(path)

        holder.kill()
        holder.wait()
        os.kill(int(worker), 0)  # is still there
        assert not is_locked(path)


def test_looking_creates_and_follows_nothing(path):
    """A lock that does not exist is free and stays so; a link in its place is not followed."""
    assert not is_locked(path)
    assert not path.exists()

    path.symlink_to(path.with_name("elsewhere"))
    assert not is_locked(path)
    with pytest.raises(OSError):
        FileLock(path).acquire()
    assert not path.with_name("elsewhere").exists()


def test_a_spawned_process_outlives_its_parent(tmp_path):
    """It leads its own session, is nice, has no input, appends to its log, and goes on when its
    parent's group is killed.
    """
    log, go = tmp_path / "log.txt", tmp_path / "go"
    log.write_text("before\n")
    child = (
        "import os, sys, time\nprint(os.getsid(0) == os.getpid(), repr(sys.stdin.read()),"
        f" os.environ['WORD'], flush=True)\nwhile not os.path.exists({str(go)!r}):"
        " time.sleep(0.01)\nprint(os.getpriority(os.PRIO_PROCESS, 0), file=sys.stderr)"
    )
    spawn = (
        f"print(spawn([sys.executable, '-c', {child!r}], path, {{'WORD': 'given'}}).pid,"
        " flush=True); sys.stdin.read()"
    )
    with python(spawn, log) as parent:
        parent.stdout.readline()
        wait_until(lambda: len(log.read_text().splitlines()) == 2)
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()
    go.touch()

    wait_until(lambda: log.read_text().splitlines() == ["before", "True '' given", str(NICENESS)])


def test_a_process_can_end_itself_and_all_it_started(path):
    """kill_own_group takes a worker along that would run for ever."""
    worker = "os.fork() or (FileLock(path).acquire(timeout=60), signal.pause())\n"
    with python(worker + "while not is_locked(path): pass\nkill_own_group()", path) as leader:
        assert leader.wait(timeout=60) == -signal.SIGKILL
        wait_until(lambda: not is_locked(path))


def test_threads_and_memory_are_counted():
    """A training leaves a core to the pages where there are several; memory is in bytes."""
    block = bytearray(64 << 20)

    assert system.training_threads() == max(1, system.cores() - 1)
    assert system.peak_memory() > len(block)


def test_a_thread_waits_for_the_lock_of_another(tmp_path: Path) -> None:
    """A timeout counts among threads as it does among processes."""
    from autoencoder.system import FileLock

    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    got: list[bool] = []
    waiting = threading.Thread(target=lambda: got.append(second.acquire(30)))
    waiting.start()
    time.sleep(0.05)
    first.release()
    waiting.join()

    assert got == [True]
    second.release()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator")
def test_freed_memory_is_kept_for_what_comes_next() -> None:
    """Blocks as large as a layer's gradients cost fresh pages every time they are made anew, until
    the memory is kept.
    """
    code = (
        "import resource\n"
        "from autoencoder.system import keep_memory\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(20):\n"
        "        block = [bytearray(40_000_000) for _ in range(2)]\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "fresh = faults()\n"
        "keep_memory()\n"
        "faults()\n"
        "print(fresh, faults())\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    fresh, kept = map(int, told.split())

    assert kept < fresh / 10
