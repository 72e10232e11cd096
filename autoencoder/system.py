"""All that differs between operating systems: file locks, processes, cores, memory.

Locks are the kernel's (POSIX record locks, `lockf`): they vanish with the process that holds them,
whatever kills it, and forked workers do not inherit them. They belong to the process, and closing
*any* handle of the file drops them; so a process never opens a lock file it holds, and `_held`
remembers which those are. The Windows half was never run: there, no process has limits.
"""

import contextlib
import ctypes
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

WINDOWS = sys.platform == "win32"
if WINDOWS:
    import msvcrt
else:
    import fcntl

NICENESS = 10  # of detached processes, so that pages stay quick beside them
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of glibc's mallopt
KEPT = 1 << 30  # bytes: larger blocks, or more than that free at the end, go back to the system
POLL = 0.02  # seconds between two tries for a lock
PR_SET_PDEATHSIG = 1  # of Linux's prctl
WILL_NEED = 3  # of POSIX's madvise
UNLIMITED = 1 << 60  # bytes: what control groups of version 1 say where there is no limit
_held: set[str] = set()
_guard = threading.Lock()  # of `_held` and of opening lock files, among the threads of this process
_children: list[subprocess.Popen[bytes]] = []


class FileLock:
    """An exclusive lock on a file, held until released or until the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self, timeout: float = 0.0) -> bool:
        """Try for `timeout` seconds; True if this object now holds the lock.

        Raises OSError if the file cannot be opened.
        """
        deadline = time.monotonic() + timeout
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL)
        return True

    def _try(self) -> bool:
        with _guard:
            # If another thread holds it, the kernel would give us the lock, too, and take it from
            # both when we close our handle.
            if self._name in _held:
                return False
            handle = os.open(
                self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644
            )
            if not _try_lock(handle, exclusive=True):
                os.close(handle)
                return False
            self._handle = handle
            _held.add(self._name)
            return True

    def release(self) -> None:
        """Give the lock back; harmless if it is not held."""
        if self._handle is not None:
            with _guard:
                os.close(self._handle)
                _held.discard(self._name)
                self._handle = None

    @property
    def _name(self) -> str:
        return str(self.path.absolute())


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock on `path`. A missing file is not locked."""
    with _guard:
        if str(path.absolute()) in _held:
            return True
        try:
            handle = os.open(
                path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            )
        except OSError:
            return False
        try:
            return not _try_lock(handle, exclusive=False)
        finally:
            os.close(handle)


