"""Why a job failed, in words that are the same whatever the job was doing."""

import errno
import re

from autoencoder.errors import AutoencoderError
from autoencoder.formatting import byte_size
from autoencoder.runs import TaskState

FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
DISK_FULL = "the disk is full: make room, then try again"
OUT_OF_MEMORY = (
    "there was not enough memory: end other programs, or choose a smaller network or batch"
)
# How libraries say that memory is short where they raise neither MemoryError nor ENOMEM.
MEMORY_WORDS = re.compile(
    r"can't allocate memory|cannot allocate memory|not enough memory|out of memory"
    r"|alloc_cpu\.cpp|failed to map segment|cannot map zero-fill pages|unable to allocate",
    re.IGNORECASE,
)
ASKED = re.compile(r"allocate (\d+(?:\.\d+)?) ?(bytes|[KMGT]iB)", re.IGNORECASE)
UNITS = {"bytes": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}
KILLED = "its process was killed, perhaps because there was not enough memory"


def explain(error: Exception) -> str:
    """One sentence for a state file: what went wrong and, where it is known, what helps."""
    if is_disk_full(error):
        return DISK_FULL
    if isinstance(error, AutoencoderError):
        return str(error)
    if is_out_of_memory(error):
        return _memory_words(error)
    if isinstance(error, OSError) and error.strerror:
        return f"a file cannot be read or written: {error.strerror}"
    return f"unexpected {type(error).__name__}: {str(error)[:300]} (the log has more)"


def is_disk_full(error: BaseException | None) -> bool:
    """Whether that is what the error says, or one of those that it was raised from."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__
    return False


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether that is what the error says, or one of those that it was raised from."""
    while error is not None:
        if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
            return True
        if isinstance(error, OSError) and error.errno == errno.ENOMEM:
            return True
        # Of other kinds of error, the words say it: a library that could not be loaded, an array
        # of torch's that could not be made.
        if isinstance(error, RuntimeError | ImportError | OSError):
            if MEMORY_WORDS.search(str(error)):
                return True
        error = error.__cause__
    return False


def needs_memory(needed: int) -> str:
    """The sentence for work that needs about so many bytes of memory, and did not get them."""
    return f"{OUT_OF_MEMORY}; this one needs about {byte_size(needed)}"


def _memory_words(error: BaseException) -> str:
    """OUT_OF_MEMORY, with how much was asked for where the error says it."""
    if (match := ASKED.search(str(error))) is None:
        return OUT_OF_MEMORY
    asked = byte_size(round(float(match[1]) * UNITS[match[2].lower()]))
    return f"{OUT_OF_MEMORY}; another {asked} could not be had"


def is_expected(error: Exception) -> bool:
    """Whether `explain` says all there is to say, so that the log needs no traceback."""
    return isinstance(error, AutoencoderError | OSError) or is_out_of_memory(error)


def reason(record: TaskState) -> str:
    """Why a task failed or was interrupted: a killed process leaves no words of its own."""
    return record.error or KILLED
