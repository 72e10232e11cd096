"""Why a job failed, in words that are the same whatever the job was doing."""

import errno

from autoencoder.errors import AutoencoderError
from autoencoder.runs import TaskState

FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
DISK_FULL = "the disk is full: make room, then try again"
OUT_OF_MEMORY = (
    "there was not enough memory: end other programs, or choose a smaller network or batch"
)
KILLED = "its process was killed, perhaps because there was not enough memory"


def explain(error: Exception) -> str:
    """One sentence for a state file: what went wrong and, where it is known, what helps."""
    if is_disk_full(error):
        return DISK_FULL
    if isinstance(error, AutoencoderError):
        return str(error)
    if isinstance(error, MemoryError):
        return OUT_OF_MEMORY
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


def is_expected(error: Exception) -> bool:
    """Whether `explain` says all there is to say, so that the log needs no traceback."""
    return isinstance(error, AutoencoderError | MemoryError | OSError)


def reason(record: TaskState) -> str:
    """Why a task failed or was interrupted: a killed process leaves no words of its own."""
    return record.error or KILLED