def _try_lock(handle: int, *, exclusive: bool) -> bool:
    try:
        if WINDOWS:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            fcntl.lockf(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def spawn(
    argv: Sequence[str], log: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that outlives this one, in a session of its own and with low priority.

    Its output is appended to `log`; it gets no input.
    """
    _children[:] = [
        child for child in _children if child.poll() is None
    ]  # lets go of those that ended
    options: dict[str, object] = {"start_new_session": True}
    if WINDOWS:
        # CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS
        options = {"creationflags": 0x00000200 | 0x00000008}
    with _log(log) as output:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            close_fds=True,
            **options,
        )  # type: ignore[call-overload]
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)
    _children.append(child)
    return child


def _log(path: Path) -> BinaryIO:
    """`path`, to append to; the null device if it is no regular file or cannot be written."""
    flags = (
        os.O_WRONLY
        | os.O_APPEND
        | os.O_CREAT
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
    )
    with contextlib.suppress(OSError):
        output = os.fdopen(os.open(path, flags, 0o644), "ab")
        if stat.S_ISREG(os.fstat(output.fileno()).st_mode):
            return output
        output.close()
    return Path(os.devnull).open("ab")


def write_output_to(log: Path) -> None:
    """From now on append what this process and its children write, output and errors, to `log`."""
    sys.stdout.flush()
    sys.stderr.flush()
    with _log(log) as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)


@dataclass(frozen=True)
class Ended:
    """A process that has ended.

    Attributes:
        output: What it wrote to its standard output, or the beginning of it.
        stopped_by: "cpu" or "time" if it reached that limit (see `limit_process`), "crash" if
            something else killed it, "" if it ended by itself.
    """

    output: bytes
    stopped_by: str


def run_limited(
    argv: Sequence[str],
    content: bytes,
    environment: Mapping[str, str],
    folder: Path,
    *,
    seconds: float,
    most: int,
) -> Ended:
    """Run a process in `folder` on `content` as its standard input, and wait for its end.

    It is to limit itself first of all (`limit_process`). Here it is killed after `seconds`, and
    when it has written more than `most` bytes, of which `most` + 1 are returned.

    Raises:
        OSError: It cannot be started.
    """
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=dict(environment),
        cwd=folder,
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        try:
            with contextlib.suppress(OSError):  # it may end before it has read everything
                child.stdin.write(content)
            with contextlib.suppress(OSError):
                child.stdin.close()
            output = child.stdout.read(most + 1)
            if len(output) <= most:
                child.wait()
            return Ended(output, _stopped_by(child.poll() or 0))
        finally:
            timer.cancel()
            child.kill()  # harmless if it has ended


def _stopped_by(status: int) -> str:
    """What limit ended a process, by its exit status: minus the number of a signal."""
    if WINDOWS or status >= 0:
        return ""
    limits = {signal.SIGXCPU: "cpu", signal.SIGALRM: "time", signal.SIGKILL: "time"}
    return {int(number): limit for number, limit in limits.items()}.get(-status, "crash")


def limit_process(*, memory: int, cpu_seconds: int = 0, seconds: float = 0.0) -> None:
    """Let the kernel end this process when it has used so many seconds of a processor in all, or
    when `seconds` have passed (0: no such limit); and refuse it more than `memory` bytes beside
    what it has now. It also ends with the thread that started it, takes a low priority, and leaves
    no core dump.

    Windows has none of this, and macOS no limit of memory: neither was tried.
    """
    if WINDOWS:
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if cpu_seconds:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    if seconds:
        signal.setitimer(signal.ITIMER_REAL, seconds)
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if address_space := _address_space():
        most = address_space + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def allow_cpu_seconds(seconds: int) -> None:
    """Let the kernel end this process when it has used so many seconds of a processor, and up to
    one more, from now on; a second call begins anew. Windows has no such limit.
    """
    if WINDOWS:
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    end = int(time.process_time()) + 1 + seconds
    if hard == resource.RLIM_INFINITY or end <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (end, hard))


def _address_space() -> int:
    """Bytes of addresses that this process uses; 0 where that cannot be known."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def memory_limit() -> int:
    """Bytes of memory that a process of this machine may use at most: the least of the machine's
    memory, what its control group allows, and the limit on a process's addresses. 0 if nothing of
    that can be known, as on Windows.
    """
    limits = [_physical_memory(), *_control_group_limits(), _address_limit()]
    return min((limit for limit in limits if 0 < limit < UNLIMITED), default=0)


def _physical_memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def _control_group_limits(
    root: Path = Path("/sys/fs/cgroup"), membership: Path = Path("/proc/self/cgroup")
) -> list[int]:
    """What the control groups of this process allow, of versions 2 and 1, those above included.

    A container sees its own group as the root.
    """
    files = [root / "memory.max", root / "memory" / "memory.limit_in_bytes"]
    with contextlib.suppress(OSError, ValueError):
        for line in membership.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            groups = [group for group in (Path(path), *Path(path).parents) if group.name]
            if not controllers:  # version 2
                files += [root / str(group).strip("/") / "memory.max" for group in groups]
            elif "memory" in controllers.split(","):
                folders = [root / "memory" / str(group).strip("/") for group in groups]
                files += [folder / "memory.limit_in_bytes" for folder in folders]
    return [limit for path in files if (limit := _number_in(path))]


def _number_in(path: Path) -> int:
    """The whole number that a file holds; 0 if it holds none."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0


def _address_limit() -> int:
    if WINDOWS:
        return 0
    import resource

    return max(0, resource.getrlimit(resource.RLIMIT_AS)[0])  # -1 is no limit


def kill_own_group() -> None:
    """End this process and all it started, at once. The caller leads its group (see `spawn`)."""
    if not WINDOWS and os.getsid(0) == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(130)


def end_with_parent() -> None:
    """Let the kernel send SIGTERM when the process that has started this one ends. Only Linux has
    this.
    """
    prctl = None if WINDOWS else getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def signals_as_bytes() -> BinaryIO:
    """A file in which each signal that has a handler becomes a byte at once, whatever the main
    thread is doing; reading it does not wait. Only for the main thread, once per process.
    """
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return os.fdopen(reading, "rb", buffering=0)


def end_after_signal(seconds: float) -> None:
    """SIGTERM and Ctrl-C end this process only so many seconds later, but then whatever it is
    doing. Call it before there are other threads; not for Windows.
    """
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # in threads that start later, too

    def wait() -> None:
        signal.sigwait(signals)
        time.sleep(seconds)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


def cores() -> int:
    """Processor cores this process may use."""
    with contextlib.suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def training_threads() -> int:
    """Threads of a training where the fastest number is not tried out, as in labs: one fewer than
    there are cores, at least one.
    """
    return max(1, cores() - 1)


def peak_memory() -> int:
    """Largest resident memory of this process so far, in bytes; 0 where it cannot be known."""
    if WINDOWS:
        return 0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def keep_memory() -> None:
    """Let this process keep the memory it frees, for large arrays that are made at every step.

    Without it the system would have to give new pages each time. This sets options of glibc's
    allocator; on other systems it does nothing.
    """
    mallopt = None if WINDOWS else getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, KEPT)
        mallopt(M_TRIM_THRESHOLD, KEPT)


def read_ahead(address: int, starts: Iterable[int], size: int) -> None:
    """Ask the system to read parts of a memory-mapped file that are needed in a moment, all at
    once, instead of each when it is touched. Where that cannot be asked, it does nothing.

    `address` is where the mapped array begins; each part has `size` bytes, from one of `starts`
    on, in bytes after that.
    """
    madvise = None if WINDOWS else getattr(ctypes.CDLL(None), "madvise", None)
    if madvise is None:
        return
    page = os.sysconf("SC_PAGESIZE")
    for start in starts:
        first = address + start
        aligned = first - first % page
        madvise(
            ctypes.c_void_p(aligned),
            ctypes.c_size_t(first + size - aligned),
            ctypes.c_int(WILL_NEED),
        )
