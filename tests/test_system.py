"""Locks and processes, with real processes on the other side."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
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
    """A training whose threads are not tried out leaves a core to the pages where there are
    several; memory is in bytes.
    """
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


# ---- Processes with limits ----

LIMITED = """
import os, sys, threading, time
from autoencoder import system
system.limit_process(cpu_seconds=1, memory=50_000_000, seconds={seconds})
{code}
"""
ENDS = {
    "answers": ("sys.stdout.write(sys.stdin.read() * 2)", b"someinputsomeinput", ""),
    "answers too much": ("sys.stdout.write('x' * 10_000_000)", b"x" * 1_001, None),
    "computes for ever": ("while True: pass", b"", "cpu"),
    "sleeps": ("sys.stdout.write('first'); sys.stdout.flush(); time.sleep(600)", b"first", "time"),
    "reads nothing": ("sys.stdin.close(); print('done', end='')", b"done", ""),
    "dies": ("os.abort()", b"", "crash"),
    "takes too much memory": (
        "try: bytearray(60_000_000)\nexcept MemoryError: print('refused', end='')",
        b"refused",
        "",
    ),
    "takes little memory": ("bytearray(30_000_000); print('had', end='')", b"had", ""),
    "has low priority": ("print(os.nice(0) >= system.NICENESS, end='')", b"True", ""),
}


def run(code: str, content: bytes = b"someinput", **options: float) -> system.Ended:
    """How a process that limits itself ends."""
    code = LIMITED.format(code=code, seconds=options.get("alarm", 60.0))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-c", code]
    seconds = options.get("seconds", 60.0)
    return system.run_limited(argv, content, environment, ROOT, seconds=seconds, most=1_000)


@pytest.mark.parametrize(("code", "output", "stopped_by"), ENDS.values(), ids=ENDS)
def test_a_limited_process_ends_as_it_must(
    code: str, output: bytes, stopped_by: str | None
) -> None:
    """It answers, or its limit ends it; what it wrote until then is kept, up to the most that is
    read.
    """
    ended = run(code, alarm=1.0 if stopped_by == "time" else 60.0)

    assert ended.output == output
    assert stopped_by in (None, ended.stopped_by)


def test_a_process_that_never_limits_itself_is_killed() -> None:
    """The one that waits for it looks at the clock, too."""
    ended = run(
        "import signal; signal.setitimer(signal.ITIMER_REAL, 0); time.sleep(600)", seconds=1
    )

    assert ended == system.Ended(b"", "time")


def test_more_input_than_a_process_reads_does_no_harm() -> None:
    """A process that ends at once leaves megabytes unread."""
    assert run("os._exit(3)", b"x" * 5_000_000) == system.Ended(b"", "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux's prctl")
def test_a_limited_process_ends_with_the_one_that_waits(tmp_path: Path) -> None:
    """Killed by SIGKILL, it leaves no child behind."""
    child = LIMITED.format(
        seconds=600.0, code="print(os.getpid(), file=open(sys.argv[1], 'w')); time.sleep(600)"
    )
    code = (
        "run_limited([sys.executable, '-c', sys.argv[2], sys.argv[1]], b'', os.environ,"
        " Path.cwd(), seconds=600, most=1)"
    )
    path = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", START + code, str(path), child], cwd=ROOT)
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
    parent.kill()
    parent.wait()

    wait_until(lambda: not is_alive(int(path.read_text())))


def is_alive(pid: int) -> bool:
    """Whether there is such a process that has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


# ---- How much memory there is ----


def test_the_least_limit_of_memory_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine, its control groups, the process: what none of them says is 0."""
    monkeypatch.setattr(system, "_physical_memory", lambda: 8_000)
    monkeypatch.setattr(system, "_control_group_limits", lambda: [9_000, 2**63 - 4096])
    monkeypatch.setattr(system, "_address_limit", lambda: 0)
    assert system.memory_limit() == 8_000

    monkeypatch.setattr(system, "_control_group_limits", lambda: [9_000, 7_000])
    assert system.memory_limit() == 7_000
    monkeypatch.setattr(system, "_address_limit", lambda: 6_000)
    assert system.memory_limit() == 6_000

    for name in ("_physical_memory", "_address_limit"):
        monkeypatch.setattr(system, name, lambda: 0)
    monkeypatch.setattr(system, "_control_group_limits", list)
    assert system.memory_limit() == 0


GROUPS = {
    "version 2": ("0::/a/b\n", {"a/b/memory.max": "500", "memory.max": "max"}, [500]),
    "above, version 2": ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": "400"}, [400]),
    "version 1": ("4:cpu,memory:/a\n0::/\n", {"memory/a/memory.limit_in_bytes": "300"}, [300]),
    "container": ("0::/\n", {"memory.max": "200"}, [200]),
    "none": ("nonsense", {}, []),
}


@pytest.mark.parametrize(("membership", "files", "limits"), GROUPS.values(), ids=GROUPS)
def test_the_limits_of_control_groups_are_read(
    membership: str, files: dict[str, str], limits: list[int], tmp_path: Path
) -> None:
    """Of both versions, in the process's own group and in those above it."""
    (tmp_path / "cgroup").write_text(membership)
    for name, text in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(text)

    assert system._control_group_limits(tmp_path / "fs", tmp_path / "cgroup") == limits


def test_parts_of_a_file_are_read_ahead(tmp_path: Path) -> None:
    """What was asked for comes into memory without being touched, and nothing beside it; parts that
    begin and end within a page do, too.
    """
    path, page = tmp_path / "array", os.sysconf("SC_PAGESIZE")
    path.write_bytes(bytes(2_000 * page))
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    array = np.memmap(path, np.uint8, "r")

    def in_memory(number: int) -> bool:
        state = ctypes.c_ubyte()
        begin = ctypes.c_void_p(array.ctypes.data + number * page)
        assert ctypes.CDLL(None).mincore(begin, ctypes.c_size_t(page), ctypes.byref(state)) == 0
        return bool(state.value & 1)

    if any(in_memory(number) for number in (10, 1_000, 1_001)):
        pytest.skip("this file system keeps its files in memory")
    system.read_ahead(array.ctypes.data, [1_001 * page - 100], 200)

    wait_until(lambda: in_memory(1_000) and in_memory(1_001))
    assert not in_memory(10)
