"""Where a run is trained: engine, node and job, its log as it grows, and what the engine says
where that does not fit what the run's folder says.
"""

import streamlit as st

from autoencoder.formatting import byte_size
from autoencoder.jobs.engines.engine import RUNNING, WAITING
from autoencoder.jobs.reconciliation import Report, needs_of, report_of
from autoencoder.runs import Run
from autoencoder.ui.shared.machines import machine
from autoencoder.ui.shared.shell import queue
from autoencoder.ui.shared.text import literal

LOG_BYTES = 8_000  # of the end of a log
LOG_LINES = 40
UNKNOWN, ENDED = "unknown", "ended"
# The state of the run as its folder says it, and the job's as the engine says it -> what that
# means. Where nothing stands the two agree.
REMARKS = {
    ("queued", WAITING): "{engine} has the job in its queue, until a machine has {needs} to spare.",
    ("queued", RUNNING): "{engine} has started the job; its process is still loading.",
    ("queued", UNKNOWN): "{engine} does not know the job and gets it again.",
    ("queued", ENDED): "{engine} says {word}, but the training has not begun. {message}",
    ("running", WAITING): "{engine} says {word}, but a process holds the run's lock and trains it.",
    ("running", UNKNOWN): (
        "{engine} does not know the job, perhaps because its head node was started again. A process"
        " holds the run's lock and trains it all the same."
    ),
    ("running", ENDED): (
        "{engine} says {word}, but a process holds the run's lock and trains it. {message}"
    ),
    ("interrupted", WAITING): "{engine} says {word}. If you continue the run, it gets a new job.",
    ("interrupted", RUNNING): (
        "{engine} says {word}, but no process holds the run's lock: its machine may have lost the"
        " shared folder. If you continue the run, this job is cancelled first."
    ),
    ("interrupted", UNKNOWN): (
        "{engine} does not know the job, perhaps because its head node was started again."
    ),
    ("interrupted", ENDED): "{engine} says {word}. {message}",
    ("stopped", WAITING): (
        "{engine} still has the job in its queue. When its turn comes it ends at once."
    ),
    ("stopped", RUNNING): "{engine} says {word}: the process is about to end.",
    ("failed", ENDED): "{engine} says {word}. {message}",
}


def machine_lines(run: Run) -> None:
    """Where the run is trained, and what the engine says of it beside what the folder says."""
    report = _report(run)
    words = literal(remark(run, report, _needs(run)), 600) if report else ""
    is_as_usual = run.state == "queued" and report is not None and not report.problem
    lines = [_where(run), words if is_as_usual else ""]
    if any(lines):
        st.caption("  \n".join(filter(None, lines)))
    if words and not is_as_usual:
        st.info(words, icon=":material/dns:")


def log_lines(run: Run) -> None:
    """The end of the run's log, or of what its job has written where there is none."""
    report = _report(run)
    log = run.log(LOG_BYTES) or (report.answer.log if report and report.answer else "")
    if lines := log.strip().splitlines():
        with st.expander("Log", icon=":material/notes:"):
            st.code("\n".join(lines[-LOG_LINES:]), language=None, wrap_lines=True)


def may_change(run: Run) -> bool:
    """Whether the page of a run will say something else soon: while it lives, and until the engine
    was asked about one that has ended.
    """
    report = _report(run)
    return run.is_live or (report is not None and report.answer is None and not report.problem)


def _report(run: Run) -> Report | None:
    """What the engine says of a run's job; a run that is finished needs no engine any more."""
    return None if run.state == "finished" else report_of(queue().settings, run)


def _needs(run: Run) -> str:
    """Such as "1 processor and 0.95 GB of memory"."""
    needs = needs_of(queue().settings, run)
    processors = f"{needs.cpus} processor" + "s" * (needs.cpus > 1)
    gpus = f", {needs.gpus} GPU" + "s" * (needs.gpus > 1) if needs.gpus else ""
    return f"{processors}{gpus} and {byte_size(needs.memory)} of memory"


def _where(run: Run) -> str:
    """Engine, node and job; of a training on this machine its process, while it lives."""
    record = run.record
    if record.engine_job:
        address = record.engine.partition(":")[2]
        parts = [machine(record), address, f"job {record.engine_job}"]
        return " · ".join(literal(part, 200) for part in parts)
    if run.state == "running" and record.node:
        return f"Machine {literal(record.node)} · process {record.pid}"
    return ""


def remark(run: Run, report: Report, needs: str) -> str:
    """What the engine says, in a sentence; empty if it says what the folder says. `needs`: of a
    machine.
    """
    if report.problem:
        return f"{report.problem}. What this page shows is what the run's folder says."
    if report.answer is None:
        return ""
    status = report.answer.status
    state = UNKNOWN if status is None else ENDED if status.has_ended else status.state
    message = status.message.partition("\n")[0].rstrip(". ") if status else ""
    return (
        REMARKS.get((run.state, state), "")
        .format(
            engine=report.title,
            needs=needs,
            word=status.word if status else "",
            message=f"{message}." if message else "",
        )
        .strip()
    )
